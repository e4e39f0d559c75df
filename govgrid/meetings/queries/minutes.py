"""Versions of a meeting's minutes, the house style that holds, and the months beside."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from govgrid.errors import NotFound
from govgrid.grid.models import Area
from govgrid.meetings import links
from govgrid.meetings.models import (
    Attendee,
    HouseStyle,
    Meeting,
    Minutes,
    MinutesStage,
    Stage,
)
from govgrid.meetings.rules.minutes import House

HANDOUT = timedelta(days=90)
"""So long after signing, a private link shows the minutes."""
FIELDS = ("body", "masthead", "copied_to", "red_rule", "retention", "street_review")


def versions(db: Session, meeting: Meeting) -> list[Minutes]:
    """Return the meeting's minutes with signers and approvals, the newest version first."""
    return list(
        db.scalars(
            select(Minutes)
            .where(Minutes.meeting_id == meeting.id)
            .order_by(Minutes.number.desc())
            .options(joinedload(Minutes.signer), selectinload(Minutes.approvals))
        )
    )


def in_force(found: list[Minutes]) -> Minutes | None:
    """Return of versions, the newest first, the signed one that holds."""
    return next((one for one in found if one.stage is MinutesStage.SIGNED), None)


def house_style(db: Session, area: Area) -> HouseStyle | None:
    """Return what the area itself says."""
    return db.get(HouseStyle, area.id)


def house_of(db: Session, path: str) -> House:
    """Return what holds at a path: the nearest area that says something, field by field."""
    return houses_of(db, [path])[path]


def houses_of(db: Session, paths: Collection[str]) -> dict[str, House]:
    """Return what holds at each of the paths."""
    codes = {code for path in paths for code in path.strip("/").split("/")}
    rows = db.execute(
        select(Area.path, HouseStyle)
        .join(Area, Area.id == HouseStyle.area_id)
        .where(Area.code.in_(codes))
        .order_by(func.length(Area.path).desc())
    ).all()
    return {path: _house([row for over, row in rows if path.startswith(over)]) for path in paths}


def _house(rows: list[HouseStyle]) -> House:
    said = {name: [getattr(row, name) for row in rows] for name in FIELDS}
    values = {name: next((v for v in all_ if v is not None), None) for name, all_ in said.items()}
    return House(**{name: value for name, value in values.items() if value is not None})


def beside(db: Session, meeting: Meeting) -> tuple[Meeting | None, Meeting | None]:
    """Return the unit's meetings before and after this one that have minutes."""
    wanted = select(Meeting).where(Meeting.unit_id == meeting.unit_id, Meeting.stage == Stage.HELD)
    before = wanted.where(Meeting.start < meeting.start).order_by(Meeting.start.desc())
    after = wanted.where(Meeting.start > meeting.start).order_by(Meeting.start)
    return db.scalar(before.limit(1)), db.scalar(after.limit(1))


def handed_out(db: Session, token: str, *, at: datetime) -> Minutes:
    """Return the signed minutes that a private link shows. Raise `NotFound`."""
    minutes = shown_by(db, token, at=at)
    if minutes is None:
        raise NotFound("该链接没有可查看的会议纪要，或已过期。如需纪要，请联系召集人。")
    return minutes


def shown_by(db: Session, token: str, *, at: datetime) -> Minutes | None:
    """Return the signed minutes that a private link shows, None while there are none."""
    return db.scalar(
        select(Minutes)
        .join(Minutes.meeting)
        .join(Meeting.attendees)
        .where(
            Attendee.link == links.lookup(token),
            Attendee.removed_at.is_(None),
            Minutes.stage == MinutesStage.SIGNED,
            Minutes.signed_at > at - HANDOUT,
        )
        .order_by(Minutes.number.desc())
        .limit(1)
        .options(contains_eager(Minutes.meeting))
    )
