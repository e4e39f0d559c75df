"""Take in a mail that came back: note the answer, or why not; each mail once, in one transaction."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.grid.models import Officer
from govgrid.meetings import letters
from govgrid.meetings.actions.replies import Answer, answer_by_mail, hold
from govgrid.meetings.inbox.itip import Said, Voice, said
from govgrid.meetings.inbox.mail import BIGGEST, Mail, Part, read_mail
from govgrid.meetings.models import Attendee, IncomingMail, Meeting, Outcome, Reply
from govgrid.meetings.queries.seen import agenda, load_meeting
from govgrid.meetings.rules.letters import MEETING
from govgrid.meetings.rules.replies import REPLIES, Judged, Sender, judge, speaker
from govgrid.outbox.models import Bouncing, Letter
from govgrid.words import N_

KEPT = 64 * 1024  # bytes of a mail that is too big to read
AGAIN = timedelta(minutes=10)  # who asks for the present state more often is not answered


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail."""

    outcome: Outcome
    uid: str
    attendee: str
    status: str
    reason: str


def take(db: Session, data: bytes, *, at: datetime, size: int = 0) -> Taken:
    """Keep the mail and act on it. `size`: its whole size, where `data` is only its beginning.

    Never raises for what a mail holds; the same bytes again change nothing.
    """
    digest = hashlib.sha256(data).hexdigest()
    known = db.scalar(select(IncomingMail).where(IncomingMail.digest == digest))
    if known is not None:
        return _told(known, Outcome.DUPLICATE, N_("这封邮件已处理过"))
    whole = max(size, len(data))
    row = IncomingMail(
        digest=digest, received_at=at, size=whole, raw=data if whole <= BIGGEST else data[:KEPT],
        message_id="", sender="", sender_name="", method="", uid="", attendee_address="", status="",
        delegated_to="", comment="", proposed_place="", outcome=Outcome.REFUSED,
    )  # fmt: skip
    judged = _judged(db, row, data, whole, at)
    row.outcome, row.reason = judged.outcome, str(judged.reason)
    db.add(row)
    db.flush()
    return _told(row, row.outcome, row.reason)


def _told(row: IncomingMail, outcome: Outcome, reason: str) -> Taken:
    return Taken(outcome, row.uid, row.attendee_address, row.status, reason)


def _judged(db: Session, row: IncomingMail, data: bytes, size: int, at: datetime) -> Judged:
    if size > BIGGEST:
        return Judged(Outcome.REFUSED, N_("邮件过大"))
    try:
        mail = read_mail(data)
    except ValueError:
        return Judged(Outcome.REFUSED, N_("邮件格式损坏"))
    row.message_id, row.sender, row.sender_name = mail.message_id, mail.sender, mail.sender_name
    if mail.bounces:
        return _bounced(db, row, mail, at)
    return _spoken(db, row, mail, at) if mail.calendars else _written(db, row, mail)


def _spoken(db: Session, row: IncomingMail, mail: Mail, at: datetime) -> Judged:
    try:
        found = _first_said(mail.calendars)
    except ValueError:
        return Judged(Outcome.REFUSED, N_("日历内容无法识别"))
    if found is None:
        return Judged(Outcome.IGNORED, N_("日历中没有会议"))
    spoken, by_sender = found
    _copy(row, spoken)
    voice = speaker(spoken, Sender(mail.sender, mail.doubted))
    if isinstance(voice, Voice):
        if by_sender:
            voice = Voice(mail.sender, mail.sender_name, voice.status)
        row.attendee_address, row.status = voice.address, voice.status
        row.delegated_to = voice.delegated_to
    elif voice.outcome is not Outcome.REVIEW:
        return voice
    row.meeting_id = db.scalar(select(Meeting.id).where(Meeting.uid == spoken.uid))
    if row.meeting_id is None:
        return Judged(Outcome.UNKNOWN, N_("没有这场会议"))
    return voice if isinstance(voice, Judged) else _answered(db, row, mail, spoken, voice, at)


def _first_said(parts: tuple[Part, ...]) -> tuple[Said, bool] | None:
    """Return what the first part says that holds an event, and whether the sender speaks."""
    fault: ValueError | None = None
    for part in parts:
        try:
            found = said(part.text, part.method)
        except ValueError as error:
            fault = error
            continue
        if found is not None:
            return found, part.by_sender
    if fault is not None:
        raise fault
    return None


def _copy(row: IncomingMail, spoken: Said) -> None:
    row.method, row.uid, row.comment = spoken.method, spoken.uid, spoken.comment
    row.sequence, row.stamp = spoken.sequence, spoken.stamp
    if spoken.method == "COUNTER":
        row.proposed_start, row.proposed_end = spoken.start, spoken.end
        row.proposed_place = spoken.place


