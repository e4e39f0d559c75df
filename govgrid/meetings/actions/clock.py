"""The clock of the room: which item is heard, from when to when."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.meetings.models import AgendaItem, ItemTime, Meeting


def run_clock(
    db: Session, actor: Actor, meeting: Meeting, item: AgendaItem, *, on: bool, at: datetime
) -> None:
    """Begin to hear an item, which ends the one before, or stop. The same twice changes nothing.

    The caller has asked whether this actor may record.
    """
    running = _running(db, meeting)
    heard = running.agenda_item_id if running else None
    if on is (heard == item.id):
        return
    stop_clock(db, meeting, at=at)
    if on:
        begun = max(at, _last_stop(db, meeting) or at)
        db.add(ItemTime(meeting_id=meeting.id, agenda_item_id=item.id, started_at=begun))
        db.flush()
    journal.record(
        db, actor, "run_clock", "meeting", meeting.id, item=item.id,
        before={"running": heard}, after={"running": item.id if on else None},
    )  # fmt: skip


def stop_clock(db: Session, meeting: Meeting, *, at: datetime) -> None:
    """Stop whatever is heard."""
    running = _running(db, meeting)
    if running is not None:
        running.stopped_at = max(at, running.started_at)
        db.flush()


def _running(db: Session, meeting: Meeting) -> ItemTime | None:
    return db.scalar(
        select(ItemTime).where(ItemTime.meeting_id == meeting.id, ItemTime.stopped_at.is_(None))
    )


def _last_stop(db: Session, meeting: Meeting) -> datetime | None:
    return db.scalar(
        select(ItemTime.stopped_at)
        .where(ItemTime.meeting_id == meeting.id)
        .order_by(ItemTime.stopped_at.desc())
        .limit(1)
    )
