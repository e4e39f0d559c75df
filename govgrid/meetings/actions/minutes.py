"""Submit minutes, take them back, sign them; what is signed never changes."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Officer
from govgrid.meetings import record
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.actions.preparing import carry_on
from govgrid.meetings.actions.reminders import tell_signed
from govgrid.meetings.actions.stamps import note_cases
from govgrid.meetings.models import AgendaItem, Meeting, Minutes, MinutesStage, Stage

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike on paper


def submit(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    minutes: Minutes,
    agenda: list[AgendaItem],
    *,
    at: datetime,
) -> None:
    """Hand the draft in for signing. Raise `Invalid` where it cannot be printed."""
    may_convene(actor, meeting.community.path)
    _expect(minutes, MinutesStage.DRAFT)
    refuse_incomplete(meeting, agenda)
    before = journal.image(minutes, "stage")
    minutes.stage, minutes.submitted_at = MinutesStage.IN_REVIEW, at
    after = journal.image(minutes, "stage")
    journal.record(db, actor, "submit", "minutes", minutes.id, before=before, after=after)


def send_back(db: Session, actor: Actor, meeting: Meeting, minutes: Minutes) -> None:
    """Return submitted minutes to draft."""
    may_convene(actor, meeting.community.path)
    _expect(minutes, MinutesStage.IN_REVIEW)
    before = journal.image(minutes, "stage")
    minutes.stage, minutes.submitted_at = MinutesStage.DRAFT, None
    after = journal.image(minutes, "stage")
    journal.record(db, actor, "send_back", "minutes", minutes.id, before=before, after=after)


def sign(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    minutes: Minutes,
    *,
    at: datetime,
    code: str = "",
    tell: bool = True,
) -> None:
    """Sign: the record is fixed with its hash and a code, drawn here, that the paper shows.

    Everybody who was due is told, unless `tell` is off.
    """
    if not actor.may(Power.SIGN, meeting.community.path):
        raise Forbidden("您的职务没有签发纪要的权限；请由社区书记签发。")
    _expect(minutes, MinutesStage.IN_REVIEW)
    before = journal.image(minutes, "stage")
    minutes.stage, minutes.signed_at = MinutesStage.SIGNED, at
    minutes.signer = db.get_one(Officer, actor.officer_id)
    minutes.code = code or "".join(secrets.choice(CODE_LETTERS) for _ in range(10))
    minutes.record = record.record_of(db, meeting, minutes)
    minutes.record_hash = record.record_hash(minutes.record)
    after = journal.image(minutes, "stage", "record_hash")
    note_cases(db, actor, meeting, at=at)
    carry_on(db, actor, meeting)
    sent = tell_signed(db, meeting, minutes, at=at) if tell else 0
    journal.record(
        db, actor, "sign", "minutes", minutes.id, before=before, after=after, letters=sent
    )


def refuse_incomplete(meeting: Meeting, agenda: list[AgendaItem]) -> None:
    """Raise `Invalid` where attendance or notes are missing."""
    if meeting.stage is not Stage.HELD:
        raise Conflict("会议尚未结束，请先在会议页面结束会议。")
    if not any(a.attendance for a in attending(meeting)):
        raise Invalid("尚未登记考勤，不能提交纪要。")
    silent = next((i for i in agenda if not i.notes and not i.resolutions), None)
    if silent is not None:
        raise Invalid("议题“%(title)s”尚无记录，不能提交纪要。", title=silent.title)


def _expect(minutes: Minutes, stage: MinutesStage) -> None:
    if minutes.stage is not stage:
        raise Conflict(
            "纪要当前为“%(now)s”，不能进行该操作。请刷新页面查看。", now=minutes.stage.word
        )


def refuse_stale(minutes: Minutes, version: int) -> None:
    """Raise `Conflict` where the page shows older minutes than there are."""
    if minutes.version != version:
        raise Conflict("纪要刚被其他人修改，请刷新页面核对后再操作。")
