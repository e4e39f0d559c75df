"""What a feed shows: its meetings, and the events kept of them while they are as they were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from govgrid.access import path_end
from govgrid.grid.models import Area, Officer
from govgrid.meetings.models import Attendee, FeedEvent, Meeting, Stage, Venue

PAST, FUTURE = timedelta(days=92), timedelta(days=366)
SHOWN = (Stage.CONFIRMED, Stage.HELD, Stage.CANCELLED)
MANY = 500  # numbers of one statement
_Select = Select[*tuple[Any, ...]]


class Listed(NamedTuple):
    """What a feed shows of a meeting; `FeedEvent` has a column of the same name for each."""

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


class Subject(NamedTuple):
    """Whose meetings a feed shows: those under an area, of a unit, or else of an officer."""

    path: str | None
    unit: int | None
    officer: int


class Shown(NamedTuple):
    """A meeting in a feed; without mark and text where no event of it is kept."""

    meeting: int
    mark: int | None
    text: str | None


class Kept(NamedTuple):
    """A feed all of whose events are kept: how many, the sum of their marks, their text."""

    meetings: int
    marks: int
    text: str


def kept(
    db: Session, subject: Subject, manner: str, at: datetime, *, text: bool = True
) -> Kept | None:
    """Return the events of the meetings from three months ago to a year ahead.

    None where one is not kept in this manner; without `text` only what there is, at less cost.
    """
    asked = _kept(*_kind(subject), text)
    meetings, found, marks, *texts = (
        db.connection().execute(asked, _asked(subject, manner, at)).one()
    )
    if meetings != found:
        return None
    return Kept(meetings, marks or 0, (texts[0] if texts else "") or "")


def shown(db: Session, subject: Subject, manner: str, at: datetime) -> list[Shown]:
    """Return the same meetings one by one."""
    rows = db.connection().execute(_shown(*_kind(subject)), _asked(subject, manner, at))
    return [Shown(*row) for row in rows]


def listed(db: Session, meetings: Sequence[int]) -> dict[int, Listed]:
    """Return what there is to show of these meetings, by number."""
    found: dict[int, Listed] = {}
    for first in range(0, len(meetings), MANY):
        rows = db.execute(
            select(Meeting.id, *LISTED)
            .join(Venue, Venue.id == Meeting.venue_id)
            .join(Officer, Officer.id == Meeting.convenor_id)
            .where(Meeting.id.in_(meetings[first : first + MANY]))
        )
        found.update((row[0], Listed._make(row[1:])) for row in rows)
    return found


def _kind(subject: Subject) -> tuple[bool, bool]:
    return subject.path is not None, subject.unit is not None


def _asked(subject: Subject, manner: str, at: datetime) -> dict[str, Any]:
    path = subject.path or ""
    return {
        "path": path,
        "path_end": path_end(path) if path else "",
        "unit": subject.unit,
        "officer": subject.officer,
        "manner": manner,
        "since": at - PAST,
        "until": at + FUTURE,
    }


@cache  # to put a statement together costs more than to run it
def _kept(area: bool, unit: bool, text: bool) -> _Select:  # noqa: FBT001
    marks = cast(func.sum(FeedEvent.mark), BigInteger)
    columns: _Select = select(func.count(Meeting.id), func.count(FeedEvent.mark), marks)
    if text:
        columns = columns.add_columns(func.aggregate_strings(FeedEvent.text, ""))
    return _meetings(columns, area=area, unit=unit)


@cache
def _shown(area: bool, unit: bool) -> _Select:  # noqa: FBT001
    columns = select(Meeting.id, FeedEvent.mark, FeedEvent.text)
    return _meetings(columns, area=area, unit=unit)


def _meetings(columns: _Select, *, area: bool, unit: bool) -> _Select:
    found = (
        columns.select_from(Meeting)
        .join(Venue, Venue.id == Meeting.venue_id)
        .join(Officer, Officer.id == Meeting.convenor_id)
        .outerjoin(FeedEvent, _unchanged())
        .where(
            or_(*(Meeting.stage == stage for stage in SHOWN)),
            Meeting.invited_at.is_not(None),
            Meeting.start.between(bindparam("since"), bindparam("until")),
        )
    )
    if area:
        inside = and_(Area.path >= bindparam("path"), Area.path < bindparam("path_end"))
        return found.join(Area, Area.id == Meeting.community_id).where(inside)
    if unit:
        return found.where(Meeting.unit_id == bindparam("unit"))
    due = and_(
        Attendee.meeting_id == Meeting.id,
        Attendee.officer_id == bindparam("officer"),
        Attendee.removed_at.is_(None),
    )
    return found.join(Attendee, due)


def _unchanged() -> ColumnElement[bool]:
    """Return the condition that an event is kept of the meeting as it is now."""
    kept = FeedEvent.__table__.c
    return and_(
        FeedEvent.meeting_id == Meeting.id,
        FeedEvent.manner == bindparam("manner"),
        *(
            kept[name].is_not_distinct_from(column) if column is Venue.address
            else kept[name] == column
            for name, column in zip(Listed._fields, LISTED, strict=True)
        ),
    )  # fmt: skip
