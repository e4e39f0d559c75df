"""What a month already holds: times away, closed rooms, meetings with who sits in them; in bulk."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Role, under
from govgrid.grid.models import Absence, Area, Boundary, Officer
from govgrid.meetings.models import Attendee, Meeting, Reply, Stage, Venue, VenueClosure

CHUNK = 1000  # ids in one condition
GONE = (Reply.DECLINED, Reply.SUBSTITUTE)  # their own time is free again
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Away:
    """A time in which somebody or a room is not to be had; `fixed`: read from a calendar."""

    id: int
    start: datetime
    end: datetime
    reason: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who sits in a meeting, in which role."""

    officer_id: int
    code: str
    name: str
    role: Role
    required: bool


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting of the month as it stands, with all who are due."""

    id: int
    unit_id: int
    title: str
    start: datetime
    end: datetime
    venue_id: int
    stage: Stage
    invited: bool
    sitters: tuple[Sitter, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A room; one without `id` is a community's own that nobody has registered yet."""

    id: int | None
    key: str
    name: str
    community_id: int
    longitude: float | None
    latitude: float | None
    capacity: int | None
    closures: tuple[Away, ...] = ()


def chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield stretches that fit into one condition."""
    some = list(items)
    for first in range(0, len(some), CHUNK):
        yield some[first : first + CHUNK]


def away(
    db: Session, officers: Collection[int], start: datetime, end: datetime
) -> dict[int, list[Away]]:
    """Return the times away that touch [start, end), by officer, in order."""
    found: dict[int, list[Away]] = defaultdict(list)
    for ids in chunks(sorted(officers)):
        rows = db.execute(
            select(
                Absence.officer_id, Absence.id, Absence.start, Absence.end, Absence.reason,
                Absence.feed_id,
            )
            .where(Absence.officer_id.in_(ids), Absence.start < end, Absence.end > start)
            .order_by(Absence.officer_id, Absence.start, Absence.id)
        )  # fmt: skip
        for officer, number, since, until, reason, feed in rows:
            found[officer].append(Away(number, since, until, reason, fixed=feed is not None))
    return found


def sittings_of_units(db: Session, path: str, month: date) -> dict[int, Sitting]:
    """Return the month's meetings of the units under a path, by unit."""
    rows = db.scalars(
        select(Meeting)
        .join(Area, Area.id == Meeting.community_id)
        .where(under(Area.path, [path]), Meeting.month == month, Meeting.stage != Stage.CANCELLED)
        .order_by(Meeting.id)
    ).all()
    return {one.unit_id: one for one in _with_sitters(db, rows)}


def sittings_elsewhere(
    db: Session,
    officers: Collection[int],
    rooms: Collection[int],
    start: datetime,
    end: datetime,
    known: Collection[int],
) -> list[Sitting]:
    """Return the other meetings in [start, end) that these people or rooms are in."""
    numbers: set[int] = set()
    for ids in chunks(sorted(officers)):
        numbers |= set(
            db.scalars(
                select(Attendee.meeting_id)
                .join(Meeting, Meeting.id == Attendee.meeting_id)
                .where(
                    Attendee.officer_id.in_(ids),
                    Attendee.removed_at.is_(None),
                    Meeting.stage != Stage.CANCELLED,
                    Meeting.start < end,
                    Meeting.end > start,
                )
                .distinct()
            )
        )
    for ids in chunks(sorted(rooms)):
        numbers |= set(
            db.scalars(
                select(Meeting.id).where(
                    Meeting.venue_id.in_(ids),
                    Meeting.stage != Stage.CANCELLED,
                    Meeting.start < end,
                    Meeting.end > start,
                )
            )
        )
    found: list[Sitting] = []
    for ids in chunks(sorted(numbers - set(known))):
        rows = db.scalars(select(Meeting).where(Meeting.id.in_(ids)).order_by(Meeting.id)).all()
        found += _with_sitters(db, rows)
    return found


def _with_sitters(db: Session, meetings: Collection[Meeting]) -> list[Sitting]:
    seats: dict[int, list[Sitter]] = defaultdict(list)
    for ids in chunks(m.id for m in meetings):
        rows = db.execute(
            select(
                Attendee.meeting_id, Officer.id, Officer.code, Officer.name, Attendee.role,
                Attendee.required, Attendee.known_away,
            )
            .join(Officer, Officer.id == Attendee.officer_id)
            .where(
                Attendee.meeting_id.in_(ids),
                Attendee.removed_at.is_(None),
                Attendee.observer.is_(False),
                Attendee.reply.not_in(GONE),
            )
            .order_by(Attendee.id)
        )  # fmt: skip
        for meeting, number, code, name, role, required, known_away in rows:
            if not known_away:
                seats[meeting].append(Sitter(number, code, name, role, required))
    return [
        Sitting(
            m.id, m.unit_id, m.title, m.start, m.end, m.venue_id, m.stage,
            m.invited_at is not None, tuple(seats[m.id]),
        )
        for m in meetings
    ]  # fmt: skip


def before(db: Session, path: str, month: date) -> dict[int, datetime]:
    """Return when the units under a path met in the month, by unit."""
    rows = db.execute(
        select(Meeting.unit_id, Meeting.start)
        .join(Area, Area.id == Meeting.community_id)
        .where(under(Area.path, [path]), Meeting.month == month, Meeting.stage != Stage.CANCELLED)
        .order_by(Meeting.id)
    )
    return {unit: start for unit, start in rows}  # noqa: C416  # a row is no pair to mypy


def rooms_of(
    db: Session, paths: Collection[str], more: Collection[int], start: datetime, end: datetime
) -> list[Room]:
    """Return the rooms under some paths and the named ones, in order of age, with closures."""
    columns = (
        Venue.id, Area.code, Venue.name, Venue.community_id, Venue.longitude, Venue.latitude,
        Venue.capacity,
    )  # fmt: skip
    base = select(*columns).join(Area, Area.id == Venue.community_id)
    rows = list(db.execute(base.where(under(Area.path, paths)).order_by(Venue.id)))
    for ids in chunks(sorted(set(more) - {row[0] for row in rows})):
        rows += db.execute(base.where(Venue.id.in_(ids)).order_by(Venue.id))
    shut = _closures(db, [row[0] for row in rows], start, end)
    return [
        Room(number, f"{code}/{name}", name, community, east, north, capacity, tuple(shut[number]))
        for number, code, name, community, east, north, capacity in rows
    ]


def _closures(
    db: Session, rooms: Collection[int], start: datetime, end: datetime
) -> dict[int, list[Away]]:
    found: dict[int, list[Away]] = defaultdict(list)
    for ids in chunks(rooms):
        closed = db.scalars(
            select(VenueClosure)
            .where(
                VenueClosure.venue_id.in_(ids),
                VenueClosure.end > start,
                VenueClosure.start < end,
            )
            .order_by(VenueClosure.start, VenueClosure.id)
        )
        for one in closed:
            found[one.venue_id].append(Away(one.id, one.start, one.end, one.reason))
    return found


def middles(db: Session, communities: Collection[int]) -> dict[int, tuple[float, float]]:
    """Return the middle of each community's boundary, where one is known, in WGS84 degrees."""
    found: dict[int, tuple[float, float]] = {}
    for ids in chunks(sorted(communities)):
        rows = db.execute(
            select(
                Boundary.area_id, Boundary.west, Boundary.south, Boundary.east, Boundary.north
            ).where(Boundary.area_id.in_(ids))
        )
        for area, west, south, east, north in rows:
            found[area] = ((west + east) / 2, (south + north) / 2)
    return found
