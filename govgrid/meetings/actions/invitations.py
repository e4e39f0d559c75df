"""Invite to the confirmed meetings of a month that nobody was invited to yet."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, under
from govgrid.db import Database
from govgrid.grid.models import Area
from govgrid.meetings import letters
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.actions.stamps import freeze
from govgrid.meetings.models import Meeting, Stage
from govgrid.meetings.queries.seen import agenda, load_meeting
from govgrid.meetings.rules.letters import shown


@dataclass(frozen=True, slots=True)
class Invited:
    """A meeting whose invitations were queued; `unreachable` attendees have no address."""

    id: int
    unit: str
    start: datetime
    letters: int
    unreachable: tuple[str, ...]


def uninvited(db: Session, month: date, path: str, *, at: datetime) -> list[int]:
    """Return the ids of the coming confirmed meetings under the path not yet invited to."""
    return list(
        db.scalars(
            select(Meeting.id)
            .join(Meeting.community)
            .where(
                Meeting.month == month,
                Meeting.stage == Stage.CONFIRMED,
                Meeting.invited_at.is_(None),
                Meeting.start > at,
                under(Area.path, [path]),
            )
            .order_by(Area.path, Meeting.start, Meeting.id)
        )
    )


def invite_month(database: Database, month: date, path: str, *, at: datetime) -> list[Invited]:
    """Invite to each such meeting, in a transaction of its own, so that a kill repeats nothing."""
    with database.reading() as db:
        waiting = uninvited(db, month, path, at=at)
    done = []
    for number in waiting:
        with database.writing() as db:
            meeting = load_meeting(db, number)
            if meeting.stage is Stage.CONFIRMED and meeting.invited_at is None:
                done.append(invite(db, None, meeting, at=at))
    return done


def invite(db: Session, actor: Actor | None, meeting: Meeting, *, at: datetime) -> Invited:
    """Queue the invitations of a confirmed meeting; None acts from the command line."""
    if actor is not None:
        may_convene(actor, meeting.community.path)
    due = attending(meeting)
    meeting.invited_at = at
    planned = replace(shown(meeting), stage=Stage.PLANNED)
    sent = letters.tell(db, planned, meeting, lambda: agenda(db, meeting), at=at)
    freeze(db, meeting, at=at)
    journal.record(db, actor, "invite", "meeting", meeting.id, letters=sent)
    unreachable = tuple(a.officer.name for a in due if not a.officer.email)
    return Invited(meeting.id, meeting.unit.name, meeting.start, sent, unreachable)
