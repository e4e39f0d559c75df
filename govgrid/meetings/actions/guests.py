"""Write down in the room who is there and nobody's officer, and take them off again."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict
from govgrid.meetings.actions.room import may_record
from govgrid.meetings.models import Guest, Meeting
from govgrid.meetings.rules.room import MOST_GUESTS

SAID = ("name", "affiliation", "duty")


def add_guest(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    name: str,
    affiliation: str = "",
    duty: str = "",
    *,
    at: datetime,
) -> Guest:
    """Write a guest down. Raise `Conflict` for one who stands there, and where there are too many."""
    may_record(db, actor, meeting, at=at)
    known = select(func.count(Guest.id)).where(Guest.meeting_id == meeting.id)
    if db.scalar(
        known.where(Guest.name == name, Guest.affiliation == affiliation, Guest.duty == duty)
    ):
        raise Conflict("%(name)s已在列席人员中。", name=name)
    if (db.scalar(known) or 0) >= MOST_GUESTS:
        raise Conflict("一次会议最多登记 %(n)s 位其他列席人员。", n=MOST_GUESTS)
    made = Guest(meeting_id=meeting.id, name=name, affiliation=affiliation, duty=duty)
    db.add(made)
    db.flush()
    after = journal.image(made, *SAID)
    journal.record(db, actor, "add_guest", "meeting", meeting.id, guest=made.id, after=after)
    return made


def drop_guest(db: Session, actor: Actor, meeting: Meeting, guest: Guest, *, at: datetime) -> None:
    """Take a guest off before signing."""
    may_record(db, actor, meeting, at=at)
    before, number = journal.image(guest, *SAID), guest.id
    db.delete(guest)
    journal.record(db, actor, "drop_guest", "meeting", meeting.id, guest=number, before=before)
