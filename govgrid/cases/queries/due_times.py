"""Cases whose reply due time a notice moves or has moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import Actor, Power, under
from govgrid.cases.models import Case, DueChange
from govgrid.cases.queries.terms import terms
from govgrid.clock import HERE
from govgrid.grid.models import Area, Compound
from govgrid.workdays import Calendar, Turned
from govgrid.workdays.rules import runs


@dataclass(frozen=True, slots=True)
class Due:
    """A case's reply due time before and after."""

    case_id: int
    number: str
    before: datetime
    after: datetime


def due_moved(db: Session, days: Iterable[Turned], calendar: Calendar) -> list[Due]:
    """Return the cases received on those days whose due time is not the calendar's."""
    hold = terms(db, calendar, ())
    spans = runs(one.day for one in days if one.clock)
    rows = db.execute(
        select(
            Case.id, Case.number, Case.received_at, Case.reply_due, Case.promised_reply, Area.path
        )
        .join(Case.compound)
        .join(Compound.community)
        .where(or_(false(), *(_received(since, until) for since, until in spans)))
        .order_by(Case.received_at, Case.id)
    )
    return [
        Due(number_, number, before, after)
        for number_, number, received, before, promised, path in rows
        if (after := hold.reply_due(received, path, promised)) != before
    ]


def _received(since: date, until: date) -> ColumnElement[bool]:
    first, end = (datetime.combine(day, time(), HERE) for day in (since, until))
    return and_(Case.received_at >= first, Case.received_at < end)


def unseen(actor: Actor, power: Power = Power.SEE) -> Select[DueChange]:
    """Select the moved due times that nobody has dealt with, where the actor has the power."""
    return (
        select(DueChange)
        .join(DueChange.case)
        .join(Case.compound)
        .join(Compound.community)
        .where(DueChange.seen_at.is_(None), under(Area.path, actor.paths(power)))
    )


def unseen_page(db: Session, actor: Actor, *, offset: int = 0, limit: int = 50) -> list[DueChange]:
    """Return one page of them, each with case, compound and community; the last first."""
    return list(
        db.scalars(
            unseen(actor)
            .order_by(Case.received_at.desc(), DueChange.id)
            .offset(offset)
            .limit(limit)
            .options(
                contains_eager(DueChange.case)
                .contains_eager(Case.compound)
                .contains_eager(Compound.community)
            )
        )
    )


def count_unseen(db: Session, actor: Actor, power: Power = Power.SEE) -> int:
    """Count them."""
    return db.scalar(unseen(actor, power).with_only_columns(func.count(DueChange.id))) or 0
