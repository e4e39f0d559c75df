"""Open meetings on days that became rest days: they stay listed until moved or cancelled."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor, Power, under
from govgrid.clock import HERE
from govgrid.grid.models import Area
from govgrid.meetings.models import Meeting, Unit
from govgrid.meetings.models.meeting import OPEN
from govgrid.workdays import closed_days, local_day
from govgrid.workdays.rules import runs

AHEAD = timedelta(days=800)  # nobody plans further


def closed(db: Session, at: datetime) -> dict[date, str]:
    """Return the coming days on which no meeting stays, with their festival."""
    today = local_day(at)
    return closed_days(db, today, today + AHEAD)


def lost_day(meeting: Meeting, days: Mapping[date, str]) -> str | None:
    """Return the festival on whose rest day the open meeting falls, "" for a weekend, else None."""
    return days.get(local_day(meeting.start)) if meeting.stage in OPEN else None


def hit(days: Mapping[date, object]) -> ColumnElement[bool]:
    """Return the condition that a meeting is open and begins on one of the days."""
    spans = [
        and_(Meeting.start >= _midnight(since), Meeting.start < _midnight(until))
        for since, until in runs(days)
    ]
    months = {day.replace(day=1) for day in days}  # with the area, an index finds them
    return and_(Meeting.month.in_(months), Meeting.stage.in_(OPEN), or_(false(), *spans))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)


def hit_meetings(paths: tuple[str, ...], days: Mapping[date, object]) -> Select[Meeting]:
    """Select the open meetings on those days below the area paths, the earliest first."""
    return (
        select(Meeting)
        .join(Meeting.community)
        .where(under(Area.path, paths), hit(days))
        .order_by(Meeting.start, Meeting.id)
    )


def hit_page(
    db: Session, actor: Actor, days: Mapping[date, object], *, offset: int = 0, limit: int = 50
) -> list[Meeting]:
    """Return one page of the hit meetings that the actor sees, with unit and community."""
    return list(
        db.scalars(
            hit_meetings(actor.paths(), days)
            .offset(offset)
            .limit(limit)
            .options(
                contains_eager(Meeting.community),
                joinedload(Meeting.venue),
                joinedload(Meeting.unit).options(
                    joinedload(Unit.compound), joinedload(Unit.community)
                ),
            )
        )
    )


def count_hit(
    db: Session, actor: Actor, days: Mapping[date, object], power: Power = Power.SEE
) -> int:
    """Count the hit meetings where the actor has the power."""
    found = hit_meetings(actor.paths(power), days).order_by(None)
    return db.scalar(found.with_only_columns(func.count(Meeting.id))) or 0
