"""Where a meeting may start: what the settings allow, and what is free there."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from govgrid.meetings.planning.instance import DAY, DayKind, Instance, Meeting, Part, Span

Mask = int
"""A bit for each of the month's moments."""


def open_starts(instance: Instance, meeting: Meeting) -> Iterator[int]:
    """Yield every start that the settings allow, whoever is busy, in order."""
    first, last = meeting.window
    grid = sorted(set(instance.grids[meeting.grid]))
    for index in range(first - 1, last):
        for minute in grid:
            if kind_of(instance, index, minute) in meeting.allow:
                yield index * DAY + minute


def kind_of(instance: Instance, index: int, minute: int) -> DayKind:
    """Return what a start on day `index` (from 0) falls on."""
    if not instance.days[index].work:
        return DayKind.WEEKEND
    return DayKind.EVENING if minute >= instance.evening_from else DayKind.WORK


def part_of(instance: Instance, minute: int) -> Part:
    """Return the part of the day a start falls on."""
    if minute < 720:
        return Part.AM
    return Part.EVE if minute >= instance.evening_from else Part.PM


class Moments:
    """Every slot of every day, numbered: busy times become masks that are kept once found."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        slots = sorted({minute for grid in instance.grids.values() for minute in grid})
        self.minutes = [
            index * DAY + minute for index in range(len(instance.days)) for minute in slots
        ]
        self._blocked: dict[tuple[str, str, int], Mask] = {}
        self._open: dict[tuple[object, ...], Mask] = {}

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {minute: number for number, minute in enumerate(self.minutes)}

    def mask(self, starts: Iterable[int]) -> Mask:
        return sum(1 << self._numbers[start] for start in starts)

    def starts(self, mask: Mask) -> list[int]:
        """Return the starts of a mask in order."""
        found = []
        while mask:
            low = mask & -mask
            found.append(self.minutes[low.bit_length() - 1])
            mask ^= low
        return found

    def open(self, meeting: Meeting) -> Mask:
        """Return what the settings allow."""
        key = (meeting.window, meeting.grid, meeting.allow)
        if key not in self._open:
            self._open[key] = self.mask(open_starts(self.instance, meeting))
        return self._open[key]

    def person(self, person: str, duration: int) -> Mask:
        """Return the starts at which the person is busy during a meeting that long."""
        key = ("person", person, duration)
        if key not in self._blocked:
            self._blocked[key] = self._overlapped(self.instance.people[person].busy, duration)
        return self._blocked[key]

    def venue(self, venue: str, duration: int) -> Mask:
        """Return the starts at which the room is busy during a meeting that long."""
        key = ("venue", venue, duration)
        if key not in self._blocked:
            self._blocked[key] = self._overlapped(self.instance.venues[venue].busy, duration)
        return self._blocked[key]

    def _overlapped(self, spans: Iterable[Span], duration: int) -> Mask:
        mask = 0
        for start, end in spans:
            low = bisect_right(self.minutes, start - duration)
            high = bisect_left(self.minutes, end)
            if low < high:
                mask |= (1 << high) - (1 << low)
        return mask

    def free(self, meeting: Meeting) -> Mask:
        """Return the starts at which the room, everyone required and a quorum are free."""
        mask = self.open(meeting) & ~self.venue(meeting.venue, meeting.duration)
        for person in meeting.required:
            mask &= ~self.person(person, meeting.duration)
        return mask & ~self.short_of_quorum(meeting, mask)

    def short_of_quorum(self, meeting: Meeting, asked: Mask) -> Mask:
        """Return those of the asked starts at which too few of the quorum's people are free."""
        spare = len(meeting.quorum.people) - meeting.quorum.min
        # digits[n]: the n-th binary digit of how many are away, for every start at once
        digits: list[Mask] = [0] * spare.bit_length()
        for person in meeting.quorum.people:
            carried = self.person(person, meeting.duration) & asked
            for n, digit in enumerate(digits):
                digits[n], carried = digit ^ carried, digit & carried
                if not carried:
                    break
            if carried:
                digits.append(carried)
        more, even = 0, asked
        for n in reversed(range(len(digits))):
            if spare >> n & 1:
                even &= digits[n]
            else:
                more, even = more | even & digits[n], even & ~digits[n]
        return more
