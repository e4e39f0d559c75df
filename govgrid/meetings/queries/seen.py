"""One unit, meeting or agenda item, where this actor may see it."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from govgrid.access import Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Officer
from govgrid.meetings.models import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    Attendee,
    Meeting,
    Minutes,
    Resolution,
    Unit,
)


def meeting_seen(db: Session, actor: Actor, number: int) -> Meeting:
    """Return the meeting with unit, venue, convenor and attendees. Raise `NotFound`."""
    found = db.scalar(
        select(Meeting)
        .join(Meeting.unit)
        .join(Meeting.community)
        .where(Meeting.id == number, seen(actor))
        .options(*whole_meeting())
    )
    if found is None:
        raise NotFound("会议不存在，或不在您的职责范围内。")
    return found


def seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Meeting joined with Unit and its community Area."""
    invited = select(Attendee.meeting_id).where(
        Attendee.officer_id == actor.officer_id, Attendee.removed_at.is_(None)
    )
    return or_(
        under(Area.path, actor.paths()),
        Unit.compound_id.in_(actor.compounds()),
        Meeting.id.in_(invited),
    )


def whole_meeting() -> tuple[ExecutableOption, ...]:
    """Return the loading options of a meeting joined with Unit and community."""
    return (
        contains_eager(Meeting.unit).options(
            joinedload(Unit.compound).joinedload(Compound.community),
            joinedload(Unit.community),
            joinedload(Unit.venue),
        ),
        contains_eager(Meeting.community),
        joinedload(Meeting.venue),
        joinedload(Meeting.convenor),
        selectinload(Meeting.attendees).joinedload(Attendee.officer),
    )


def load_meeting(db: Session, number: int) -> Meeting:
    """Return the whole meeting for the system itself. Raise `NotFound`."""
    found = db.scalar(
        select(Meeting)
        .join(Meeting.unit)
        .join(Meeting.community)
        .where(Meeting.id == number)
        .options(*whole_meeting())
    )
    if found is None:
        raise NotFound("会议不存在。")
    return found


def unit_seen(db: Session, actor: Actor, number: int) -> Unit:
    """Return the unit with compound, community and venue. Raise `NotFound`."""
    found = db.scalar(units(actor).where(Unit.id == number).options(joinedload(Unit.venue)))
    if found is None:
        raise NotFound("该会议单元不存在，或不在您的职责范围内。")
    return found


def units(actor: Actor) -> Select[Unit]:
    """Select the units that the actor sees, with compound and community."""
    return (
        select(Unit)
        .join(Unit.community)
        .outerjoin(Unit.compound)
        .where(
            or_(under(Area.path, actor.paths()), Unit.compound_id.in_(actor.compounds())),
            Area.closed_on.is_(None),
        )
        .options(contains_eager(Unit.community), contains_eager(Unit.compound))
    )


def sees_unit(actor: Actor, community_path: str, compound_id: int | None) -> bool:
    """Tell of one unit in an open community what `units` selects."""
    return actor.may(Power.SEE, community_path) or compound_id in actor.compounds()


def agenda(db: Session, meeting: Meeting) -> list[AgendaItem]:
    """Return the agenda in order, with cases and resolutions."""
    return list(
        db.scalars(
            select(AgendaItem)
            .where(AgendaItem.meeting_id == meeting.id)
            .order_by(AgendaItem.position, AgendaItem.id)
            .options(
                selectinload(AgendaItem.cases).joinedload(AgendaCase.case),
                selectinload(AgendaItem.resolutions),
            )
        )
    )


def agenda_item(db: Session, meeting: Meeting, number: int) -> AgendaItem:
    """Return one item of the meeting's agenda. Raise `NotFound`."""
    found = db.scalar(
        select(AgendaItem)
        .where(AgendaItem.meeting_id == meeting.id, AgendaItem.id == number)
        .options(
            selectinload(AgendaItem.cases).joinedload(AgendaCase.case),
            selectinload(AgendaItem.resolutions),
        )
    )
    if found is None:
        raise NotFound("该议题已不存在，请刷新页面。")
    return found


def resolution(item: AgendaItem, number: int) -> Resolution:
    """Return one resolution of the item. Raise `NotFound`."""
    found = next((r for r in item.resolutions if r.id == number), None)
    if found is None:
        raise NotFound("该决议已不存在，请刷新页面。")
    return found


def action_items(db: Session, meeting: Meeting) -> list[ActionItem]:
    """Return what this meeting gave to do, with owners."""
    return list(
        db.scalars(
            select(ActionItem)
            .where(ActionItem.meeting_id == meeting.id)
            .order_by(ActionItem.id)
            .options(joinedload(ActionItem.owner))
        )
    )


def open_before(db: Session, meeting: Meeting) -> list[ActionItem]:
    """Return the unit's action items of earlier meetings that are still open."""
    return list(
        db.scalars(
            select(ActionItem)
            .join(ActionItem.meeting)
            .where(
                ActionItem.unit_id == meeting.unit_id,
                ActionItem.closed_at.is_(None),
                Meeting.start < meeting.start,
            )
            .order_by(ActionItem.deadline, ActionItem.id)
            .options(joinedload(ActionItem.owner), contains_eager(ActionItem.meeting))
        )
    )


def minutes_of(db: Session, meeting: Meeting) -> Minutes | None:
    """Return the meeting's first minutes, which the room writes; corrections come after them."""
    return db.scalar(
        select(Minutes)
        .where(Minutes.meeting_id == meeting.id)
        .order_by(Minutes.number)
        .limit(1)
        .options(joinedload(Minutes.signer))
    )


def told_of(db: Session, meetings: Collection[int]) -> dict[int, list[tuple[str, bool]]]:
    """Return who is due at each meeting: name, and whether a letter can reach them."""
    found: dict[int, list[tuple[str, bool]]] = {}
    rows = db.execute(
        select(Attendee.meeting_id, Officer.name, Officer.email.is_not(None))
        .join(Officer, Officer.id == Attendee.officer_id)
        .where(Attendee.meeting_id.in_(meetings), Attendee.removed_at.is_(None))
        .order_by(Attendee.id)
    )
    for meeting, name, reached in rows:
        found.setdefault(meeting, []).append((name, bool(reached)))
    return found


def known_uids(db: Session, uids: Collection[str]) -> set[str]:
    """Return which of these calendar UIDs are meetings of ours."""
    known: set[str] = set()
    ordered = sorted(uids)
    for first in range(0, len(ordered), 500):
        some = ordered[first : first + 500]
        known.update(db.scalars(select(Meeting.uid).where(Meeting.uid.in_(some))))
    return known
