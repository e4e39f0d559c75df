"""Mails that wait for somebody, and what stands in the way of a proposal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, undefer

from govgrid.access import Actor, Power, under
from govgrid.clock import HERE
from govgrid.errors import NotFound, Refusal
from govgrid.grid.models import Area
from govgrid.meetings.models import Attendee, IncomingMail, Meeting, Outcome
from govgrid.meetings.queries.availability import Taken, busy, busy_room
from govgrid.meetings.queries.people import due
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.meetings.rules import Busy, clashes
from govgrid.meetings.rules.placing import out_of_month, unfit
from govgrid.workdays import calendar


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time that somebody proposes, and all that speaks against it."""

    start: datetime
    end: datetime
    place: str
    faults: tuple[Refusal, ...]
    missing: tuple[Taken, ...]
    room: tuple[Busy, ...]

    @property
    def free(self) -> bool:
        """Tell whether the meeting could move there as it is."""
        return not (self.faults or self.room or any(t.holder.required for t in self.missing))


def waiting(actor: Actor) -> Select[IncomingMail]:
    """Select what waits where the actor convenes, the oldest first, with meeting and attendee."""
    return (
        select(IncomingMail)
        .join(IncomingMail.meeting)
        .join(Meeting.community)
        .where(
            IncomingMail.outcome == Outcome.REVIEW,
            IncomingMail.handled_at.is_(None),
            under(Area.path, actor.paths(Power.CONVENE)),
        )
        .order_by(IncomingMail.received_at, IncomingMail.id)
        .options(
            contains_eager(IncomingMail.meeting),
            joinedload(IncomingMail.attendee).joinedload(Attendee.officer),
        )
    )


def count_waiting(db: Session, actor: Actor, meeting: int | None = None) -> int:
    """Count them, of one meeting where it is given."""
    chosen = waiting(actor).with_only_columns(IncomingMail.id).order_by(None)
    if meeting is not None:
        chosen = chosen.where(IncomingMail.meeting_id == meeting)
    return db.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def mail_of(db: Session, meeting: Meeting, number: int) -> IncomingMail:
    """Return one mail about the meeting, with its bytes. Raise `NotFound`."""
    found = db.scalar(
        select(IncomingMail)
        .where(IncomingMail.id == number, IncomingMail.meeting_id == meeting.id)
        .options(
            undefer(IncomingMail.raw),
            joinedload(IncomingMail.attendee).joinedload(Attendee.officer),
        )
    )
    if found is None:
        raise NotFound("没有这封邮件，或它与本会议无关。")
    return found


def proposal(db: Session, meeting: Meeting, mail: IncomingMail, *, at: datetime) -> Proposal | None:
    """Return what the mail proposes, checked; None where it names no time."""
    start = mail.proposed_start
    if start is None:
        return None
    start = start.astimezone(HERE)
    end = start + (meeting.end - meeting.start)
    holders = due(meeting)
    taken = busy(db, [h.officer.id for h in holders], start, end, meeting.id)
    room = busy_room(db, meeting.venue, start, end, meeting.id)
    people = (Taken(h, tuple(clashes(taken[h.officer.id], start, end))) for h in holders)
    faults = [*unfit(start, setup_of_unit(db, meeting.unit), calendar(db), at=at)]
    if fault := out_of_month(start, meeting.month):
        faults.append(fault)
    return Proposal(
        start, end, mail.proposed_place, tuple(faults),
        tuple(p for p in people if p.obstacles), tuple(clashes(room, start, end)),
    )  # fmt: skip
