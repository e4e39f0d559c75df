"""The month under a plan: its days, moments as minutes, and how far rooms lie apart."""

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from govgrid.clock import HERE
from govgrid.meetings.planning.instance import DAY, Day, HalfDay, Part, Span, Travel, Venue
from govgrid.meetings.queries.engaged import Away, Room
from govgrid.meetings.rules import days as days_of_month
from govgrid.workdays import Calendar, DayKind

KM = 111.195  # of a degree on a sphere of 6,371 km
ROUND = 5
EVERY_HALF = tuple(HalfDay(dow, part) for dow in range(1, 8) for part in Part)


class Ground:
    """One month by one calendar; minute 0 is midnight of its first day in China."""

    def __init__(self, month: date, calendar: Calendar) -> None:
        self.month, self.calendar = month, calendar
        self.midnight = datetime(month.year, month.month, 1, tzinfo=HERE)
        self.dates = list(days_of_month(month))
        self.kinds = [calendar.kind(day) for day in self.dates]
        self.days = tuple(
            Day(day, day.isoweekday(), kind.works)
            for day, kind in zip(self.dates, self.kinds, strict=True)
        )
        self.end = len(self.days) * DAY

    def minute(self, when: datetime) -> int:
        """Return the minute of the month that a moment falls into."""
        return int((when - self.midnight).total_seconds() // 60)

    def moment(self, minute: int) -> datetime:
        """Return the moment of a minute."""
        return self.midnight + timedelta(minutes=minute)

    def span(self, start: datetime, end: datetime) -> Span:
        """Return the minutes of the month that a time touches."""
        last = -int((self.midnight - end).total_seconds() // 60)
        return Span(max(0, self.minute(start)), min(self.end, last))

    def spans(self, away: Iterable[Away]) -> list[Span]:
        """Return times away as minutes; what lies outside the month is left out."""
        found = (self.span(one.start, one.end) for one in away)
        return [span for span in found if span.start < span.end]

    def holidays(self) -> list[Span]:
        """Return the decreed rest days, on which nobody meets whatever the settings say."""
        return [
            Span(n * DAY, (n + 1) * DAY)
            for n, kind in enumerate(self.kinds)
            if kind is DayKind.HOLIDAY
        ]

    def first_open(self, at: datetime) -> int:
        """Return the first day (from 1) that lies wholly ahead; past the last: none does."""
        return max(1, self.minute(at) // DAY + 2) if at >= self.midnight else 1


def without(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans joined, without what lies in the holes."""
    left: list[Span] = []
    for span in sorted(spans):
        if left and span.start <= left[-1].end:
            left[-1] = Span(left[-1].start, max(left[-1].end, span.end))
        else:
            left.append(span)
    for hole in holes:
        left = [
            part
            for span in left
            for part in (Span(span.start, min(span.end, hole.start)), Span(max(span.start, hole.end), span.end))
            if part.start < part.end
        ]  # fmt: skip
    return tuple(left)


def place(rooms: Iterable[Room], middles: dict[int, tuple[float, float]]) -> dict[str, Venue]:
    """Return the rooms in kilometres; where none is known the middle of the community counts.

    Rooms of which not even that is known lie together at the middle of the others.
    """
    found = {room.key: room for room in rooms}
    known: dict[str, tuple[float, float]] = {}
    for key, room in found.items():
        if room.longitude is not None and room.latitude is not None:
            known[key] = (room.longitude, room.latitude)
        elif room.community_id in middles:
            known[key] = middles[room.community_id]
    count = len(known) or 1
    east = sum(x for x, _y in known.values()) / count
    north = sum(y for _x, y in known.values()) / count
    scale = KM * math.cos(math.radians(north))
    return {
        key: Venue(
            key,
            round((known.get(key, (east, north))[0] - east) * scale, 3),
            round((known.get(key, (east, north))[1] - north) * KM, 3),
            (),
        )
        for key in sorted(found)
    }


def travel(base: int, per_km: int, cap: int) -> Travel:
    """Return the way between two rooms; in the same room it takes no time."""
    return Travel(base, per_km, ROUND, cap, 0)
