"""A series of months: the day on which each is looked at, and what its coverage was."""

from dataclasses import dataclass
from datetime import date, timedelta

from govgrid.oldcompounds.rules.periods import Tally

MONTHS = 60


@dataclass(frozen=True, slots=True)
class Month:
    """A month by its first day, the day it was counted on, and the coverage on that day."""

    first: date
    on: date
    tally: Tally


def sample_days(as_of: date, count: int = MONTHS) -> list[tuple[date, date]]:
    """Return so many months up to that day's: first day, and the last day, `as_of` in the last."""
    last = as_of.year * 12 + as_of.month - 1
    firsts = [date(n // 12, n % 12 + 1, 1) for n in range(last - count + 1, last + 2)]
    ends = [after - timedelta(1) for after in firsts[1:-1]]
    return list(zip(firsts[:-1], [*ends, as_of], strict=True))
