"""What a change of a meeting sends to whom, and when its SEQUENCE rises (RFC 5546).

The table in docs/letters.md says the same in words; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from govgrid.meetings.models import Meeting, Stage

SOON = timedelta(hours=2)  # so close to its start that no letter waits for further edits
MEETING = "meeting:"  # what letters about meetings are filed under begins so


def about(number: int) -> str:
    """Return what all letters about the meeting of that number are filed under."""
    return f"{MEETING}{number}"


class Notice(StrEnum):
    """What one person is told."""

    INVITE = "invite"
    CHANGE = "change"
    WITHDRAW = "withdraw"  # CANCEL to one who is asked no longer
    CANCEL = "cancel"  # CANCEL of the whole meeting

    @property
    def method(self) -> str:
        """Return the iTIP method."""
        return "REQUEST" if self in {Notice.INVITE, Notice.CHANGE} else "CANCEL"


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in a meeting; no `address`: no letter reaches them."""

    address: str
    due: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A meeting as its people's calendars show it; seats by the attendee's number."""

    stage: Stage
    start: datetime
    end: datetime
    venue: int
    sequence: int
    seats: Mapping[int, Seat]

    @property
    def place(self) -> tuple[datetime, datetime, int]:
        """Return what people must notice when it changes."""
        return self.start, self.end, self.venue


def shown(meeting: Meeting) -> Shown:
    """Return the meeting as it stands now."""
    seats = {a.id: Seat(a.officer.email or "", a.removed_at is None) for a in meeting.attendees}
    return Shown(
        meeting.stage, meeting.start, meeting.end, meeting.venue_id, meeting.sequence, seats
    )


def notices(before: Shown, after: Shown, *, at: datetime) -> dict[int, Notice]:
    """Return what each seat is told of the change; nobody hears of a past meeting."""
    if after.end <= at:
        return {}
    invited, stands = before.stage is Stage.CONFIRMED, after.stage is Stage.CONFIRMED
    told: dict[int, Notice] = {}
    for number, seat in after.seats.items():
        was = invited and number in before.seats and before.seats[number].due
        now = stands and seat.due
        if not seat.address or not (was or now):
            continue
        if not was:
            told[number] = Notice.INVITE
        elif not now:
            told[number] = Notice.CANCEL if after.stage is Stage.CANCELLED else Notice.WITHDRAW
        elif before.place != after.place:
            told[number] = Notice.CHANGE
    return {} if after.stage is Stage.HELD else told


def sequence(before: Shown, after: Shown) -> int:
    """Return the SEQUENCE after the change: it rises with time, place and state, and a CANCEL."""
    if before.stage is not Stage.CONFIRMED or after.stage is Stage.HELD:
        ends = after.stage is Stage.CANCELLED and before.stage is not Stage.CANCELLED
        return before.sequence + ends
    left = any(seat.due and not after.seats[n].due for n, seat in before.seats.items())
    changed = before.place != after.place or before.stage is not after.stage
    return before.sequence + (changed or left)


def asked_again(before: Shown, after: Shown) -> bool:
    """Tell whether every answer is void: whoever was asked is asked anew."""
    return (
        before.stage is Stage.CONFIRMED
        and after.stage is Stage.CONFIRMED
        and before.place != after.place
    )


def waits(before: Shown, after: Shown, digest: timedelta, *, at: datetime) -> timedelta:
    """Return how long letters wait for further edits: the first ones and a CANCEL of all do not."""
    edited = before.stage is Stage.CONFIRMED and after.stage is Stage.CONFIRMED
    return digest if edited and min(before.start, after.start) > at + SOON else timedelta()
