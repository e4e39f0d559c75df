"""An attendee's answer: through the private link, or told to a clerk by phone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.models import Attendee, Meeting, Reply, Stage


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says; a substitute comes with a name."""

    reply: Reply
    note: str = ""
    substitute: str = ""


def answer_by_link(
    db: Session, meeting: Meeting, attendee: Attendee, answer: Answer, *, at: datetime
) -> None:
    """Note the answer of whoever holds the private link. Nobody else is written to."""
    hold(db, meeting, attendee)
    before = _said(attendee)
    _answer(meeting, attendee, answer, at)
    _note(db, None, meeting, attendee, before)


def answer_by_mail(
    db: Session,
    actor: Actor | None,
    meeting: Meeting,
    attendee: Attendee,
    answer: Answer,
    *,
    said_at: datetime,
    at: datetime,
) -> None:
    """Note an answer that came by mail, given at `said_at`; an actor where somebody checked it.

    The seat is held since the mail was judged.
    """
    before = _said(attendee)
    _answer(meeting, attendee, answer, at)
    attendee.replied_at = min(said_at, at)
    _note(db, actor, meeting, attendee, before)


def answer_by_phone(
    db: Session, actor: Actor, meeting: Meeting, attendee: Attendee, answer: Answer, *, at: datetime
) -> None:
    """Note an answer that was given to the convening office."""
    may_convene(actor, meeting.community.path)
    hold(db, meeting, attendee)
    before = _said(attendee)
    _answer(meeting, attendee, answer, at)
    _note(db, actor, meeting, attendee, before)


def hold(db: Session, meeting: Meeting, attendee: Attendee) -> None:
    """Lock the seat and read it anew: answers by link, mail and phone may come at once."""
    db.refresh(attendee, ["reply", "replied_at", "asked", "removed_at"], with_for_update=True)
    db.refresh(meeting, ["stage", "start"])


def _said(attendee: Attendee) -> journal.Image:
    return journal.image(attendee, "reply", "reply_note", "substitute")


def _note(
    db: Session, actor: Actor | None, meeting: Meeting, attendee: Attendee, before: journal.Image
) -> None:
    journal.record(
        db,
        actor,
        "reply",
        "meeting",
        meeting.id,
        officer=attendee.officer_id,
        before=before,
        after=_said(attendee),
    )


def _answer(meeting: Meeting, attendee: Attendee, answer: Answer, at: datetime) -> None:
    if meeting.stage is Stage.CANCELLED:
        raise Conflict("会议已取消，无需回复。")
    if meeting.stage is not Stage.CONFIRMED:
        raise Conflict("会议当前不接受回复。")
    if meeting.start <= at:
        raise Conflict("会议已经开始，不能再回复；请直接联系召集人。")
    if answer.reply is Reply.SUBSTITUTE and not answer.substitute:
        raise Invalid("请填写代会人姓名。")
    attendee.reply, attendee.replied_at = answer.reply, at
    attendee.reply_note = answer.note or None
    attendee.substitute = answer.substitute if answer.reply is Reply.SUBSTITUTE else None
