"""Whether one meeting can be put at a time: who is elsewhere then, and how far away."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from govgrid.errors import Invalid, Refusal
from govgrid.meetings.models import Part


@dataclass(frozen=True, slots=True)
class Engaged:
    """A time in which a person or a room is taken: by a meeting in a room, or away (`reason`)."""

    start: datetime
    end: datetime
    what: str
    venue_id: int | None = None

    def hits(self, start: datetime, end: datetime, way: timedelta) -> bool:
        """Tell whether it overlaps a time, or comes too close to be on time."""
        return self.start < end + way and start < self.end + way


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is due: officer, name, part."""

    officer_id: int
    name: str
    part: Part


@dataclass(frozen=True, slots=True)
class Moving:
    """A meeting that looks for a place: who is due, how many members must come, and the room."""

    due: tuple[Guest, ...]
    fewest: int
    venue_id: int
    room: str
    length: timedelta


Way = Callable[[int, int], timedelta]
Taken = Mapping[int, Iterable[Engaged]]


def why_not(
    meeting: Moving, start: datetime, people: Taken, room: Iterable[Engaged], way: Way
) -> Iterator[Refusal]:
    """Yield everything that stands in the way of a start; nothing: it is free."""
    end = start + meeting.length
    for taken in room:
        if taken.hits(start, end, timedelta()):
            yield _of_room(meeting.room, taken)
    away = []
    for one in meeting.due:
        hit = _first(meeting, people.get(one.officer_id, ()), start, end, way)
        if hit is not None and one.part is Part.REQUIRED:
            yield _of_person(one.name, hit, start, end)
        elif hit is not None and one.part is Part.QUORUM:
            away.append(one.name)
    members = sum(one.part is Part.QUORUM for one in meeting.due)
    if members - len(away) < meeting.fewest:
        yield Invalid(
            "到会成员只有 %(n)s 人，至少需要 %(min)s 人（%(names)s另有安排）",
            n=members - len(away), min=meeting.fewest, names=away,
        )  # fmt: skip


def free_guests(meeting: Moving, start: datetime, people: Taken, way: Way) -> list[int]:
    """Return who is asked to come and can."""
    end = start + meeting.length
    return [
        one.officer_id
        for one in meeting.due
        if one.part is Part.OPTIONAL
        and _first(meeting, people.get(one.officer_id, ()), start, end, way) is None
    ]


def _first(
    meeting: Moving, taken: Iterable[Engaged], start: datetime, end: datetime, way: Way
) -> Engaged | None:
    for one in taken:
        apart = way(meeting.venue_id, one.venue_id) if one.venue_id is not None else timedelta()
        if one.hits(start, end, apart):
            return one
    return None


def _of_person(name: str, taken: Engaged, start: datetime, end: datetime) -> Refusal:
    if taken.venue_id is None:
        return Invalid("%(name)s%(what)s", name=name, what=taken.what)
    if taken.start < end and start < taken.end:
        return Invalid("%(name)s在“%(what)s”开会", name=name, what=taken.what)
    return Invalid("%(name)s赶不及：前后在“%(what)s”开会，路程不够", name=name, what=taken.what)


def _of_room(room: str, taken: Engaged) -> Refusal:
    if taken.venue_id is None:
        return Invalid("%(room)s停用：%(what)s", room=room, what=taken.what)
    return Invalid("%(room)s已用于“%(what)s”", room=room, what=taken.what)
