"""Deal with a mail that waits: apply it, refuse it, or say whose answer it is."""

from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid
from govgrid.meetings import letters
from govgrid.meetings.actions.inbox import answer_of
from govgrid.meetings.actions.plan import Place, may_convene, reschedule
from govgrid.meetings.actions.replies import Answer, answer_by_mail, hold
from govgrid.meetings.inbox.itip import Voice
from govgrid.meetings.models import Attendee, IncomingMail, Meeting, Outcome, Reply, Stage, Verdict
from govgrid.meetings.rules.replies import REPLIES
from govgrid.workdays import Calendar


def apply(
    db: Session, actor: Actor, meeting: Meeting, mail: IncomingMail, calendar: Calendar,
    *, at: datetime,
) -> int:  # fmt: skip
    """Take it as it is: note the answer, or move the meeting as proposed; return letters queued.

    Raise `Invalid` where it says neither, `Conflict` where the time is taken or it was dealt with.
    """
    _open(actor, meeting, mail)
    sent = 0
    if mail.method == "COUNTER":
        if mail.proposed_start is None:
            raise Invalid("邮件中没有可识别的时间，请与提议人联系。")
        place = Place(mail.proposed_start, meeting.venue)
        sent = reschedule(db, actor, meeting, place, calendar, at=at)
    else:
        seat = _seat(meeting, mail.attendee_id)
        if mail.status not in REPLIES:
            raise Invalid("邮件中未写明是否参加，请选择回执后登记。")
        voice = Voice(mail.attendee_address, "", mail.status, mail.delegated_to)
        _answer(db, actor, meeting, mail, seat, answer_of(db, mail, voice), at)
    _close(db, actor, meeting, mail, Verdict.APPLY, at)
    return sent


def assign(
    db: Session, actor: Actor, meeting: Meeting, mail: IncomingMail, attendee: int, answer: Answer,
    *, at: datetime,
) -> None:  # fmt: skip
    """Note it as that attendee's answer. Raise `Invalid` for nobody or no answer."""
    _open(actor, meeting, mail)
    seat = _seat(meeting, attendee)
    if answer.reply is Reply.NEEDS_ACTION:
        raise Invalid("请选择回执。")
    mail.attendee_id = seat.id
    _answer(db, actor, meeting, mail, seat, answer, at)
    _close(db, actor, meeting, mail, Verdict.ASSIGN, at)


def refuse(
    db: Session, actor: Actor, meeting: Meeting, mail: IncomingMail, *, at: datetime
) -> bool:
    """Leave everything as it is; tell whether who proposed another time is written to.

    A sender who may be anybody gets no letter.
    """
    _open(actor, meeting, mail)
    seat = next((a for a in meeting.attendees if a.id == mail.attendee_id), None)
    known = seat is not None and (seat.officer.email or "").lower() == mail.sender
    stands = meeting.stage is Stage.CONFIRMED and meeting.end > at
    told = mail.method == "COUNTER" and known and stands
    if told and seat is not None:
        letters.decline_counter(db, meeting, seat, str(mail.id), at=at)
    _close(db, actor, meeting, mail, Verdict.REFUSE, at)
    return told


def _open(actor: Actor, meeting: Meeting, mail: IncomingMail) -> None:
    may_convene(actor, meeting.community.path)
    if mail.outcome is not Outcome.REVIEW or mail.handled_at is not None:
        raise Conflict("这封邮件已处理，请刷新页面。")


def _seat(meeting: Meeting, number: int | None) -> Attendee:
    found = next((a for a in meeting.attendees if a.id == number and a.removed_at is None), None)
    if found is None:
        raise Invalid("请选择这是哪位参会人员的回执。")
    return found


def _answer(
    db: Session, actor: Actor, meeting: Meeting, mail: IncomingMail, seat: Attendee,
    answer: Answer, at: datetime,
) -> None:  # fmt: skip
    hold(db, meeting, seat)
    said_at = min(mail.stamp or mail.received_at, at)
    answer_by_mail(db, actor, meeting, seat, answer, said_at=said_at, at=at)


def _close(
    db: Session, actor: Actor, meeting: Meeting, mail: IncomingMail, verdict: Verdict, at: datetime
) -> None:
    mail.verdict, mail.handled_at, mail.handled_by = verdict, at, actor.name
    journal.record(
        db, actor, "settle_reply", "meeting", meeting.id,
        mail=mail.id, verdict=verdict.word, officer=_officer(meeting, mail),
    )  # fmt: skip


def _officer(meeting: Meeting, mail: IncomingMail) -> int | None:
    return next((a.officer_id for a in meeting.attendees if a.id == mail.attendee_id), None)
