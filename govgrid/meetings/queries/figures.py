"""Figures of meetings by area and month, counted by the database; the meetings behind each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from govgrid.access import Actor
from govgrid.cases.queries.four_rates import in_area
from govgrid.clock import HERE
from govgrid.grid.models import Area, Compound, Level
from govgrid.grid.queries.realm import communities_of, managed_by, row_of
from govgrid.meetings.models import Attendance, Attendee, Meeting, Minutes, Stage, Unit
from govgrid.meetings.queries.days import local_day
from govgrid.meetings.queries.seen import seen
from govgrid.meetings.rules import next_month
from govgrid.meetings.rules.figures import Figures, sign_by
from govgrid.words import N_
from govgrid.workdays import Calendar, calendar

BEHIND = {  # what a list behind a figure shows
    "due": N_("应开"),
    "held": N_("已召开"),
    "not_held": N_("未召开"),
    "on_time": N_("按期召开"),
    "late": N_("未按期召开"),
    "quorate": N_("人数达标"),
    "not_quorate": N_("人数未达标"),
    "minutes_due": N_("纪要应签"),
    "signed_in_time": N_("纪要按期签发"),
    "signed_late": N_("纪要逾期或未签"),
}
_BELOW_COMMUNITY = {Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID}
_HOLDS_AREAS = {Level.CITY, Level.DISTRICT, Level.STREET}
Where = ColumnElement[bool]
Key = InstrumentedAttribute[Any]
DAY, SIGNED_DAY = local_day(Meeting.start), local_day(Minutes.signed_at)
PLACED = Meeting.stage != Stage.CANCELLED


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of one area one level below, with its code."""

    key: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class FiguresReport:
    """The figures of a month (its first day) as they stood at a moment; the total counts once."""

    month: date
    as_of: datetime
    rows: tuple[FigureRow, ...]
    total: Figures


@dataclass(frozen=True, slots=True)
class Behind:
    """A unit with its meeting of the month, where it has one, and that one's first minutes."""

    unit: Unit
    meeting: Meeting | None
    minutes: Minutes | None
    sign_by: date | None
    open_to_actor: bool

    @property
    def late(self) -> bool:
        """Whether the minutes were signed after the day by which they were due."""
        signed = self.minutes.signed_at if self.minutes else None
        return bool(signed and self.sign_by and signed.astimezone(HERE).date() > self.sign_by)


def figures_of(db: Session, month: date, area: Area, *, as_of: datetime) -> FiguresReport:
    """Return the figures of an area and, above communities, of every area one level below."""
    found: dict[str, list[Figures]] = defaultdict(list)
    row = row_of(db, area)
    for path, figures in _met(db, area, Meeting.month == month, as_of, Area.path):
        found[row(path)].append(figures)
    for path, number in _idle(db, area, month):
        found[row(path)].append(Figures(due=number))
    below = _below(db, area) if area.level in _HOLDS_AREAS else []
    rows = (FigureRow(a.code, a.name, Figures.total(found[a.path])) for a in below)
    total = Figures.total(one for parts in found.values() for one in parts)
    return FiguresReport(month, as_of, tuple(rows), total)


def figure_series(
    db: Session, last: date, months: int, area: Area, *, as_of: datetime
) -> list[tuple[date, Figures]]:
    """Return so many months up to the last, each with its figures as they stood at the moment."""
    number = last.year * 12 + last.month - months
    firsts = [date(n // 12, n % 12 + 1, 1) for n in range(number, number + months)]
    span = Meeting.month.between(firsts[0], last)
    found: dict[date, list[Figures]] = {month: [] for month in firsts}
    for month, figures in _met(db, area, span, as_of, Meeting.month):
        found[month].append(figures)
    for month, number in zip(firsts, _idle_by_month(db, area, firsts), strict=True):
        found[month].append(Figures(due=number))
    return [(month, Figures.total(found[month])) for month in firsts]


def _below(db: Session, area: Area) -> list[Area]:
    own = select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None))
    return [*db.scalars(own.order_by(Area.code)), *managed_by(db, area)]


