"""Whose calendar address it is and which meetings it shows; meetings behind private links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Actor, under
from govgrid.accounts.models import Account
from govgrid.accounts.queries import actor_of
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Level, Officer
from govgrid.meetings import links
from govgrid.meetings.models import Attendee, FeedLink, Meeting, Stage, Unit, Venue
from govgrid.meetings.queries.seen import load_meeting, units
from govgrid.meetings.rules import LINK_LIVES

PAST, FUTURE = timedelta(days=92), timedelta(days=366)
BIGGEST = (Level.STREET, Level.COMMUNITY)  # a district has more than a phone wants to hold
OFFERED = 300


class Listed(NamedTuple):
    """What a feed shows of a meeting."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    title: str
    stage: Stage
    invited_at: datetime
    room: str
    address: str | None
    convenor: str


LISTED = (
    Meeting.uid, Meeting.sequence, Meeting.start, Meeting.end, Meeting.title,
    Meeting.stage, Meeting.invited_at, Venue.name, Venue.address, Officer.name,
)  # fmt: skip
"""The columns of `Listed`."""


def attendee_of_link(db: Session, token: str, *, at: datetime) -> tuple[Meeting, Attendee]:
    """Return meeting and attendee of a private link. Raise `NotFound` once it has expired."""
    attendee = db.scalar(select(Attendee).where(Attendee.link == links.lookup(token)))
    if attendee is None or attendee.removed_at is not None:
        raise NotFound(
            "链接无效或已失效。如您收到过新的通知，请使用最新通知中的链接，或联系召集人。"
        )
    meeting = load_meeting(db, attendee.meeting_id)
    if at > meeting.end + LINK_LIVES:
        raise NotFound("会议已结束，该链接已过期。如需查看会议情况，请联系召集人。")
    return meeting, next(a for a in meeting.attendees if a.id == attendee.id)


def feed_of(db: Session, token: str, *, at: datetime) -> FeedLink:
    """Return the address with what it is about.

    Raise `NotFound` for a revoked one, and where its holder may not see that place today.
    """
    found = db.scalar(_links().where(FeedLink.link == links.lookup(token)))
    about_place = found is not None and (found.area_id or found.unit_id)
    if found is None or (about_place and not _open(db, found, at)):
        raise NotFound("日历订阅地址无效或已停用，请登录后重新获取。")
    return found


def _open(db: Session, link: FeedLink, at: datetime) -> bool:
    account = db.scalar(select(Account.id).where(Account.officer_id == link.officer_id))
    actor = actor_of(db, account, at) if account is not None else None
    if actor is None:
        return False
    if link.area is not None:
        return any(link.area.path.startswith(path) for path in actor.paths())
    return bool(db.scalar(units(actor).where(Unit.id == link.unit_id)))


def listed(db: Session, link: FeedLink, *, at: datetime) -> Sequence[Listed]:
    """Return the address's meetings from three months ago to a year ahead."""
    rows = db.execute(
        select(*LISTED)
        .join(Venue, Venue.id == Meeting.venue_id)
        .join(Officer, Officer.id == Meeting.convenor_id)
        .join(Area, Area.id == Meeting.community_id)
        .where(
            _about(link),
            Meeting.stage.in_((Stage.CONFIRMED, Stage.HELD, Stage.CANCELLED)),
            Meeting.invited_at.is_not(None),
            Meeting.start.between(at - PAST, at + FUTURE),
        )
        .order_by(Meeting.start, Meeting.id)
    )  # fmt: skip
    return [Listed._make(row) for row in rows]


def _about(link: FeedLink) -> ColumnElement[bool]:
    if link.area is not None:
        return under(Area.path, [link.area.path])
    if link.unit_id is not None:
        return Meeting.unit_id == link.unit_id
    invited = select(Attendee.meeting_id).where(
        Attendee.officer_id == link.officer_id, Attendee.removed_at.is_(None)
    )
    return Meeting.id.in_(invited)


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
