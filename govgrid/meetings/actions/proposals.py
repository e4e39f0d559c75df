"""What attendees propose through their link, and how the convening office answers."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid
from govgrid.meetings.actions.agenda import Wording, add_item, may_write
from govgrid.meetings.models import (
    AgendaItem,
    AgendaKind,
    Attendee,
    Meeting,
    Proposal,
    ProposalStage,
    Stage,
)
from govgrid.meetings.rules.agenda import PROPOSALS

SAID = ("stage", "reason", "agenda_item_id")


def propose(
    db: Session, meeting: Meeting, attendee: Attendee, text: str, *, at: datetime
) -> Proposal:
    """Note what the holder of a private link proposes."""
    db.refresh(attendee, ["removed_at"], with_for_update=True)  # two at once count as two
    if meeting.stage is not Stage.CONFIRMED or meeting.start <= at:
        raise Conflict("会议已经开始、结束或取消，不能再提议；请直接联系召集人。")
    made = select(Proposal.text).where(Proposal.attendee_id == attendee.id)
    if (db.scalar(select(func.count()).select_from(made.subquery())) or 0) >= PROPOSALS:
        raise Conflict("每人每次会议最多提 %(n)s 条；如有补充，请联系召集人。", n=PROPOSALS)
    if text in db.scalars(made).all():
        raise Conflict("这条提议已经收到，无需重复提交。")
    found = Proposal(meeting_id=meeting.id, attendee_id=attendee.id, text=text, made_at=at)
    db.add(found)
    db.flush()
    after = journal.image(found, "text")
    journal.record(
        db, None, "propose", "meeting", meeting.id, officer=attendee.officer_id, after=after
    )
    return found


def take_up(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    proposal: Proposal,
    wording: Wording,
    *,
    at: datetime,
) -> AgendaItem:
    """Make an agenda item of a proposal, whose text and author stand in its brief."""
    may_write(actor, meeting)
    _expect_waiting(proposal)
    item = add_item(db, actor, meeting, AgendaKind.PROPOSAL, wording)
    _decide(db, actor, meeting, proposal, ProposalStage.TAKEN, item=item, at=at)
    return item


def turn_down(
    db: Session, actor: Actor, meeting: Meeting, proposal: Proposal, reason: str, *, at: datetime
) -> None:
    """Leave a proposal out, with the reason that its author reads."""
    may_write(actor, meeting)
    _expect_waiting(proposal)
    if not reason:
        raise Invalid("请填写不列入的原因，提议人会看到。")
    _decide(db, actor, meeting, proposal, ProposalStage.DECLINED, reason=reason, at=at)


def _expect_waiting(proposal: Proposal) -> None:
    if proposal.stage is not ProposalStage.WAITING:
        raise Conflict("该提议已处理（%(stage)s），请刷新页面。", stage=proposal.stage.word)


def _decide(
    db: Session,
    actor: Actor,
    meeting: Meeting,
    proposal: Proposal,
    stage: ProposalStage,
    *,
    item: AgendaItem | None = None,
    reason: str | None = None,
    at: datetime,
) -> None:
    before = journal.image(proposal, *SAID)
    proposal.stage, proposal.reason = stage, reason
    proposal.decided_at, proposal.decided_by = at, actor.name
    proposal.agenda_item_id = item.id if item else None
    after = journal.image(proposal, *SAID)
    journal.record(db, actor, "answer_proposal", "meeting", meeting.id, before=before, after=after)
