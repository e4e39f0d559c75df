"""Whose calendar address it is and which meetings it shows; meetings behind private links."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Actor, under
from govgrid.accounts.queries import posts_of
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Level
from govgrid.meetings import links
from govgrid.meetings.models import Attendee, FeedLink, Meeting, Unit
from govgrid.meetings.queries.feed_events import Address, Subject, address
from govgrid.meetings.queries.seen import sees_unit, units
from govgrid.meetings.rules import LINK_LIVES

BIGGEST = (Level.STREET, Level.COMMUNITY)  # a district has more than a phone wants to hold
OFFERED = 300


class Subscription(NamedTuple):
    """An address: what it shows, what that is called ("" for a person's own), what is kept of it."""

    subject: Subject
    name: str
    address: Address


def attendee_of_link(db: Session, token: str, *, at: datetime) -> tuple[Meeting, Attendee]:
    """Return meeting, with venue and convenor, and attendee of a private link.

    Raise `NotFound` once it has expired.
    """
    attendee = db.scalar(
        select(Attendee)
        .where(Attendee.link == links.lookup(token))
        .options(
            joinedload(Attendee.officer),
            joinedload(Attendee.meeting).options(
                joinedload(Meeting.venue), joinedload(Meeting.convenor)
            ),
        )
    )
    if attendee is None or attendee.removed_at is not None:
        raise NotFound(
            "链接无效或已失效。如您收到过新的通知，请使用最新通知中的链接，或联系召集人。"
        )
    meeting = attendee.meeting
    if at > meeting.end + LINK_LIVES:
        raise NotFound("会议已结束，该链接已过期。如需查看会议情况，请联系召集人。")
    return meeting, attendee


def feed_of(db: Session, token: str, *, at: datetime, text: bool = True) -> Subscription:
    """Return what an address shows; without `text` only what there is, at less cost.

    Raise `NotFound` for a revoked one, and where its holder may not see that place today.
    """
    link = address(db, links.lookup(token), at, text=text)
    if link is None or not _sees(db, link, at):
        raise _closed()
    path = link.path if link.unit_id is None else None
    return Subscription(Subject(path, link.unit_id, link.officer_id), link.name or "", link)


def _sees(db: Session, link: Address, at: datetime) -> bool:
    """Tell whether the holder sees the place; own meetings are everybody's to see."""
    if link.path is None:
        return True
    if link.posts is None or (link.unit_id is not None and link.closed_on is not None):
        return False
    # What others entrusted to an area is asked only where the post's own area is not enough.
    return any(
        sees_unit(Actor(0, link.officer_id, "", held()), link.path, link.compound_id)
        for held in (link.acting, lambda: posts_of(db, link.officer_id, at))
    )


def _closed() -> NotFound:
    return NotFound("日历订阅地址无效或已停用，请登录后重新获取。")


def _links() -> Select[FeedLink]:
    return select(FeedLink).options(
        joinedload(FeedLink.area),
        joinedload(FeedLink.unit).options(joinedload(Unit.compound), joinedload(Unit.community)),
    )


def own_link(db: Session, actor: Actor) -> FeedLink | None:
    """Return the address of the actor's own meetings."""
    return next((one for one in own_links(db, actor) if not (one.area_id or one.unit_id)), None)


def own_links(db: Session, actor: Actor) -> Sequence[FeedLink]:
    """Return all addresses of the actor, the first given first."""
    mine = _links().where(FeedLink.officer_id == actor.officer_id)
    return db.scalars(mine.order_by(FeedLink.id)).all()


def link_of(db: Session, actor: Actor, number: int) -> FeedLink:
    """Return an address of the actor's. Raise `NotFound`."""
    found = next((one for one in own_links(db, actor) if one.id == number), None)
    if found is None:
        raise NotFound("该订阅地址已不存在，请刷新页面。")
    return found


def offered(
    db: Session, actor: Actor, area: int | None = None, unit: int | None = None
) -> tuple[Sequence[Area], Sequence[Unit]]:
    """Return streets, communities and units that the actor sees; only those asked for by number."""
    areas = select(Area).where(
        under(Area.path, actor.paths()), Area.level.in_(BIGGEST), Area.closed_on.is_(None)
    )
    seen = units(actor)
    if area is not None or unit is not None:
        areas, seen = areas.where(Area.id == (area or 0)), seen.where(Unit.id == (unit or 0))
    return (
        db.scalars(areas.order_by(Area.path).limit(OFFERED)).all(),
        db.scalars(seen.order_by(Area.path, Unit.id).limit(OFFERED)).all(),
    )
