"""Keep rooms: where they are, how many they hold, when they are not to be had."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid, NotFound
from govgrid.grid.models import Area
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.models import Venue, VenueClosure

FACTS = ("name", "address", "longitude", "latitude", "capacity")
OWN_ROOM = "%s会议室"


def add_venue(db: Session, actor: Actor, community: Area, values: Mapping[str, Any]) -> Venue:
    """Add a room to the community. Raise `Conflict` where it has one of that name."""
    may_convene(actor, community.path)
    room = Venue(community_id=community.id)
    _set(db, room, values)
    db.add(room)
    db.flush()
    after = journal.image(room, *FACTS)
    journal.record(db, actor, "add", "venue", room.id, after=after, area=community.code)
    return room


def edit_venue(
    db: Session, actor: Actor, room: Venue, values: Mapping[str, Any], version: int
) -> None:
    """Change what is known of a room."""
    may_convene(actor, room.community.path)
    if room.version != version:
        raise Conflict("会议室信息刚被其他人修改，请刷新页面核对后再保存。")
    before = journal.image(room, *FACTS)
    _set(db, room, values)
    journal.record(
        db, actor, "edit", "venue", room.id, before=before, after=journal.image(room, *FACTS)
    )


def close_venue(
    db: Session, actor: Actor, room: Venue, start: datetime, end: datetime, reason: str
) -> VenueClosure:
    """Note that the room is not to be had. Meetings there stay until they are repaired."""
    may_convene(actor, room.community.path)
    if end <= start:
        raise Invalid(
            "结束时间应晚于开始时间。", fields={"to_day": Invalid("结束时间应晚于开始时间。")}
        )
    closure = VenueClosure(venue_id=room.id, start=start, end=end, reason=reason)
    db.add(closure)
    db.flush()
    after = journal.image(closure, "start", "end", "reason")
    journal.record(db, actor, "close_venue", "venue", room.id, after=after)
    return closure


def reopen_venue(db: Session, actor: Actor, room: Venue, number: int) -> None:
    """Take a closure back."""
    may_convene(actor, room.community.path)
    closure = db.get(VenueClosure, number)
    if closure is None or closure.venue_id != room.id:
        raise NotFound("这条停用记录已不存在，请刷新页面。")
    before = journal.image(closure, "start", "end", "reason")
    journal.record(db, actor, "reopen_venue", "venue", room.id, before=before)
    db.delete(closure)


def own_room(db: Session, actor: Actor | None, community_id: int, name: str) -> Venue:
    """Return the community's own meeting room, made where none is known."""
    room = db.scalar(
        select(Venue).where(Venue.community_id == community_id).order_by(Venue.id).limit(1)
    )
    if room is not None:
        return room
    room = Venue(community_id=community_id, name=OWN_ROOM % name)
    db.add(room)
    db.flush()
    journal.record(db, actor, "add", "venue", room.id, after=journal.image(room, *FACTS))
    return room


def _set(db: Session, room: Venue, values: Mapping[str, Any]) -> None:
    same = select(Venue.id).where(
        Venue.community_id == room.community_id,
        Venue.name == values["name"],
        Venue.id != (room.id or 0),
    )
    if db.scalar(same.limit(1)) is not None:
        raise Conflict("本社区已有名为“%(name)s”的会议室。", name=values["name"])
    if (values.get("longitude") is None) != (values.get("latitude") is None):
        raise Invalid(
            "经度和纬度应同时填写。", fields={"latitude": Invalid("经度和纬度应同时填写。")}
        )
    for name in FACTS:
        setattr(room, name, values.get(name))
