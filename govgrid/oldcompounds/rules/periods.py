"""Who manages a compound on a day, and the coverage rates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from govgrid.oldcompounds.models import Mode

SOON = timedelta(days=90)  # an agreement that ends within this time is to be renewed now
DAY = timedelta(days=1)


class Period(Protocol):
    """A stretch of a compound's history; `until` is the last covered day."""

    @property
    def mode(self) -> Mode: ...
    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


def covers(period: Period, day: date) -> bool:
    """Tell whether the period holds on that day: its last day counts, the next one does not."""
    return period.since <= day and (period.until is None or day <= period.until)


def overlap(one: Period, other: Period) -> bool:
    """Tell whether two periods share a day."""
    first, second = sorted((one, other), key=lambda period: period.since)
    return first.until is None or second.since <= first.until


def period_on(history: Iterable[Period], day: date) -> Period | None:
    """Return the period that holds on that day."""
    return next((period for period in history if covers(period, day)), None)


def mode_on(history: Iterable[Period], day: date) -> Mode:
    """Return who manages on that day: nobody where no period holds."""
    period = period_on(history, day)
    return period.mode if period else Mode.NONE


def uncovered_since(history: Iterable[Period], day: date) -> date | None:
    """Return the first day of the uncovered time that includes `day`.

    None where that day is covered, and where nothing recorded tells when it began.
    """
    past = [period for period in history if period.since <= day]
    if mode_on(past, day) is not Mode.NONE:
        return None
    ends = [p.until for p in past if p.mode is not Mode.NONE and p.until is not None]
    if ends:
        return max(ends) + DAY
    return min((period.since for period in past), default=None)


def ends_soon(until: date | None, day: date) -> bool:
    """Tell whether a running period ends within the next 90 days."""
    return until is not None and day <= until <= day + SOON


@dataclass(frozen=True, slots=True)
class Share:
    """One measure (compounds, households or square metres) divided by mode."""

    by_mode: Mapping[Mode, float] = field(default_factory=dict)

    def of(self, mode: Mode) -> float:
        """Return the part in that mode."""
        return self.by_mode.get(mode, 0)

    @property
    def total(self) -> float:
        return sum(self.by_mode.values())

    @property
    def managed(self) -> float:
        """Return the part in any mode but none."""
        return sum(part for mode, part in self.by_mode.items() if mode is not Mode.NONE)

    @property
    def professional_rate(self) -> float | None:
        """Return 专业物业覆盖率, 0 to 1; None where there is nothing to divide by."""
        return self.of(Mode.PROFESSIONAL) / self.total if self.total else None

    @property
    def management_rate(self) -> float | None:
        """Return 管理全覆盖率, 0 to 1; None where there is nothing to divide by."""
        return self.managed / self.total if self.total else None

    def json(self) -> dict[str, float | None]:
        """Return the measure in the form of the coverage answer."""
        return {
            "total": _tidy(self.total),
            **{mode.value: _tidy(self.of(mode)) for mode in Mode},
            "professional_rate": self.professional_rate,
            "management_rate": self.management_rate,
        }


def _tidy(number: float) -> float:
    return number if isinstance(number, int) else round(number, 6)


@dataclass(frozen=True, slots=True)
class Tally:
    """An area's coverage by compounds, by households and by square metres of floor area.

    An unknown household count or floor area adds 0.
    """

    compounds: Share = field(default_factory=Share)
    households: Share = field(default_factory=Share)
    floor_area: Share = field(default_factory=Share)
