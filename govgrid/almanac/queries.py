"""What a notice hits, counted by street, and a year as its twelve months."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.access import EVERYWHERE, Actor
from govgrid.cases.queries.due_times import Due, count_unseen, due_moved
from govgrid.grid.models import Area, Level
from govgrid.meetings.models import Meeting
from govgrid.meetings.queries.rest_days import count_hit, hit_meetings
from govgrid.meetings.rules import days as days_of
from govgrid.workdays import Calendar, DayKind, Turned
from govgrid.workdays.rules import runs, span

NEAR = timedelta(days=20)  # a make-up working day lies no further from its festival


@dataclass(frozen=True, slots=True)
class Hit:
    """How much a notice hits: open meetings by street, cases whose due time moves."""

    streets: list[tuple[str, int]]
    due: list[Due]

    @property
    def meetings(self) -> int:
        return sum(number for _name, number in self.streets)

    @property
    def earlier(self) -> int:
        """Count the cases that are due earlier than before."""
        return sum(due.after < due.before for due in self.due)


def hit_by(db: Session, turned: Iterable[Turned], after: Calendar, today: date) -> Hit:
    """Return what days that change their kind hit, in numbers only."""
    turned = list(turned)
    lost = {one.day: one.name for one in turned if one.lost and one.day >= today}
    return Hit(_by_street(db, lost), due_moved(db, turned, after))


def _by_street(db: Session, days: Mapping[date, str]) -> list[tuple[str, int]]:
    hit = hit_meetings((EVERYWHERE,), days).order_by(None)
    rows = db.execute(hit.with_only_columns(Area.path, func.count(Meeting.id)).group_by(Area.path))
    counts: Counter[str] = Counter()
    for path, number in rows:
        counts[path.rstrip("/").rpartition("/")[0] + "/"] += number
    named = select(Area.path, Area.name).where(
        Area.level == Level.STREET, Area.path.in_(counts), Area.closed_on.is_(None)
    )
    names: dict[str, str] = dict(db.execute(named).all())
    return [(names.get(path, path), counts[path]) for path in sorted(counts)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be dealt with where the actor serves."""

    meetings: int
    cases: int


def waiting(db: Session, actor: Actor, days: Mapping[date, str]) -> Waiting:
    """Count open meetings on those rest days, and moved due times that nobody has seen."""
    return Waiting(count_hit(db, actor, days), count_unseen(db, actor))


@dataclass(frozen=True, slots=True)
class Day:
    """A day in a month's table; `inside` tells whether it is of that month."""

    day: date
    kind: DayKind
    name: str
    inside: bool


def months(calendar: Calendar, year: int) -> list[tuple[date, list[list[Day]]]]:
    """Return each month's first day with its weeks from Monday on."""
    return [(first, _weeks(calendar, first)) for first in (date(year, m, 1) for m in range(1, 13))]


def _weeks(calendar: Calendar, month: date) -> list[list[Day]]:
    last = list(days_of(month))[-1]
    first = month - timedelta(days=month.weekday())
    shown = span(first, last + timedelta(days=7 - last.weekday()))
    found = [Day(d, calendar.kind(d), calendar.name(d), d.month == month.month) for d in shown]
    return [found[n : n + 7] for n in range(0, len(found), 7)]


@dataclass(frozen=True, slots=True)
class Festival:
    """Rest days in a row with their festivals, and the days worked in exchange."""

    names: list[str]
    first: date
    last: date
    made_up: list[date]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def festivals(calendar: Calendar, year: int) -> list[Festival]:
    """Return the year's rest days in rows, each with the days worked in exchange for it."""
    days = list(span(date(year, 1, 1), date(year + 1, 1, 1)))
    worked = [day for day in days if calendar.kind(day) is DayKind.MAKEUP]
    rows = runs(day for day in days if calendar.kind(day) is DayKind.HOLIDAY)
    return [_festival(calendar, since, until, worked) for since, until in rows]


def _festival(calendar: Calendar, since: date, until: date, worked: list[date]) -> Festival:
    names = list(dict.fromkeys(calendar.name(day) for day in span(since, until)))
    near = set(span(since - NEAR, until + NEAR))
    made_up = [day for day in worked if day in near and calendar.name(day) in names]
    return Festival(names, since, until - timedelta(days=1), made_up)
