"""Which days a notice turns from one kind into another, and on which a meeting cannot stay."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from govgrid.workdays.calendar import Calendar, DayKind


@dataclass(frozen=True, slots=True)
class Turned:
    """A day that changed its kind, and the festival it belongs to now or belonged to."""

    day: date
    was: DayKind
    now: DayKind
    name: str = ""

    @property
    def lost(self) -> bool:
        """Tell whether a meeting that could be held on the day no longer can.

        An ordinary weekend day may be allowed for a unit, a decreed rest day never.
        """
        return self.now is DayKind.HOLIDAY or (self.was.works and not self.now.works)

    @property
    def clock(self) -> bool:
        """Tell whether the service clock runs otherwise on the day."""
        return self.was.works is not self.now.works


def turned(before: Calendar, after: Calendar, year: int) -> list[Turned]:
    """Return the days on which two calendars differ where a notice of that year can reach."""
    return [
        Turned(day, was, now, after.name(day) or before.name(day))
        for day in reach(year)
        if (was := before.kind(day)) is not (now := after.kind(day))
    ]


def reach(year: int) -> Iterator[date]:
    """Yield the days of which a year's notice can speak: the December before belongs to it."""
    return span(date(year - 1, 12, 1), date(year + 1, 1, 1))


def span(since: date, until: date) -> Iterator[date]:
    """Yield the days of [since, until)."""
    return (since + timedelta(days=n) for n in range((until - since).days))


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Return the days as stretches [first, after the last), in order."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        after = day + timedelta(days=1)
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], after)
        else:
            found.append((day, after))
    return found
