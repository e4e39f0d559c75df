"""Rooms of a community as its people see them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Level
from govgrid.meetings.models import Venue, VenueClosure


def community_kept(db: Session, actor: Actor, code: str) -> Area:
    """Return a community in which the actor convenes. Raise `NotFound`."""
    found = db.scalar(
        select(Area).where(
            Area.code == code,
            Area.level == Level.COMMUNITY,
            Area.closed_on.is_(None),
            under(Area.path, actor.paths(Power.CONVENE)),
        )
    )
    if found is None:
        raise NotFound("没有代码为“%(code)s”的社区，或不在您的职责范围内。", code=code[:24])
    return found


def venue_kept(db: Session, actor: Actor, number: int) -> Venue:
    """Return a room with its community. Raise `NotFound` where the actor does not convene."""
    found = db.scalar(
        select(Venue)
        .join(Venue.community)
        .where(Venue.id == number, under(Area.path, actor.paths(Power.CONVENE)))
        .options(contains_eager(Venue.community))
    )
    if found is None:
        raise NotFound("该会议室不存在，或不在您的职责范围内。")
    return found


def closures(db: Session, room: Venue, after: datetime) -> list[VenueClosure]:
    """Return when the room is not to be had, as far as that lies ahead."""
    rows = select(VenueClosure).where(VenueClosure.venue_id == room.id, VenueClosure.end > after)
    return list(db.scalars(rows.order_by(VenueClosure.start, VenueClosure.id).limit(200)))