def _met(
    db: Session, area: Area, months: Where, at: datetime, key: Key
) -> Iterator[tuple[Any, Figures]]:
    """Yield keys and figures of meetings that were placed; a key comes more than once.

    Grouped by day of meeting and day of signing, since only the calendar knows working days.
    """
    signed = case((Minutes.signed_at <= at, SIGNED_DAY))
    held = held_by_then(at)
    grouped = (
        select(
            key,
            Meeting.month,
            DAY.label("met_on"),
            signed.label("signed_on"),
            func.count(),
            func.count().filter(held),
            func.count().filter(and_(held, on_its_day())),
            func.count().filter(and_(held, quorate())),
        )
        .select_from(Meeting)
        .join(Meeting.community)
        .join(Meeting.unit)
        .outerjoin(Minutes, first_minutes())
        .where(months, PLACED, lies(area, Meeting.community_id))
        .group_by(key, Meeting.month, "met_on", "signed_on")  # by label: its parameter stands once
    )
    days, today = calendar(db), at.astimezone(HERE).date()
    for found, month, day, signed_on, due, met, same_day, enough in db.execute(grouped):
        by = sign_by(day, days)
        yield (
            found,
            Figures(
                due=due,
                held=met,
                on_time=same_day if month <= day < next_month(month) else 0,
                quorate=enough,
                minutes_due=met if signed_on or by < today else 0,
                signed_in_time=met if signed_on and signed_on <= by else 0,
            ),
        )


def _idle(db: Session, area: Area, month: date) -> Iterable[tuple[str, int]]:
    """Return how many units have no meeting in the month although they should, by path."""
    begun = _begun(db)
    if begun is None or month < begun:
        return []
    rows = db.execute(
        select(Area.path, func.count())
        .select_from(Unit)
        .join(Unit.community)
        .where(~Unit.paused, ~_meets(month), lies(area, Unit.community_id))
        .group_by(Area.path)
    )
    return [(path, number) for path, number in rows]


def _idle_by_month(db: Session, area: Area, months: Sequence[date]) -> list[int]:
    """Return the same of several months, in one pass over the units."""
    begun = _begun(db)
    if begun is None:
        return [0] * len(months)
    counts = (func.count().filter(~_meets(month)) for month in months)
    asked = select(*counts).select_from(Unit)
    row = db.execute(asked.where(~Unit.paused, lies(area, Unit.community_id))).one()
    return [n if month >= begun else 0 for month, n in zip(months, row, strict=True)]


def _meets(month: date) -> Where:
    """Return the condition that a unit has a meeting in the month."""
    return exists().where(Meeting.unit_id == Unit.id, Meeting.month == month, PLACED)


def _begun(db: Session) -> date | None:
    """Return the first month of which any meeting is known: none was due here before."""
    return db.scalar(select(func.min(Meeting.month)))


def held_by_then(at: datetime) -> Where:
    return and_(Meeting.stage == Stage.HELD, Meeting.held_at <= at)


def on_its_day() -> Where:
    return local_day(Meeting.held_at) == DAY


def first_minutes() -> Where:
    """Return the join to the minutes as they were first signed; corrections come later."""
    return and_(Minutes.meeting_id == Meeting.id, Minutes.number == 1)


def quorate() -> Where:
    """Say in SQL what `rules.quorum_held` says: more than half of the required were there."""
    there = Attendee.attendance.in_((Attendance.PRESENT, Attendance.SUBSTITUTE))
    enough = select(func.count().filter(there) * 2 > func.count()).where(
        Attendee.meeting_id == Meeting.id,
        Attendee.required,
        ~Attendee.observer,
        Attendee.removed_at.is_(None),
    )
    return enough.scalar_subquery()


def lies(area: Area, community_id: InstrumentedAttribute[int] | ColumnElement[int]) -> Where:
    """Return the condition that a unit or meeting of that community lies in the area."""
    if area.level in _BELOW_COMMUNITY:
        return Unit.compound_id.in_(select(Compound.id).where(in_area(area)))
    if area.level is Level.COMMUNITY:
        return community_id == area.id
    return community_id.in_(communities_of(area))


