"""Decisions in the room: quorum by role, the clock of items, which moment an entry has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from govgrid.access import Role
from govgrid.meetings.models import AgendaItem, Attendance, Attendee, ItemTime, Meeting
from govgrid.meetings.rules import DOORS, quorum

CAME = frozenset({Attendance.PRESENT, Attendance.SUBSTITUTE})
MOST_GUESTS = 30  # of one meeting
OBSERVER = "observer"  # beside the words of `Attendance`: there, and not counted


@dataclass(frozen=True, slots=True)
class RoleCount:
    """How many of a role are required, and how many of them are there."""

    role: Role
    there: int
    required: int


@dataclass(frozen=True, slots=True)
class Quorum:
    """Who is there of those required. `taken`: somebody's attendance is known at all."""

    there: int
    required: int
    needed: int
    roles: tuple[RoleCount, ...]
    taken: bool

    @property
    def held(self) -> bool:
        """Tell whether enough are there."""
        return self.there >= self.needed


def quorum_of(attendees: Sequence[Attendee], share: int) -> Quorum:
    """Return the quorum; more than `share` per cent of those required must come."""
    required = [a for a in attendees if a.required and not a.observer]
    roles = dict.fromkeys(a.role for a in required)
    counts = tuple(
        RoleCount(role, _there(a for a in required if a.role is role), _count(required, role))
        for role in roles
    )
    taken = any(a.attendance is not None for a in attendees)
    needed = quorum(len(required), share)
    return Quorum(_there(required), len(required), needed, counts, taken)


def _count(required: Sequence[Attendee], role: Role) -> int:
    return sum(a.role is role for a in required)


def _there(attendees: Iterable[Attendee]) -> int:
    return sum(a.attendance in CAME for a in attendees)


def word_of(attendee: Attendee) -> str:
    """Return what is ticked for an attendee; nothing while it is not known."""
    if attendee.observer and attendee.attendance is Attendance.PRESENT:
        return OBSERVER
    return attendee.attendance.value if attendee.attendance else ""


def used(times: Iterable[ItemTime], *, at: datetime) -> dict[int, int]:
    """Return for how many seconds each item was heard until now."""
    found: dict[int, int] = {}
    for time in times:
        length = (time.stopped_at or max(at, time.started_at)) - time.started_at
        before = found.get(time.agenda_item_id, 0)
        found[time.agenda_item_id] = before + int(length.total_seconds())
    return found


def moment_of(written: datetime, meeting: Meeting, *, at: datetime) -> datetime:
    """Return when something was written down: by the writer's clock, as far as that can be."""
    return max(min(written, at), min(meeting.start - DOORS, at))


def stale(item: AgendaItem, text: str, version: int) -> bool:
    """Tell whether somebody else wrote the notes since the version that the text is based on."""
    return item.notes_version != version and item.notes != text
