"""Which open cases' due times call for letters now, found by the indexes of open cases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from govgrid.cases.models import Case, CaseCall, DueKind, Stage
from govgrid.cases.rules import Leads
from govgrid.grid.models import Compound

MOST = 500  # a turn of the worker; the rest waits for the next

Due = tuple[int, DueKind, Stage]


def runs(due: DueKind) -> tuple[InstrumentedAttribute[Any], ColumnElement[bool]]:
    """Return the due time, and the condition that its clock still runs, as the indexes have it."""
    unclosed = Case.closed_at.is_(None)
    if due is DueKind.REPLY:
        return Case.reply_due, and_(Case.replied_at.is_(None), unclosed)
    if due is DueKind.ON_SITE:
        promised = Case.on_site_due.is_not(None)
        return Case.on_site_due, and_(promised, Case.on_site_at.is_(None), unclosed)
    return Case.close_due, unclosed


def open_cases() -> Select[str]:
    """Select what letters about open cases are filed under."""
    filed = literal("case:") + cast(Case.id, String)
    return select(filed).where(Case.closed_at.is_(None))


def calls_due(db: Session, leads: Leads, *, at: datetime) -> list[Due]:
    """Return whose people are to be told now, each with due time and stage."""
    found: list[Due] = []
    for due in DueKind:
        for stage in Stage:
            rows = select(Case.id).where(_called(leads, due, stage, at=at))
            column, _open = runs(due)
            ids = db.scalars(rows.order_by(column).limit(MOST))
            found += [(number, due, stage) for number in ids]
    return found


def case_called(
    db: Session, leads: Leads, number: int, due: DueKind, stage: Stage, *, at: datetime
) -> Case | None:
    """Return the case with its areas if its people are still to be told."""
    compound = joinedload(Case.compound)
    return db.scalar(
        select(Case)
        .where(Case.id == number, _called(leads, due, stage, at=at))
        .options(
            compound.joinedload(Compound.community),
            compound.joinedload(Compound.grid),
            compound.joinedload(Compound.company),
        )
    )


def _called(leads: Leads, due: DueKind, stage: Stage, *, at: datetime) -> ColumnElement[bool]:
    column, still = runs(due)
    after, until = leads.window(due, stage, at=at)
    told = select(CaseCall.case_id).where(
        CaseCall.case_id == Case.id, CaseCall.due == due, CaseCall.stage == stage
    )
    return and_(still, column > after, column <= until, ~told.exists())


def calls_of(db: Session, case: Case) -> Sequence[CaseCall]:
    """Return of which due times people were told."""
    return db.scalars(
        select(CaseCall).where(CaseCall.case_id == case.id).order_by(CaseCall.at)
    ).all()
