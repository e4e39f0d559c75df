"""A person's meetings for a calendar feed, and meetings behind private links."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.errors import NotFound
from govgrid.meetings import links
from govgrid.meetings.models import Attendee, CalendarLink, Meeting, Stage
from govgrid.meetings.queries.seen import load_meeting
from govgrid.meetings.rules import LINK_LIVES

PAST, FUTURE = timedelta(days=92), timedelta(days=366)


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


def owner_of_feed(db: Session, token: str) -> CalendarLink:
    """Return whose feed it is. Raise `NotFound` for a revoked address."""
    found = db.scalar(select(CalendarLink).where(CalendarLink.link == links.lookup(token)))
    if found is None:
        raise NotFound("日历订阅地址无效或已停用，请登录后重新获取。")
    return found


def feed_meetings(db: Session, officer_id: int, *, at: datetime) -> list[Meeting]:
    """Return the person's meetings from three months ago to a year ahead."""
    return list(
        db.scalars(
            select(Meeting)
            .join(Meeting.attendees)
            .where(
                Attendee.officer_id == officer_id,
                Attendee.removed_at.is_(None),
                Meeting.stage.in_((Stage.CONFIRMED, Stage.HELD, Stage.CANCELLED)),
                Meeting.invited_at.is_not(None),
                Meeting.start.between(at - PAST, at + FUTURE),
            )
            .order_by(Meeting.start)
            .options(
                contains_eager(Meeting.attendees).joinedload(Attendee.officer),
                joinedload(Meeting.venue),
                joinedload(Meeting.convenor),
            )
        ).unique()
    )
