"""Hand minutes in, approve, sign and correct them; what is signed never changes."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Officer
from govgrid.meetings import drafting
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.actions.preparing import carry_on
from govgrid.meetings.actions.reminders import tell_signed
from govgrid.meetings.actions.stamps import note_cases
from govgrid.meetings.models import (
    AgendaItem,
    Approval,
    Meeting,
    Minutes,
    MinutesStage,
    Retention,
    Reviewer,
    Stage,
)
from govgrid.meetings.queries.minutes import house_of
from govgrid.meetings.record import record_hash
from govgrid.meetings.rules import minutes as rules

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike on paper


def submit(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    minutes: Minutes,
    agenda: Sequence[AgendaItem],
    *,
    at: datetime,
) -> None:
    """Hand the draft in: from now on it says what it says now. The convenor approves by it.

    Raise `Invalid` where something is missing, or a correction changes nothing.
    """
    may_convene(actor, meeting.community.path)
    _expect(minutes, MinutesStage.DRAFT)
    if minutes.number == 1:
        refuse_incomplete(meeting, agenda)
        minutes.draft = drafting.from_meeting(db, meeting, minutes)
    else:
        minutes.draft = _told(db, meeting, minutes)
    minutes.retention = Retention.of_key(str(minutes.draft["retention"]))
    before = journal.image(minutes, "stage")
    minutes.stage, minutes.submitted_at = MinutesStage.IN_REVIEW, at
    after = journal.image(minutes, "stage")
    journal.record(db, actor, "submit", "minutes", minutes.id, before=before, after=after)
    if actor.officer_id == meeting.convenor_id:
        _approve(db, actor, minutes, Reviewer.CONVENOR, at=at)


def approve(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    minutes: Minutes,
    reviewer: Reviewer,
    *,
    at: datetime,
) -> None:
    """Approve what was handed in. Raise `Forbidden` or `Conflict`."""
    path = meeting.community.path
    if not rules.may_approve(actor, reviewer, path, meeting.convenor_id):
        raise Forbidden("您的职务没有“%(what)s”的权限。", what=reviewer.word)
    rules.refuse_approval(actor, minutes, reviewer, house_of(db, path))
    _approve(db, actor, minutes, reviewer, at=at)


def _approve(
    db: Session, actor: Actor, minutes: Minutes, reviewer: Reviewer, *, at: datetime
) -> None:
    minutes.approvals.append(
        Approval(reviewer=reviewer, officer_id=actor.officer_id, name=actor.name, at=at)
    )
    flag_modified(minutes, "stage")  # an edit at the same moment must not keep this approval
    db.flush()
    journal.record(db, actor, "approve", "minutes", minutes.id, after={"reviewer": reviewer})


def send_back(
    db: Session, actor: Actor, meeting: Meeting, minutes: Minutes, reason: str = "", *, at: datetime
) -> None:
    """Return minutes under review to draft; approvals are retracted."""
    path = meeting.community.path
    if not any(rules.may_approve(actor, one, path, meeting.convenor_id) for one in Reviewer):
        may_convene(actor, path)
    _expect(minutes, MinutesStage.IN_REVIEW)
    retract(db, actor, minutes, at=at, sent_back=True, reason=reason)


def retract(
    db: Session,
    actor: Actor,
    minutes: Minutes,
    *,
    at: datetime,
    sent_back: bool = False,
    reason: str = "",
) -> None:
    """Take minutes under review back to draft: what was approved is not what they will say."""
    if minutes.stage is not MinutesStage.IN_REVIEW:
        return
    lost = [one.reviewer.value for one in rules.standing(minutes).values()]
    for one in rules.standing(minutes).values():
        one.retracted_at, one.retracted_by = at, actor.name
    before = journal.image(minutes, "stage")
    minutes.stage, minutes.submitted_at = MinutesStage.DRAFT, None
    if minutes.number == 1:
        minutes.draft = None
    after = journal.image(minutes, "stage")
    said = {"reason": reason} if reason else {}
    journal.record(
        db,
        actor,
        "send_back" if sent_back else "retract",
        "minutes",
        minutes.id,
        before=before,
        after=after,
        retracted=lost,
        **said,
    )
    db.flush()


def open_for_edit(db: Session, actor: Actor, meeting: Meeting, *, at: datetime) -> None:
    """Retract what the room's edit makes stale. Raise `Conflict` once the minutes are signed."""
    minutes = db.scalar(
        select(Minutes)
        .where(Minutes.meeting_id == meeting.id, Minutes.number == 1)
        .options(selectinload(Minutes.approvals))
    )
    if minutes is None:
        return
    if minutes.stage is MinutesStage.SIGNED:
        raise Conflict("纪要已签发，不能再修改会议记录。")
    retract(db, actor, minutes, at=at)


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
    path = meeting.community.path
    if not actor.may(Power.SIGN, path):
        raise Forbidden("您的职务没有签发纪要的权限；请由社区书记签发。")
    _expect(minutes, MinutesStage.IN_REVIEW)
    rules.refuse_unapproved(minutes, house_of(db, path))
    before = journal.image(minutes, "stage")
    handed_in = drafting.drafted(db, meeting, minutes)
    minutes.stage, minutes.signed_at = MinutesStage.SIGNED, at
    minutes.signer = db.get_one(Officer, actor.officer_id)
    minutes.code = code or "".join(secrets.choice(CODE_LETTERS) for _ in range(10))
    minutes.record = {
        **handed_in,
        "approvals": drafting.approvals(minutes),
        "code": minutes.code,
    }
    minutes.record_hash = record_hash(minutes.record)
    minutes.draft = minutes.words = None
    after = journal.image(minutes, "stage", "record_hash")
    note_cases(db, actor, meeting, at=at)
    carry_on(db, actor, meeting)
    sent = tell_signed(db, meeting, minutes, at=at) if tell else 0
    journal.record(
        db, actor, "sign", "minutes", minutes.id, before=before, after=after, letters=sent
    )


