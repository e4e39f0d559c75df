"""Whose calendar address it is and which meetings it shows; meetings behind private links."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session, aliased, joinedload

from govgrid import workdays
from govgrid.access import Actor, Power, under
from govgrid.accounts.models import Account
from govgrid.accounts.queries import posts_of
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Level
from govgrid.meetings import links
from govgrid.meetings.models import Attendee, FeedLink, Meeting, Unit
from govgrid.meetings.queries.feed_events import Subject
from govgrid.meetings.queries.seen import sees_unit, units
from govgrid.meetings.rules import LINK_LIVES

BIGGEST = (Level.STREET, Level.COMMUNITY)  # a district has more than a phone wants to hold
OFFERED = 300


class Subscription(NamedTuple):
    """An address: what it shows, what that is called ("" for a person's own), today's notices."""

    subject: Subject
    name: str
    notices: workdays.Imported


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


def feed_of(db: Session, token: str, *, at: datetime) -> Subscription:
    """Return what an address shows.

    Raise `NotFound` for a revoked one, and where its holder may not see that place today.
    """
    found = db.connection().execute(_place_of(), {"link": links.lookup(token)}).one_or_none()
    if found is None or not _open(db, found, at):
        raise NotFound("日历订阅地址无效或已停用，请登录后重新获取。")
    subject = Subject(found.area_path, found.unit_id, found.officer_id)
    name = found.area_name or found.compound_name or found.community_name or ""
    return Subscription(subject, name, workdays.Imported(found.years, found.days))


@cache  # to put a statement together costs more than to run it
def _place_of() -> Select[*tuple[Any, ...]]:
    community = aliased(Area)
    return (
        select(
            FeedLink.officer_id, FeedLink.unit_id, Account.id.label("account_id"),
            Area.path.label("area_path"), Area.name.label("area_name"),
            Unit.compound_id, Compound.name.label("compound_name"),
            community.name.label("community_name"), community.path.label("community_path"),
            community.closed_on, *workdays.imported_columns(),
        )
        .outerjoin(
            Account, and_(Account.officer_id == FeedLink.officer_id, Account.locked_at.is_(None))
        )
        .outerjoin(Area, Area.id == FeedLink.area_id)
        .outerjoin(Unit, Unit.id == FeedLink.unit_id)
        .outerjoin(Compound, Compound.id == Unit.compound_id)
        .outerjoin(community, community.id == Unit.community_id)
        .where(FeedLink.link == bindparam("link"))
    )  # fmt: skip


def _open(db: Session, link: Row[*tuple[Any, ...]], at: datetime) -> bool:
    """Tell whether the holder may see the place today; their own meetings are theirs to see."""
    if link.area_path is None and link.unit_id is None:
        return True
    if link.account_id is None:
        return False
    actor = Actor(link.account_id, link.officer_id, "", posts_of(db, link.officer_id, at))
    if link.area_path is not None:
        return actor.may(Power.SEE, link.area_path)
    return link.closed_on is None and sees_unit(actor, link.community_path, link.compound_id)


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
