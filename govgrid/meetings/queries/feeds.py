"""Whose calendar address it is and which meetings it shows; meetings behind private links."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, bindparam, func, null, select
from sqlalchemy.orm import Session, aliased, joinedload

from govgrid import workdays
from govgrid.access import ActingPost, Actor, under
from govgrid.accounts.models import Account
from govgrid.accounts.queries import held_on, posts_of
from govgrid.clock import HERE
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Level, Post
from govgrid.meetings import links
from govgrid.meetings.models import Attendee, FeedLink, Meeting, Unit
from govgrid.meetings.queries.feed_events import Address, Subject, address
from govgrid.meetings.queries.seen import sees_unit, units
from govgrid.meetings.rules import LINK_LIVES

BIGGEST = (Level.STREET, Level.COMMUNITY)  # a district has more than a phone wants to hold
OFFERED = 300
_Row = Row[*tuple[Any, ...]]
_Select = Select[*tuple[Any, ...]]


class Subscription(NamedTuple):
    """An address: what it shows, what that is called ("" for a person's own), today's notices.

    Of a person's own meetings what is kept comes along.
    """

    subject: Subject
    name: str
    notices: workdays.Imported
    own: Address | None = None


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
    if link is None:
        raise _closed()
    notices = workdays.Imported(link.years, link.days)
    if link.area_id is None and link.unit_id is None:  # own meetings are everybody's to see
        return Subscription(Subject(None, None, link.officer_id), "", notices, link)
    place = _place_seen(db, link, at)
    path = place.path if link.unit_id is None else None
    return Subscription(Subject(path, link.unit_id, link.officer_id), place.name, notices)


def _place_seen(db: Session, link: Address, at: datetime) -> _Row:
    asked = {
        "officer": link.officer_id, "place": link.unit_id or link.area_id,
        "today": at.astimezone(HERE).date(),
    }  # fmt: skip
    posts = db.connection().execute(_place(unit=link.unit_id is not None), asked).all()
    held = tuple(
        ActingPost(one.role, one.home_id, one.home_path, "", one.served_id)
        for one in posts
        if one.role is not None
    )
    # What others entrusted to an area is asked only where the post's own area is not enough.
    if not posts or not (
        _sees(posts[0], held) or _sees(posts[0], posts_of(db, link.officer_id, at))
    ):
        raise _closed()
    return posts[0]


@cache  # to put a statement together costs more than to run it
def _place(*, unit: bool) -> _Select:
    """Return the statement of a place, once for each post that an officer holds that day."""
    home, served = aliased(Area), aliased(Compound)
    found = (
        select(
            Account.id.label("account_id"), Post.role, home.id.label("home_id"),
            home.path.label("home_path"), served.id.label("served_id"), Area.path,
            *(
                (func.coalesce(Compound.name, Area.name).label("name"), Unit.compound_id, Area.closed_on)
                if unit
                else (Area.name, null().label("compound_id"), null().label("closed_on"))
            ),
        )
        .select_from(Account)
        .outerjoin(Post, and_(Post.officer_id == Account.officer_id, held_on(bindparam("today"))))
        .outerjoin(served, served.id == Post.compound_id)
        .outerjoin(home, home.id == func.coalesce(Post.area_id, served.community_id))
        .where(Account.officer_id == bindparam("officer"), Account.locked_at.is_(None))
    )  # fmt: skip
    if not unit:
        return found.join(Area, Area.id == bindparam("place"))
    return (
        found.join(Unit, Unit.id == bindparam("place"))
        .join(Area, Area.id == Unit.community_id)
        .outerjoin(Compound, Compound.id == Unit.compound_id)
    )


def _sees(place: _Row, posts: tuple[ActingPost, ...]) -> bool:
    actor = Actor(place.account_id, 0, "", posts)
    return place.closed_on is None and sees_unit(actor, place.path, place.compound_id)


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
