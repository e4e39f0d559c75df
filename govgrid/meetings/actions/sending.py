"""Try a letter again that was given up; pause and resume sending for an area."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict
from govgrid.grid.models import Area
from govgrid.meetings import letters
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.models import Meeting
from govgrid.meetings.queries.seen import agenda
from govgrid.outbox.actions import SUPERSEDED
from govgrid.outbox.models import Letter, Pause


def retry(db: Session, actor: Actor, meeting: Meeting, letter: Letter, *, at: datetime) -> None:
    """Send it now: as it is, or, where the person has another address by now, anew to that one.

    Raise `Conflict` where it has left, is being sent, or was replaced by a later one.
    """
    may_convene(actor, meeting.community.path)
    later = select(Letter.id).where(Letter.thread == letter.thread, Letter.id > letter.id)
    late = letter.not_after is not None and letter.not_after <= at
    replaced = late or letter.answer == SUPERSEDED or db.scalar(later.limit(1)) is not None
    leaving = letter.leased_until is not None and letter.leased_until >= at
    if letter.sent_at is not None or replaced or leaving:
        raise Conflict("这封信已发出、正在发送、已过时或已被新的通知代替，无需重发。")
    seat = next(
        (a for a in attending(meeting) if letters.thread(meeting, a) == letter.thread), None
    )
    if seat is not None and seat.officer.email and seat.officer.email != letter.to_address:
        letters.resend(db, meeting, [seat], agenda(db, meeting), at=at)
    else:
        letter.dead_at, letter.answer = None, None
        letter.attempts, letter.not_before = 0, at
    journal.record(db, actor, "retry_letter", "meeting", meeting.id, letters=1)


def settle(db: Session, actor: Actor, meeting: Meeting, letter: Letter, *, at: datetime) -> None:
    """Note that a letter given up has arrived after all, as the person says.

    Raise `Conflict` unless it was given up without the server's word on it.
    """
    may_convene(actor, meeting.community.path)
    if not letter.in_doubt or letter.dead_at is None or letter.sent_at is not None:
        raise Conflict("这封信的结果已经明确，无需确认。请刷新页面。")
    letter.sent_at, letter.dead_at, letter.answer = at, None, None
    journal.record(db, actor, "settle_letter", "meeting", meeting.id, to=letter.to_name)


def pause(db: Session, actor: Actor, area: Area, reason: str, *, at: datetime) -> None:
    """Let letters about the area and all below wait. Raise `Conflict` where they do already."""
    may_convene(actor, area.path)
    if db.get(Pause, area.path) is not None:
        raise Conflict("%(area)s的通知已暂停发送。", area=area.name)
    db.add(Pause(path=area.path, since=at, paused_by=actor.name, reason=reason))
    journal.record(db, actor, "pause_letters", "area", area.id, reason=reason)


def resume(db: Session, actor: Actor, area: Area) -> None:
    """Let them leave, in the order in which they were queued. Raise `Conflict` if none waits."""
    may_convene(actor, area.path)
    held = db.get(Pause, area.path)
    if held is None:
        raise Conflict("%(area)s的通知没有暂停。", area=area.name)
    db.delete(held)
    journal.record(db, actor, "resume_letters", "area", area.id)
