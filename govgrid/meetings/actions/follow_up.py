"""Action items after the meeting: said to be done, accepted or sent back, told to the street."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import archive, journal
from govgrid.access import Actor, Power, Role
from govgrid.errors import Conflict, Forbidden
from govgrid.grid.queries import holders
from govgrid.meetings import letters, notes
from govgrid.meetings.actions.reminders import drop_calls
from govgrid.meetings.models import ActionItem, ActionReport, Meeting, ReportPhoto
from govgrid.meetings.queries import tasks
from govgrid.meetings.rules.follow_up import ESCALATES, Picture
from govgrid.outbox.actions import queue
from govgrid.web import language, provisional
from govgrid.workdays import local_day

DONE = ("closed_at", "evidence", "done_on")


def report_done(
    db: Session,
    actor: Actor | None,
    item: ActionItem,
    name: str,
    text: str,
    pictures: Sequence[Picture] = (),
    *,
    at: datetime,
) -> ActionReport:
    """Say that an action item is done; it stays open until the convenor accepts that.

    `actor` None: whoever holds the private link, called `name`. The caller has asked who may.
    """
    _refuse_closed(item)
    if item.done_on is not None:
        raise Conflict("该事项已报办结，正在等待验收，请刷新页面查看。")
    made = ActionReport(action_item_id=item.id, at=at, by_name=name, text=text)
    db.add(made)
    db.flush()
    db.add_all(_kept(db, made, picture) for picture in pictures)
    before = journal.image(item, "done_on")
    item.done_on = local_day(at)
    drop_calls(db, item, at=at)
    journal.record(
        db, actor, "report_done", "action_item", item.id, meeting=item.meeting_id, name=name,
        text=text, photos=len(pictures), before=before, after=journal.image(item, "done_on"),
    )  # fmt: skip
    return made


def _kept(db: Session, report: ActionReport, picture: Picture) -> ReportPhoto:
    name = archive.keep(db.info["settings"].archive, picture.data)
    return ReportPhoto(
        report_id=report.id, media_type=picture.media_type, size=len(picture.data), sha256=name
    )


def accept(
    db: Session, actor: Actor, item: ActionItem, report: ActionReport | None, path: str, *,
    at: datetime,
) -> None:  # fmt: skip
    """Accept what was said to be done: that closes the item, with it as evidence."""
    _may_decide(actor, path)
    waiting = _waiting(item, report)
    waiting.accepted, waiting.decided_at, waiting.decided_by = True, at, actor.name
    before = journal.image(item, *DONE)
    item.closed_at, item.evidence = at, waiting.text
    drop_calls(db, item, at=at)
    after = journal.image(item, *DONE)
    journal.record(db, actor, "accept_done", "action_item", item.id, before=before, after=after)


def return_report(
    db: Session, actor: Actor, item: ActionItem, report: ActionReport | None, path: str,
    reason: str, *, at: datetime,
) -> None:  # fmt: skip
    """Send back what was said to be done, with a reason of which the owner is told."""
    _may_decide(actor, path)
    waiting = _waiting(item, report)
    waiting.accepted, waiting.decided_at, waiting.decided_by = False, at, actor.name
    waiting.reason = reason
    before = journal.image(item, "done_on")
    item.done_on = None
    if item.owner.email:
        settings = letters.settings_of(db)
        with language.speaking(settings.locale), provisional.consulting(db):
            seat = tasks.seat_of(db, item)
            queue(db, notes.returned(settings, item, reason, seat, at=at), at=at)
    after = journal.image(item, "done_on")
    journal.record(
        db, actor, "return_done", "action_item", item.id, reason=reason, before=before, after=after
    )


def close_action_item(
    db: Session, actor: Actor, item: ActionItem, path: str, evidence: str, *, at: datetime
) -> None:
    """Close an action item at once with evidence: whoever convenes there accepts it with that."""
    if not actor.may(Power.CONVENE, path):
        raise Forbidden("只有会议召集单位可以办结该事项；责任人请报送办结情况，等待验收。")
    _refuse_closed(item)
    if item.done_on is not None:
        raise Conflict("责任人已报办结，请直接验收或退回。")
    before = journal.image(item, *DONE)
    item.closed_at, item.evidence, item.done_on = at, evidence, local_day(at)
    drop_calls(db, item, at=at)
    after = journal.image(item, *DONE)
    journal.record(db, actor, "close", "action_item", item.id, before=before, after=after)


def carry_over(db: Session, meeting: Meeting, *, at: datetime, tell: bool = True) -> int:
    """Count one more meeting that found the unit's earlier items open; tell the street of some.

    Return how many are carried over. Called once a meeting, when it ends. Without `tell` the mark
    alone is set.
    """
    found = db.scalars(
        select(ActionItem)
        .join(ActionItem.meeting)
        .where(
            ActionItem.unit_id == meeting.unit_id,
            ActionItem.closed_at.is_(None),
            Meeting.start < meeting.start,
        )
        .order_by(ActionItem.id)
    ).all()
    for item in found:
        item.carried += 1
        if item.carried >= ESCALATES and item.escalated_at is None:
            _escalate(db, meeting, item, at=at, tell=tell)
    return len(found)


def _escalate(db: Session, meeting: Meeting, item: ActionItem, *, at: datetime, tell: bool) -> None:
    before = journal.image(item, "escalated_at")
    item.escalated_at = at
    db.flush()
    street, on = meeting.community.parent_id, local_day(at)
    people = holders(db, Role.LIAISON, area_id=street, on=on) if street and tell else []
    written = [one.officer for one in people if one.officer.email]
    settings, whole = letters.settings_of(db), tasks.whole_item(db, item.id)
    with language.speaking(settings.locale), provisional.consulting(db):
        for officer in written:
            queue(db, notes.escalated(settings, whole, officer), at=at)
    journal.record(
        db, None, "escalate", "action_item", item.id, meeting=meeting.id, letters=len(written),
        before=before, after=journal.image(item, "escalated_at"),
    )  # fmt: skip


def _refuse_closed(item: ActionItem) -> None:
    if item.closed_at is not None:
        raise Conflict("该事项已办结，请刷新页面查看。")


def _waiting(item: ActionItem, report: ActionReport | None) -> ActionReport:
    _refuse_closed(item)
    if report is None or report.accepted is not None:
        raise Conflict("没有等待验收的办结情况，可能已处理，请刷新页面查看。")
    return report


def _may_decide(actor: Actor, path: str) -> None:
    if not actor.may(Power.CONVENE, path):
        raise Forbidden("只有会议召集单位可以验收办结情况。")
