"""What a feed shows: its meetings, and the events kept of them while they are as they were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from govgrid import workdays
from govgrid.access import path_end
from govgrid.db import joined
from govgrid.grid.models import Area, Officer
from govgrid.meetings.models import Attendee, FeedEvent, FeedLink, Meeting, Stage, Venue

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


class Address(NamedTuple):
    """What an address shows, the notices of today, and what is kept of its holder's own meetings.

    `kept_as` are the first and the last manner among the events; the text may not have been asked.
    """

    officer_id: int
    area_id: int | None
    unit_id: int | None
    years: str | None
    days: str | None
    meetings: int
    events: int
    marks: int | None
    kept_as: tuple[str | None, str | None]
    text: str | None

    def kept(self, manner: str) -> Kept | None:
        """Return the holder's own events where all are kept in this manner."""
        if self.meetings != self.events or (self.meetings and self.kept_as != (manner, manner)):
            return None
        return Kept(self.meetings, self.marks or 0, self.text or "")


def address(db: Session, link: str, at: datetime, *, text: bool = True) -> Address | None:
    """Return the address of a link: for own meetings, which most are, the events come along."""
    asked = {"link": link, "since": at - PAST, "until": at + FUTURE}
    found = db.connection().execute(_address(text), asked).one_or_none()
    if found is None:
        return None
    *known, first, last = tuple(found)[:10]
    return Address._make((*known, (first, last), found[10] if text else None))


@cache
def _address(text: bool) -> _Select:  # noqa: FBT001
    own = and_(FeedLink.area_id.is_(None), FeedLink.unit_id.is_(None))
    due = and_(Attendee.officer_id == FeedLink.officer_id, Attendee.removed_at.is_(None))
    asked: _Select = (
        select(
            FeedLink.officer_id, FeedLink.area_id, FeedLink.unit_id,
            *workdays.imported_columns(), *_sums(), func.min(FeedEvent.manner),
            func.max(FeedEvent.manner), *_text(text),
        )
        .select_from(FeedLink)
        .outerjoin(Attendee, and_(own, due))
        .outerjoin(Meeting, and_(Meeting.id == Attendee.meeting_id, *_listed()))
        .outerjoin(Venue, Venue.id == Meeting.venue_id)
        .outerjoin(Officer, Officer.id == Meeting.convenor_id)
        .outerjoin(FeedEvent, _unchanged())
        .where(FeedLink.link == bindparam("link"))
        .group_by(FeedLink.id)
    )  # fmt: skip
    return asked


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
    return _meetings(select(*_sums(), *_text(text)), area=area, unit=unit)


def _sums() -> tuple[ColumnElement[Any], ...]:
    marks = cast(func.sum(FeedEvent.mark), BigInteger)
    return func.count(Meeting.id), func.count(FeedEvent.mark), marks


def _text(wanted: bool) -> tuple[ColumnElement[Any], ...]:  # noqa: FBT001
    return (joined(FeedEvent.__table__.c.text, ""),) if wanted else ()


@cache
def _shown(area: bool, unit: bool) -> _Select:  # noqa: FBT001
    columns = select(Meeting.id, FeedEvent.mark, FeedEvent.text)
    return _meetings(columns, area=area, unit=unit)


def _meetings(columns: _Select, *, area: bool, unit: bool) -> _Select:
    found = (
        columns.select_from(Meeting)
        .join(Venue, Venue.id == Meeting.venue_id)
        .join(Officer, Officer.id == Meeting.convenor_id)
        .outerjoin(FeedEvent, and_(_unchanged(), FeedEvent.manner == bindparam("manner")))
        .where(*_listed())
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


def _listed() -> tuple[ColumnElement[bool], ...]:
    return (
        # Written in: each value handed over costs, and so does a list, put together anew each time.
        or_(*(Meeting.stage == literal_column(f"'{stage.value}'") for stage in SHOWN)),
        Meeting.invited_at.is_not(None),
        Meeting.start.between(bindparam("since"), bindparam("until")),
    )


def _unchanged() -> ColumnElement[bool]:
    """Return the condition that an event is kept of the meeting as it is now."""
    kept = FeedEvent.__table__.c
    return and_(
        FeedEvent.meeting_id == Meeting.id,
        *(
            kept[name].is_not_distinct_from(column) if column is Venue.address
            else kept[name] == column
            for name, column in zip(Listed._fields, LISTED, strict=True)
        ),
    )  # fmt: skip