def correct(db: Session, actor: Actor, meeting: Meeting, newest: Minutes, reason: str) -> Minutes:
    """Begin a correction: a new version that starts from what was signed.

    Raise `Conflict` where the newest version is not signed.
    """
    may_convene(actor, meeting.community.path)
    if newest.stage is not MinutesStage.SIGNED:
        raise Conflict("已有一个更正版正在起草或审核，请先完成或放弃它。")
    made = Minutes(
        meeting_id=meeting.id,
        number=newest.number + 1,
        issue=newest.issue,
        stage=MinutesStage.DRAFT,
        drafted_by=actor.name,
        draft=drafting.corrected(newest, reason, actor.name),
        correction=reason,
        retention=newest.retention,
        approvals=[],
    )
    made.draft = {"retention": str(newest.retention or Retention.THIRTY), **(made.draft or {})}
    db.add(made)
    db.flush()
    after = {"number": made.number, "reason": reason}
    journal.record(db, actor, "correct", "minutes", made.id, meeting=meeting.id, after=after)
    return made


def drop_correction(db: Session, actor: Actor, meeting: Meeting, minutes: Minutes) -> None:
    """Give a correction up before it is signed."""
    may_convene(actor, meeting.community.path)
    _expect(minutes, MinutesStage.DRAFT)
    if minutes.number == 1:
        raise Conflict("会议纪要的第一版不能放弃。")
    db.execute(delete(Approval).where(Approval.minutes_id == minutes.id))
    db.execute(delete(Minutes).where(Minutes.id == minutes.id))
    before = {"number": minutes.number, "reason": minutes.correction}
    journal.record(
        db, actor, "drop_correction", "minutes", minutes.id, meeting=meeting.id, before=before
    )


def refuse_incomplete(meeting: Meeting, agenda: Sequence[AgendaItem]) -> None:
    """Raise `Invalid` where attendance or notes are missing."""
    if meeting.stage is not Stage.HELD:
        raise Conflict("会议尚未结束，请先在会议页面结束会议。")
    if not any(a.attendance for a in attending(meeting)):
        raise Invalid("尚未登记考勤，不能提交纪要。")
    silent = next((i for i in agenda if not i.notes and not i.resolutions), None)
    if silent is not None:
        raise Invalid("议题“%(title)s”尚无记录，不能提交纪要。", title=silent.title)


def _told(db: Session, meeting: Meeting, minutes: Minutes) -> dict[str, object]:
    """Return a correction's draft with what it changes. Raise `Invalid` where that is nothing."""
    assert minutes.draft is not None
    before = select(Minutes.record).where(
        Minutes.meeting_id == meeting.id, Minutes.number == minutes.number - 1
    )
    old, new = db.scalars(before).one() or {}, minutes.draft
    rules.refuse_unchanged(old, new)
    told = new["correction"]
    assert isinstance(told, dict)
    return {**new, "correction": {**told, "changes": rules.changes(old, new)}}


def _expect(minutes: Minutes, stage: MinutesStage) -> None:
    if minutes.stage is not stage:
        raise Conflict(
            "纪要当前为“%(now)s”，不能进行该操作。请刷新页面查看。", now=minutes.stage.word
        )


def refuse_stale(minutes: Minutes, version: int) -> None:
    """Raise `Conflict` where the page shows older minutes than there are."""
    if minutes.version != version:
        raise Conflict("纪要刚被其他人修改，请刷新页面核对后再操作。")
