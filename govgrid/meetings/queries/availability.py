"""Who and which room is taken when, in a month."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid.grid.models import Absence
from govgrid.meetings.models import Attendee, Meeting, Reply, Stage, Venue, VenueClosure
from govgrid.meetings.queries.people import Due
from govgrid.meetings.rules import Busy, Obstacle, Slot, clashes, month_span, slots
from govgrid.meetings.rules.settings import Setup
from govgrid.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Taken:
    """One person's or the room's obstacles in a slot; none means free."""

    holder: Due
    obstacles: tuple[Busy, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A slot with everybody's answer."""

    slot: Slot
    people: tuple[Taken, ...]
    room: tuple[Busy, ...]

    @property
    def missing(self) -> list[Taken]:
        """Return the people who cannot come."""
        return [p for p in self.people if p.obstacles]

    @property
    def free(self) -> bool:
        """Tell whether everybody and the room are free."""
        return not self.room and not self.missing


def choices(
    db: Session,
    month: date,
    setup: Setup,
    holders: Sequence[Due],
    venue: Venue | None,
    calendar: Calendar,
    *,
    after: datetime,
    besides: int | None = None,
) -> list[Choice]:
    """Return every slot of the month with who is free; `besides` leaves one meeting out."""
    start, end = month_span(month)
    taken = busy(db, [h.officer.id for h in holders], start, end, besides)
    room = busy_room(db, venue, start, end, besides)
    return [
        Choice(
            slot,
            tuple(
                Taken(h, tuple(clashes(taken[h.officer.id], slot.start, slot.end))) for h in holders
            ),
            tuple(clashes(room, slot.start, slot.end)),
        )
        for slot in slots(month, setup, calendar, after)
    ]


def busy(
    db: Session, officers: Sequence[int], start: datetime, end: datetime, besides: int | None = None
) -> dict[int, list[Busy]]:
    """Return each officer's meetings and absences that touch [start, end)."""
    taken: dict[int, list[Busy]] = defaultdict(list)
    rows = db.execute(
        select(Attendee.officer_id, Meeting)
        .join(Attendee.meeting)
        .where(
            Attendee.officer_id.in_(officers),
            Attendee.removed_at.is_(None),
            Attendee.reply.not_in((Reply.DECLINED, Reply.SUBSTITUTE)),
            Meeting.stage.not_in((Stage.CANCELLED,)),
            Meeting.start < end,
            Meeting.end > start,
            Meeting.id != (besides or 0),
        )
    )
    for officer, meeting in rows:
        taken[officer].append(_of_meeting(meeting))
    for absence in db.scalars(
        select(Absence).where(
            Absence.officer_id.in_(officers), Absence.start < end, Absence.end > start
        )
    ):
        taken[absence.officer_id].append(
            Busy(absence.start, absence.end, Obstacle.ABSENCE, absence.reason)
        )
    return taken


def busy_room(
    db: Session, venue: Venue | None, start: datetime, end: datetime, besides: int | None = None
) -> list[Busy]:
    """Return the room's meetings and closures that touch [start, end)."""
    if venue is None:
        return []
    shut = db.scalars(
        select(VenueClosure)
        .where(
            VenueClosure.venue_id == venue.id, VenueClosure.end > start, VenueClosure.start < end
        )
        .order_by(VenueClosure.start)
    )
    closed = [Busy(c.start, c.end, Obstacle.CLOSURE, c.reason) for c in shut]
    rows = db.scalars(
        select(Meeting).where(
            Meeting.venue_id == venue.id,
            Meeting.stage != Stage.CANCELLED,
            Meeting.start < end,
            Meeting.end > start,
            Meeting.id != (besides or 0),
        )
    )
    return closed + [_of_meeting(m) for m in rows]


def last_held(db: Session, unit_id: int, before: datetime) -> Meeting | None:
    """Return the unit's last meeting before the moment."""
    return db.scalar(
        select(Meeting)
        .where(Meeting.unit_id == unit_id, Meeting.start < before, Meeting.stage == Stage.HELD)
        .order_by(Meeting.start.desc())
        .limit(1)
        .options(joinedload(Meeting.venue))
    )


def venues(db: Session, community_id: int) -> list[Venue]:
    """Return the community's rooms by name."""
    return list(
        db.scalars(select(Venue).where(Venue.community_id == community_id).order_by(Venue.name))
    )


def _of_meeting(meeting: Meeting) -> Busy:
    return Busy(meeting.start, meeting.end, Obstacle.MEETING, meeting.title)
