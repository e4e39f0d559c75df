"""What a unit's meeting can be shown: its troubled cases, rates, showcases and supervision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from govgrid.cases.models import Case, SupervisionStep
from govgrid.cases.queries import cases_for_unit, count_for_unit, supervision_for_unit
from govgrid.cases.queries.four_rates import numbers, received_in
from govgrid.cases.rules import Counts
from govgrid.clock import HERE
from govgrid.grid.models import Compound
from govgrid.meetings.models import AgendaPoint, Meeting
from govgrid.meetings.queries.availability import last_held
from govgrid.meetings.rules import last_month, month_span
from govgrid.meetings.rules.hearing import Ranked, ranked
from govgrid.showcase.queries import CompoundShowcase, showcase_for_unit


@dataclass(frozen=True, slots=True)
class TwoMonths:
    """A unit's counts of a month (its first day) and of the month before."""

    month: date
    now: Counts
    before: Counts


def since_last(db: Session, meeting: Meeting) -> datetime:
    """Return when the unit's last meeting began; without one, the first moment of last month."""
    before = last_held(db, meeting.unit_id, meeting.start)
    return before.start if before else month_span(last_month(meeting.month))[0]


def candidates(
    db: Session,
    meeting: Meeting,
    since: datetime,
    *,
    at: datetime,
    offset: int = 0,
    limit: int = 50,
) -> list[Ranked]:
    """Return one stretch of the cases to be heard, the worst first."""
    place = meeting.unit.community_id, meeting.unit.compound_id
    at = min(at, meeting.start)
    found = cases_for_unit(db, *place, since, meeting.start, at=at, offset=offset, limit=limit)
    return ranked((one.case for one in found), at)


def count_candidates(db: Session, meeting: Meeting, since: datetime, *, at: datetime) -> int:
    """Count them."""
    place = meeting.unit.community_id, meeting.unit.compound_id
    return count_for_unit(db, *place, since, meeting.start, at=min(at, meeting.start))


def two_months(db: Session, meeting: Meeting, *, at: datetime) -> TwoMonths:
    """Return the counts of the month before the meeting's, and of the one before that."""
    month = last_month(meeting.month)
    return TwoMonths(
        month, _counts(db, meeting, month, at), _counts(db, meeting, last_month(month), at)
    )


def _counts(db: Session, meeting: Meeting, month: date, at: datetime) -> Counts:
    counted = select(*numbers(at)).select_from(Case).join(Case.compound)
    of_unit = _in_unit(meeting)
    row = db.execute(counted.where(received_in(month), Case.received_at <= at, of_unit)).one()
    return Counts(*map(int, row))


def _in_unit(meeting: Meeting) -> ColumnElement[bool]:
    compound = meeting.unit.compound_id
    if compound is not None:
        return Case.compound_id == compound
    return Compound.community_id == meeting.community_id


def showcases(db: Session, meeting: Meeting, *, at: datetime) -> list[CompoundShowcase]:
    """Return how the unit's compounds published the period that ended before the meeting's month."""
    day = min(at, meeting.start).astimezone(HERE).date()
    return showcase_for_unit(db, compounds_of(db, meeting), last_month(meeting.month), on=day)


def compounds_of(db: Session, meeting: Meeting) -> Sequence[int]:
    """Return the ids of the unit's compounds."""
    if meeting.unit.compound_id is not None:
        return [meeting.unit.compound_id]
    found = select(Compound.id).where(Compound.community_id == meeting.community_id)
    return db.scalars(found.order_by(Compound.code)).all()


def steps(db: Session, meeting: Meeting, since: datetime, *, at: datetime) -> list[SupervisionStep]:
    """Return what was confirmed since then against companies that serve the unit."""
    unit = meeting.unit
    until = min(at, meeting.start)
    return supervision_for_unit(db, unit.community_id, unit.compound_id, since, until)


def steps_raised(db: Session, points: Sequence[AgendaPoint]) -> dict[int, SupervisionStep]:
    """Return the steps that the points raise, by id, with area and company."""
    numbers_ = [point.step_id for point in points if point.step_id is not None]
    found = select(SupervisionStep).where(and_(SupervisionStep.id.in_(numbers_)))
    rows = found.options(joinedload(SupervisionStep.area), joinedload(SupervisionStep.company))
    return {step.id: step for step in db.scalars(rows)}
