"""What the room shows beside its agenda: clock, votes, what was taken already."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.errors import NotFound
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    Guest,
    ItemTime,
    Meeting,
    Resolution,
    RoomEntry,
    Vote,
)


def times(db: Session, meeting: Meeting) -> Sequence[ItemTime]:
    """Return the stretches in which items were heard, in order."""
    rows = select(ItemTime).where(ItemTime.meeting_id == meeting.id)
    return db.scalars(rows.order_by(ItemTime.started_at, ItemTime.id)).all()


def guests(db: Session, meeting: Meeting) -> Sequence[Guest]:
    """Return who is there and nobody's officer, as they were written down."""
    rows = select(Guest).where(Guest.meeting_id == meeting.id)
    return db.scalars(rows.order_by(Guest.id)).all()


def guest(db: Session, meeting: Meeting, number: int) -> Guest:
    """Return one of them. Raise `NotFound`."""
    found = db.get(Guest, number)
    if found is None or found.meeting_id != meeting.id:
        raise NotFound("该列席人员已不在名单中，请刷新页面。")
    return found


def votes(db: Session, meeting: Meeting) -> dict[int, Vote]:
    """Return the meeting's counted votes by resolution."""
    rows = select(Vote).join(AgendaItem, AgendaItem.id == Vote.agenda_item_id)
    return {v.resolution_id: v for v in db.scalars(rows.where(AgendaItem.meeting_id == meeting.id))}


def written(db: Session, meeting: Meeting) -> dict[int, tuple[int, list[int], list[int]]]:
    """Return by item the version of its notes, and the numbers of its resolutions and tasks."""
    rows = db.execute(
        select(AgendaItem.id, AgendaItem.notes_version)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    found: dict[int, tuple[int, list[int], list[int]]] = {n: (v, [], []) for n, v in rows}
    resolved = (
        select(Resolution.agenda_item_id, Resolution.id)
        .join(AgendaItem, AgendaItem.id == Resolution.agenda_item_id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(Resolution.id)
    )
    given = (
        select(ActionItem.agenda_item_id, ActionItem.id)
        .where(ActionItem.meeting_id == meeting.id)
        .order_by(ActionItem.id)
    )
    for place, statement in ((1, resolved), (2, given)):
        for item, number in db.execute(statement):
            lists = found[item][1:]
            lists[place - 1].append(number)
    return found


def entry_of(db: Session, meeting_id: int, key: str) -> RoomEntry | None:
    """Return the entry that was taken under the key."""
    return db.get(RoomEntry, (meeting_id, key))
