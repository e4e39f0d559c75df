"""Supervision steps of an area's month, as far as they were decided by then."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.cases.models import SupervisionStep, Verdict
from govgrid.cases.queries import month_span, supervision_for_unit
from govgrid.grid.models import Area, Level
from govgrid.grid.queries.realm import held_by


def steps_confirmed(
    db: Session, month: date, area: Area, *, as_of: datetime
) -> list[SupervisionStep]:
    """Return the confirmed steps by area and company.

    Of a community: what the offices above confirmed in the month against companies at work there.
    """
    if area.level is Level.COMMUNITY:
        start, end = month_span(month)
        found = supervision_for_unit(db, area.id, None, start, end)
        return [step for step in found if step.decided_at and step.decided_at <= as_of]
    rows = (
        select(SupervisionStep)
        .join(SupervisionStep.area)
        .where(
            held_by(area),
            SupervisionStep.month == month,
            SupervisionStep.stage == Verdict.CONFIRMED,
            SupervisionStep.decided_at <= as_of,
        )
        .options(contains_eager(SupervisionStep.area), joinedload(SupervisionStep.company))
    )
    return sorted(db.scalars(rows), key=lambda step: (step.area.path, step.company.name))


def count_proposed(db: Session, month: date, area: Area, *, as_of: datetime) -> int:
    """Return how many steps were proposed by then and not decided."""
    rows = (
        select(func.count(SupervisionStep.id))
        .join(SupervisionStep.area)
        .where(held_by(area), SupervisionStep.month == month, SupervisionStep.as_of <= as_of)
        .where((SupervisionStep.stage == Verdict.PROPOSED) | (SupervisionStep.decided_at > as_of))
    )
    return db.scalar(rows) or 0
