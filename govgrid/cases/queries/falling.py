"""Companies whose rates fall two months running: for those who watch what they manage."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_
from sqlalchemy.orm import Session

from govgrid.cases.queries.four_rates import counted, received_in
from govgrid.cases.rules import PARTS, Counts, share
from govgrid.grid.models import Compound
from govgrid.workdays import local_day

LEAST = 10  # cases in each month: of fewer one case more or less is no trend
MARGIN = 0.05  # so much must be lost in the two months


@dataclass(frozen=True, slots=True)
class Falling:
    """The mean of a company's rates three months back and in the last whole month."""

    before: float
    now: float
    month: date


def falling_companies(
    db: Session, company_ids: Collection[int], at: datetime
) -> dict[int, Falling]:
    """Return, by id, those of the companies whose mean rate fell in each of the last two months."""
    if not company_ids:
        return {}
    months = _last_months(local_day(at))
    means: dict[int, list[float | None]] = defaultdict(list)
    for month in months:
        where = and_(received_in(month), Compound.company_id.in_(company_ids))
        found = dict(counted(db, where, at, Compound.company_id))
        for company in company_ids:
            means[company].append(_mean(found.get(company, Counts())))
    return {
        company: Falling(first, last, months[-1])
        for company, (first, middle, last) in means.items()
        if first is not None and middle is not None and last is not None
        if first > middle > last and first - last >= MARGIN
    }


def _last_months(on: date) -> list[date]:
    """Return the first days of the last three whole months."""
    found = [on.replace(day=1)]
    for _ in range(3):
        found.append((found[-1] - timedelta(1)).replace(day=1))
    return found[:0:-1]


def _mean(counts: Counts) -> float | None:
    if counts.received < LEAST:
        return None
    pairs = ((getattr(counts, part), getattr(counts, whole)) for part, whole in PARTS.values())
    shares = [found for part, whole in pairs if (found := share(part, whole)) is not None]
    return sum(shares) / len(shares) if shares else None