def count_behind(db: Session, month: date, area: Area, figure: str, *, at: datetime) -> int:
    """Return how many units or meetings stand behind a figure."""
    ids = _behind(db, month, area, figure, at).with_only_columns(Unit.id).subquery()
    return db.scalar(select(func.count()).select_from(ids)) or 0


def behind(
    db: Session,
    actor: Actor,
    month: date,
    area: Area,
    figure: str,
    *,
    at: datetime,
    offset: int = 0,
    limit: int = 50,
) -> list[Behind]:
    """Return one stretch of what a figure counted, by community and time."""
    community = aliased(Area)
    rows = db.execute(
        _behind(db, month, area, figure, at)
        .join(community, community.id == _community())
        .order_by(community.path, Meeting.start.is_(None), Meeting.start, Unit.id)
        .offset(offset)
        .limit(limit)
        .options(joinedload(Unit.community), joinedload(Unit.compound))
    ).all()
    mine = opened(db, actor, [m.id for _u, m, _w in rows if m])
    days = calendar(db)
    return [_one(unit, meeting, minutes, days, mine) for unit, meeting, minutes in rows]


def _one(
    unit: Unit, meeting: Meeting | None, minutes: Minutes | None, days: Calendar, mine: set[int]
) -> Behind:
    if meeting is None:
        return Behind(unit, None, None, None, open_to_actor=False)
    by = sign_by(meeting.start.astimezone(HERE).date(), days)
    return Behind(unit, meeting, minutes, by, meeting.id in mine)


def opened(db: Session, actor: Actor, ids: Sequence[int]) -> set[int]:
    """Return which of the meetings the actor may open."""
    found = select(Meeting.id).join(Meeting.unit).join(Meeting.community)
    return set(db.scalars(found.where(Meeting.id.in_(ids), seen(actor))))


def _community() -> ColumnElement[int]:
    return func.coalesce(Meeting.community_id, Unit.community_id)


def _behind(
    db: Session, month: date, area: Area, figure: str, at: datetime
) -> Select[Unit, Meeting, Minutes]:
    held = and_(Meeting.id.is_not(None), held_by_then(at))
    conditions: dict[str, Where] = {
        "due": or_(Meeting.id.is_not(None), ~Unit.paused),
        "held": held,
        "not_held": and_(or_(Meeting.id.is_not(None), ~Unit.paused), ~held),
    }
    if figure not in conditions:
        conditions |= _finer(db, month, area, held, at)
    placed = and_(Meeting.unit_id == Unit.id, Meeting.month == month, PLACED)
    found = (
        select(Unit, Meeting, Minutes)
        .select_from(Unit)
        .outerjoin(Meeting, placed)
        .outerjoin(Minutes, first_minutes())
        .where(lies(area, _community()), conditions[figure])
    )
    begun = _begun(db)
    if begun is None or month < begun:
        found = found.where(Meeting.id.is_not(None))
    return found


def _finer(db: Session, month: date, area: Area, held: Where, at: datetime) -> dict[str, Where]:
    days = calendar(db)
    known = db.scalars(
        select(DAY)
        .join(Meeting.unit)
        .where(Meeting.month == month, PLACED, lies(area, Meeting.community_id))
        .distinct()
    ).all()
    by = {day: sign_by(day, days) for day in known}
    today = at.astimezone(HERE).date()
    over = DAY.in_([day for day, last in by.items() if last < today])
    signed = Minutes.signed_at <= at
    in_time = or_(false(), *(and_(day == DAY, last >= SIGNED_DAY) for day, last in by.items()))
    on_time = and_(on_its_day(), month <= DAY, next_month(month) > DAY)
    due = and_(held, or_(signed, over))
    punctual = and_(held, signed, in_time)
    return {
        "on_time": and_(held, on_time),
        "late": and_(held, ~on_time),
        "quorate": and_(held, quorate()),
        "not_quorate": and_(held, ~quorate()),
        "minutes_due": due,
        "signed_in_time": punctual,
        "signed_late": and_(due, ~func.coalesce(punctual, False)),
    }