def _answered(
    db: Session, row: IncomingMail, mail: Mail, spoken: Said, voice: Voice, at: datetime
) -> Judged:
    assert row.meeting_id is not None
    meeting = load_meeting(db, row.meeting_id)
    seat = seat_of(meeting, voice.address)
    if seat is not None:
        row.attendee_id = seat.id
        hold(db, meeting, seat)
    # A clock that runs ahead must not lock out the answers that follow.
    spoken = replace(spoken, stamp=min(spoken.stamp or mail.date or at, at))
    assert spoken.stamp is not None
    sender = Sender(mail.sender, mail.doubted)
    judged = judge(spoken, voice, sender, meeting, seat, at=at)
    if judged.outcome is not Outcome.APPLIED or seat is None:
        return judged
    if spoken.method == "REFRESH":
        return _refresh(db, meeting, seat, at)
    answer = answer_of(db, row, voice)
    answer_by_mail(db, None, meeting, seat, answer, said_at=spoken.stamp, at=at)
    return judged


def seat_of(meeting: Meeting, address: str) -> Attendee | None:
    """Return the attendee of that address; one who is still due goes before one taken off."""
    if not address:
        return None
    found = [a for a in meeting.attendees if (a.officer.email or "").lower() == address]
    return min(found, key=lambda a: a.removed_at is not None, default=None)


def answer_of(db: Session, row: IncomingMail, voice: Voice) -> Answer:
    """Return the answer; a delegate is named as in the directory, else by address."""
    reply = REPLIES.get(voice.status, Reply.NEEDS_ACTION)
    name = ""
    if reply is Reply.SUBSTITUTE:
        known = select(Officer.name).where(Officer.email == voice.delegated_to).limit(1)
        name = (db.scalar(known) if voice.delegated_to else None) or voice.delegated_to
        name = name or "邮件中未写明"
    return Answer(reply, row.comment[:200], name[:40])


def _refresh(db: Session, meeting: Meeting, seat: Attendee, at: datetime) -> Judged:
    last = select(Letter.id).where(
        Letter.thread == letters.thread(meeting, seat), Letter.queued_at > at - AGAIN
    )
    if db.scalar(last.limit(1)) is not None:
        return Judged(Outcome.IGNORED, N_("刚刚发过最新通知"))
    letters.resend(db, meeting, [seat], agenda(db, meeting), at=at)
    journal.record(db, None, "resend", "meeting", meeting.id, letters=1)
    return Judged(Outcome.APPLIED, N_("已重发最新通知"))


def _written(db: Session, row: IncomingMail, mail: Mail) -> Judged:
    """Find what a mail without a calendar is about: somebody may have answered in words."""
    letter = _letter(db, mail)
    if mail.automatic:
        return Judged(Outcome.IGNORED, N_("自动回复"))
    if letter is None or not letter.subject_of.startswith(MEETING):
        return Judged(Outcome.UNKNOWN, N_("邮件中没有日历回复"))
    row.meeting_id = int(letter.subject_of.removeprefix(MEETING))
    row.comment = mail.text[:500]
    if letter.to_address.lower() == mail.sender:
        seat = seat_of(load_meeting(db, row.meeting_id), mail.sender)
        row.attendee_id = seat.id if seat else None
        row.attendee_address = mail.sender
    return Judged(Outcome.REVIEW, N_("用文字回复，请核对"))


def _bounced(db: Session, row: IncomingMail, mail: Mail, at: datetime) -> Judged:
    """Note on the address that a letter of ours came back; a report of another's mail is none."""
    letter = _letter(db, mail)
    for bounce in mail.bounces:
        whom = letter.to_address if letter else ""
        if letter is None or bounce.recipient not in {whom.lower(), ""}:
            continue
        note = db.get(Bouncing, whom) or Bouncing(address=whom)
        note.at, note.status, note.words = at, bounce.status, bounce.words
        db.add(note)
        row.attendee_address, row.status = whom, "BOUNCED"
        with suppress(ValueError):
            row.meeting_id = int(letter.subject_of.removeprefix(MEETING))
        return Judged(Outcome.APPLIED, N_("退信，已记录在收件人邮箱上"))
    return Judged(Outcome.UNKNOWN, N_("退信与本系统的信无关"))


def _letter(db: Session, mail: Mail) -> Letter | None:
    if not mail.answers:
        return None
    return db.scalar(select(Letter).where(Letter.message_id.in_(mail.answers)).limit(1))
