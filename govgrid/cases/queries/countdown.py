"""Open cases by the due time they run towards: those still in time first, or those past it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from sqlalchemy import ColumnElement, Select, func
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import Actor
from govgrid.cases.models import Case, DueKind
from govgrid.cases.queries.calls import runs
from govgrid.cases.queries.four_rates import in_area
from govgrid.cases.queries.lists import seen
from govgrid.cases.rules import CLOCKS, MINUTE, next_due
from govgrid.grid.models import Area, Compound


@dataclass(frozen=True, slots=True)
class Running:
    """Which open cases: of an area (None: all that the actor sees), in time or past it."""

    area: Area | None
    over: bool


def running(
    db: Session, actor: Actor, wanted: Running, *, at: datetime, offset: int, limit: int
) -> list[Case]:
    """Return one stretch of the open cases, the nearest due time first.

    Each due time has an index of its own; the two orders are merged.
    """
    rows = [
        db.scalars(
            _found(db, actor, wanted, due, at)
            .options(contains_eager(Case.compound).contains_eager(Compound.community))
            .order_by(runs(due)[0].desc() if wanted.over else runs(due)[0])
            .limit(offset + limit)
        )
        for due in CLOCKS
    ]
    both = merge(*rows, key=lambda case: next_due(case)[1], reverse=wanted.over)
    return list(both)[offset : offset + limit]


def count_running(db: Session, actor: Actor, wanted: Running, *, at: datetime) -> int:
    """Return how many they are."""
    found = (_found(db, actor, wanted, due, at) for due in CLOCKS)
    return sum(db.scalar(one.with_only_columns(func.count(Case.id))) or 0 for one in found)


def count_pressing(db: Session, actor: Actor, within: timedelta, *, at: datetime) -> int:
    """Return how many open cases come due within that time."""
    found = (
        _found(db, actor, Running(None, over=False), due, at).where(runs(due)[0] <= at + within)
        for due in CLOCKS
    )
    return sum(db.scalar(one.with_only_columns(func.count(Case.id))) or 0 for one in found)


def _found(db: Session, actor: Actor, wanted: Running, due: DueKind, at: datetime) -> Select[Case]:
    found = seen(db, actor).where(_runs_alone(due), _on_side(due, at, over=wanted.over))
    return found if wanted.area is None else found.where(in_area(wanted.area))


def _runs_alone(due: DueKind) -> ColumnElement[bool]:
    """Hold for the cases that run towards this due time: a case has one at a time."""
    _column, still = runs(due)
    return still if due is DueKind.REPLY else still & Case.replied_at.is_not(None)


def _on_side(due: DueKind, at: datetime, *, over: bool) -> ColumnElement[bool]:
    column, _still = runs(due)
    return column <= at - MINUTE if over else column > at - MINUTE
