"""What a feed shows: its meetings, and the events kept of them while they are as they were."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from govgrid import workdays
from govgrid.access import ActingPost, Role, path_end, path_end_of
from govgrid.accounts.models import Account
from govgrid.accounts.queries import held_on
from govgrid.clock import HERE
from govgrid.db import joined
from govgrid.grid.models import Area, Compound, Officer, Post
from govgrid.meetings.models import Attendee, FeedEvent, FeedLink, Meeting, Stage, Unit, Venue

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
    """What an address shows, the notices of today, and what is kept of its meetings.

    Path, name, compound and closing are of the area or unit, None for own meetings; `posts` are
    the holder's today (see `acting`), None without any and for a locked account. `kept_as` are
    the first and the last manner among the events; the text may not have been asked.
    """

    officer_id: int
    area_id: int | None
    unit_id: int | None
    path: str | None
    name: str | None
    compound_id: int | None
    closed_on: date | None
    posts: str | None
    years: str | None
    days: str | None
    meetings: int
    events: int
    marks: int | None
    kept_as: tuple[str | None, str | None]
    text: str | None

    @property
    def notices(self) -> workdays.Imported:
        """The notices in force."""
        return workdays.Imported(self.years, self.days)

    def acting(self) -> tuple[ActingPost, ...]:
        """Return the holder's posts, without names."""
        split = (post.split(" ") for post in (self.posts or "").split(";") if post)
        return tuple(
            ActingPost(Role.of_key(role), int(area), path, "", int(compound) or None)
            for role, area, path, compound in split
        )

    def kept(self, manner: str) -> Kept | None:
        """Return the events where all are kept in this manner."""
        if self.meetings != self.events or (self.meetings and self.kept_as != (manner, manner)):
            return None
        return Kept(self.meetings, self.marks or 0, self.text or "")


def address(db: Session, link: str, at: datetime, *, text: bool = True) -> Address | None:
    """Return the address of a link with its events, all by one statement.

    The meetings are those from three months ago to a year ahead. Without `text` it costs less.
    """
    asked = {
        "link": link, "since": at - PAST, "until": at + FUTURE,
        "today": at.astimezone(HERE).date(),
    }  # fmt: skip
    found = db.connection().execute(_address(text), asked).one_or_none()
    if found is None:
        return None
    *known, first, last, events = found
    return Address._make((*known, (first, last), events))


@cache  # to put a statement together costs more than to run it
def _address(text: bool) -> _Select:  # noqa: FBT001
    link = _link()
    due = _due(link)
    asked: _Select = (
        select(
            *(column for column in link.c if column.name != "path_end"), _posts(link).label("posts"), *workdays.imported_columns(),
            func.count(Meeting.id), func.count(FeedEvent.mark),
            cast(func.sum(FeedEvent.mark), BigInteger),
            func.min(FeedEvent.manner), func.max(FeedEvent.manner),
            joined(FeedEvent.__table__.c.text, "") if text else null(),
        )
        .select_from(link)
        .outerjoin(due, true())
        .outerjoin(Meeting, and_(Meeting.id == due.c.id, *_listed()))
        .outerjoin(Venue, Venue.id == Meeting.venue_id)
        .outerjoin(Officer, Officer.id == Meeting.convenor_id)
        .outerjoin(FeedEvent, _unchanged())
        .group_by(*link.c)
    )  # fmt: skip
    return asked


def _link() -> CTE:
    return (
        select(
            FeedLink.officer_id, FeedLink.area_id, FeedLink.unit_id, Area.path,
            func.coalesce(Compound.name, Area.name).label("name"), Unit.compound_id,
            Area.closed_on, path_end_of(Area.path).label("path_end"),
        )
        .outerjoin(Unit, Unit.id == FeedLink.unit_id)
        .outerjoin(Area, Area.id == func.coalesce(FeedLink.area_id, Unit.community_id))
        .outerjoin(Compound, Compound.id == Unit.compound_id)
        .where(FeedLink.link == bindparam("link"))
        .cte("address")
    )  # fmt: skip


def _posts(link: CTE) -> ScalarSelect[Any]:
    """Return the holder's posts as text: role, area, its path and compound or 0, of each."""
    home, served, gap = aliased(Area), aliased(Compound), literal_column("' '", String)
    said = (
        cast(Post.role, String), cast(home.id, String), home.path,
        cast(func.coalesce(served.id, literal_column("0")), String),
    )  # fmt: skip
    text = said[0] + gap + said[1] + gap + said[2] + gap + said[3]
    return (
        select(joined(text, ";"))
        .select_from(Account)
        .join(Post, and_(Post.officer_id == Account.officer_id, held_on(bindparam("today"))))
        .outerjoin(served, served.id == Post.compound_id)
        .join(home, home.id == func.coalesce(Post.area_id, served.community_id))
        .where(Account.officer_id == _of(link.c.officer_id), Account.locked_at.is_(None))
        .where(_of(link.c.path).is_not(None))
        .scalar_subquery()
    )


def _due(link: CTE) -> Subquery:
    """Return the meetings: those of the officer, of the unit, or of the area."""
    own = select(Attendee.meeting_id.label("id")).where(
        Attendee.officer_id == _of(link.c.officer_id), Attendee.removed_at.is_(None),
        _of(link.c.path).is_(None),
    )  # fmt: skip
    of_unit = select(Meeting.id).where(Meeting.unit_id == _of(link.c.unit_id), _near())
    of_area = (
        select(Meeting.id)
        .join(Area, Area.id == Meeting.community_id)
        .where(_of(link.c.area_id).is_not(None), Area.path >= _of(link.c.path))
        .where(Area.path < _of(link.c.path_end), _near())
    )
    return union_all(own, of_unit, of_area).subquery("due")


def _of(column: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Return the address's value as a constant, which an index is looked up by."""
    return select(column).scalar_subquery()


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
        _near(),
    )


def _near() -> ColumnElement[bool]:
    return Meeting.start.between(bindparam("since"), bindparam("until"))


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
