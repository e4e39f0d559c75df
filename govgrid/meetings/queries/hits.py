"""Which meetings to come are hit: somebody required is away, the room is closed, the day is off."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Role
from govgrid.errors import Invalid, Refusal
from govgrid.grid.models import Absence, Area, Officer
from govgrid.grid.queries.realm import held_by
from govgrid.meetings.models import Attendee, Meeting, Unit, Venue, VenueClosure
from govgrid.meetings.models.meeting import OPEN
from govgrid.meetings.queries import rest_days
from govgrid.meetings.queries.engaged import GONE
from govgrid.meetings.queries.settings import setups_of_units

COUNTED = (Role.MICRO_GRID_MEMBER, Role.OWNERS_COMMITTEE)  # many: a few may be away

Hits = Mapping[int, list[Refusal]]


def hits(db: Session, meetings: Collection[int], *, at: datetime) -> Hits:
    """Return why each of these meetings cannot stay where it is; those that can are left out."""
    found: dict[int, list[Refusal]] = defaultdict(list)
    if not meetings:
        return found
    ahead = and_(Meeting.id.in_(meetings), Meeting.stage.in_(OPEN), Meeting.start > at)
    for meeting, name, reason in db.execute(_away(ahead)):
        found[meeting].append(Invalid("%(name)s%(what)s", name=name, what=reason))
    for meeting in _without_quorum(db, ahead):
        found[meeting].append(Invalid("不在的成员过多，达不到法定人数"))
    for meeting, room, reason in db.execute(_closed(ahead)):
        found[meeting].append(Invalid("%(room)s停用：%(what)s", room=room, what=reason))
    days = rest_days.closed(db, at)
    rows = select(Meeting.id).where(ahead, rest_days.hit(days))
    for meeting in db.scalars(rows):
        found[meeting].append(Invalid("当天已改为休息日"))
    return found


def hit_ids(db: Session, area: Area, month: date, *, at: datetime, limit: int = 500) -> list[int]:
    """Return the ids of the area's meetings of the month that are hit."""
    ahead = and_(held_by(area), Meeting.month == month, Meeting.stage.in_(OPEN), Meeting.start > at)
    ids: set[int] = {row[0] for row in db.execute(_away(ahead))}
    ids |= set(_without_quorum(db, ahead)) | {row[0] for row in db.execute(_closed(ahead))}
    days = rest_days.closed(db, at)
    base = select(Meeting.id).join(Area, Area.id == Meeting.community_id)
    ids |= set(db.scalars(base.where(ahead, rest_days.hit(days))))
    return sorted(ids)[:limit]


def _seats(ahead: ColumnElement[bool]) -> Select[int]:
    return (
        select(Meeting.id)
        .join(Area, Area.id == Meeting.community_id)
        .join(Attendee, Attendee.meeting_id == Meeting.id)
        .where(
            ahead,
            Attendee.required,
            Attendee.observer.is_(False),
            Attendee.known_away.is_(False),
            Attendee.removed_at.is_(None),
            Attendee.reply.not_in(GONE),
        )
    )


def _overlaps() -> ColumnElement[bool]:
    return and_(
        Absence.officer_id == Attendee.officer_id,
        Absence.start < Meeting.end,
        Absence.end > Meeting.start,
    )


def _away(ahead: ColumnElement[bool]) -> Select[int, str, str]:
    return (
        _seats(ahead)
        .add_columns(Officer.name, func.min(Absence.reason))
        .join(Officer, Officer.id == Attendee.officer_id)
        .join(Absence, _overlaps())
        .where(Attendee.role.not_in(COUNTED))
        .group_by(Meeting.id, Officer.id, Officer.name)
        .order_by(Meeting.id, Officer.id)
    )


def _without_quorum(db: Session, ahead: ColumnElement[bool]) -> list[int]:
    """Return the meetings of whose counted members too few are there for their units' settings."""
    counted = {meeting: (members, gone) for meeting, members, gone in db.execute(_counted(ahead))}
    if not counted:
        return []
    meetings = db.scalars(
        select(Meeting)
        .where(Meeting.id.in_(counted))
        .options(
            joinedload(Meeting.unit).options(joinedload(Unit.community), joinedload(Unit.compound))
        )
        .order_by(Meeting.id)
    ).all()
    setups = setups_of_units(db, {meeting.unit for meeting in meetings})
    return [
        meeting.id
        for meeting in meetings
        for members, gone in (counted[meeting.id],)
        if members - gone < setups[meeting.unit_id].fewest(members)
    ]


def _counted(ahead: ColumnElement[bool]) -> Select[int, int, int]:
    """Select meetings whose counted members are partly away: how many they are, how many are."""
    gone = func.count(func.distinct(Absence.officer_id))
    everybody = func.count(func.distinct(Attendee.officer_id))
    return (
        _seats(ahead)
        .add_columns(everybody, gone)
        .outerjoin(Absence, _overlaps())
        .where(Attendee.role.in_(COUNTED))
        .group_by(Meeting.id)
        .having(gone > 0)
    )


def _closed(ahead: ColumnElement[bool]) -> Select[int, str, str]:
    return (
        select(Meeting.id, Venue.name, func.min(VenueClosure.reason))
        .join(Area, Area.id == Meeting.community_id)
        .join(Venue, Venue.id == Meeting.venue_id)
        .join(
            VenueClosure,
            and_(
                VenueClosure.venue_id == Venue.id,
                VenueClosure.start < Meeting.end,
                VenueClosure.end > Meeting.start,
            ),
        )
        .where(ahead)
        .group_by(Meeting.id, Venue.name)
        .order_by(Meeting.id)
    )
