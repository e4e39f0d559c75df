"""What a joint meeting hears: the unit's troubled cases, the worst first, each with the reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from govgrid.cases.models import Case
from govgrid.cases.queries import standing
from govgrid.cases.rules import Reason
from govgrid.grid.models import Compound


@dataclass(frozen=True, slots=True)
class Heard:
    """A case to be heard, its compound loaded, and why."""

    case: Case
    reason: Reason


def cases_for_unit(
    db: Session,
    community_id: int,
    compound_id: int | None,
    since: datetime,
    until: datetime,
    *,
    at: datetime | None = None,
    offset: int = 0,
    limit: int = 100,
) -> list[Heard]:
    """Return the cases of a compound, or of a whole community, that a meeting should hear.

    Those still open, and those received or closed in [since, until) that went wrong; judged as
    they stand `at` (now; the end of the period where it is not given).
    """
    at = min(at or until, until)
    rank = _rank(at)
    rows = db.execute(
        select(Case, rank)
        .join(Case.compound)
        .where(_troubled(community_id, compound_id, since, until, at))
        .options(contains_eager(Case.compound))
        .order_by(rank, Case.received_at, Case.id)
        .offset(offset)
        .limit(limit)
    )
    reasons = list(Reason)
    return [Heard(found, reasons[place]) for found, place in rows]


def count_for_unit(
    db: Session,
    community_id: int,
    compound_id: int | None,
    since: datetime,
    until: datetime,
    *,
    at: datetime,
) -> int:
    """Return how many cases `cases_for_unit` would return without a limit."""
    where = _troubled(community_id, compound_id, since, until, min(at, until))
    found = select(func.count(Case.id)).select_from(Case).join(Case.compound).where(where)
    return db.scalar(found) or 0


def _troubled(
    community_id: int, compound_id: int | None, since: datetime, until: datetime, at: datetime
) -> ColumnElement[bool]:
    unit = Case.compound_id == compound_id if compound_id else Compound.community_id == community_id
    lately = or_(standing.still_open(at), Case.received_at >= since, Case.closed_at >= since)
    return and_(unit, Case.received_at < until, lately, _rank(at) < len(Reason))


def _rank(at: datetime) -> ColumnElement[int]:
    conditions = {
        Reason.OVERDUE: standing.overdue(at),
        Reason.DISSATISFIED: standing.dissatisfied(at),
        Reason.OPEN: standing.still_open(at),
        Reason.CLOSED_LATE: standing.closed_late(at),
        Reason.REPLIED_LATE: standing.replied_late(at),
    }
    return case(
        *((conditions[reason], place) for place, reason in enumerate(Reason)), else_=len(Reason)
    )
