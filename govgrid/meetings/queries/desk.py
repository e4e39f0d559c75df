"""The print desk: a month's rows with what holds each up, communities by months, print jobs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Actor, Power, Role, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Level, Officer, Post
from govgrid.grid.queries.officers import on_duty
from govgrid.grid.queries.realm import held_by
from govgrid.meetings import rules
from govgrid.meetings.models import (
    Meeting,
    Minutes,
    MinutesPrint,
    MinutesStage,
    Stage,
    Unit,
)
from govgrid.meetings.queries.board import board_units, desk
from govgrid.meetings.queries.minutes import houses_of
from govgrid.meetings.rules.desk import Doer, Holdup, holdup

MONTHS = 6
MOST_COMMUNITIES = 60
"""Of more the desk shows no table: a street has a few dozen."""


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's month at the desk; `doers` are those with whom it lies, the first one named."""

    title: str
    community: Area
    unit_id: int
    meeting: Meeting | None
    minutes: Minutes | None
    holdup: Holdup | None
    doers: tuple[Doer, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A community's month: meetings held or to be held, minutes signed."""

    due: int = 0
    signed: int = 0


def rows(
    db: Session, actor: Actor, area: Area, month: date, on: date, *, offset: int, limit: int
) -> list[Row]:
    """Return one stretch of the month's meetings with what holds up each."""
    found = db.execute(desk(actor, area, month).offset(offset).limit(limit)).all()
    return _told(db, [(m.title, m.community, m.unit_id, m, w) for m, w in found], on)


def without_meeting(
    db: Session, actor: Actor, area: Area, month: date, on: date, limit: int = 200
) -> tuple[list[Row], int]:
    """Return the area's units that have no meeting in the month, and how many there are."""
    planned = exists().where(
        Meeting.unit_id == Unit.id, Meeting.month == month, Meeting.stage != Stage.CANCELLED
    )
    chosen = board_units(actor, area).where(~planned, under(Area.path, actor.paths(Power.PRINT)))
    total = db.scalar(
        select(func.count()).select_from(chosen.with_only_columns(Unit.id).subquery())
    )
    found = db.scalars(chosen.order_by(Area.path, Unit.id).limit(limit)).all()
    return _told(db, [(u.name, u.community, u.id, None, None) for u in found], on), total or 0


def _told(
    db: Session,
    found: Sequence[tuple[str, Area, int, Meeting | None, Minutes | None]],
    on: date,
) -> list[Row]:
    people = _people(db, [community for _t, community, *_ in found], on)
    houses = houses_of(db, {community.path for _t, community, *_ in found})
    told = []
    for title, community, unit, meeting, minutes in found:
        what = holdup(meeting, minutes, houses[community.path])
        doers = _doers(what, community, meeting, people) if what else ()
        told.append(Row(title, community, unit, meeting, minutes, what, doers))
    return told


def _street(path: str) -> str:
    """Return the path of the street above a community, the community's own where there is none."""
    return "/".join(path.split("/")[:4]) + "/"


def _doers(
    what: Holdup,
    community: Area,
    meeting: Meeting | None,
    people: dict[tuple[Role, str], tuple[Doer, ...]],
) -> tuple[Doer, ...]:
    secretaries = people.get((Role.SECRETARY, community.path), ())
    if what is Holdup.STREET:
        return people.get((Role.LIAISON, _street(community.path)), ()) or secretaries
    if what is Holdup.UNSIGNED and secretaries:
        return secretaries
    if meeting is None:
        return secretaries
    officer = meeting.convenor
    return (Doer(officer.id, officer.name, officer.email),)


def _people(
    db: Session, communities: Iterable[Area], on: date
) -> dict[tuple[Role, str], tuple[Doer, ...]]:
    """Return the secretaries of the communities and the liaisons of their streets, by place."""
    homes = {c.path for c in communities}
    wanted = (
        and_(Post.role == Role.SECRETARY, Area.path.in_(homes)),
        and_(Post.role == Role.LIAISON, Area.path.in_({_street(path) for path in homes})),
    )
    found: dict[tuple[Role, str], tuple[Doer, ...]] = {}
    for role, path, number, name, email in db.execute(
        select(Post.role, Area.path, Officer.id, Officer.name, Officer.email)
        .join(Area, Area.id == Post.area_id)
        .join(Officer, Officer.id == Post.officer_id)
        .where(or_(*wanted), on_duty(on))
        .order_by(Post.id)
    ):
        found[role, path] = (*found.get((role, path), ()), Doer(number, name, email))
    return found


def months_until(month: date) -> list[date]:
    """Return the months the desk's table shows, the last one asked for."""
    found = [month]
    while len(found) < MONTHS:
        found.insert(0, rules.last_month(found[0]))
    return found


def matrix(
    db: Session, actor: Actor, area: Area, months: Sequence[date]
) -> list[tuple[Area, list[Cell]]]:
    """Return the area's communities with how far each month's minutes are; too many: nothing."""
    communities = list(
        db.scalars(
            select(Area)
            .where(
                held_by(area),
                under(Area.path, actor.paths(Power.PRINT)),
                Area.level == Level.COMMUNITY,
                Area.closed_on.is_(None),
            )
            .order_by(Area.path)
            .limit(MOST_COMMUNITIES + 1)
        )
    )
    if len(communities) > MOST_COMMUNITIES:
        return []
    signed = func.sum(case((Minutes.stage == MinutesStage.SIGNED, 1), else_=0))
    counted = db.execute(
        select(Meeting.community_id, Meeting.month, func.count(), signed)
        .outerjoin(Minutes, and_(Minutes.meeting_id == Meeting.id, Minutes.number == 1))
        .where(
            Meeting.community_id.in_([c.id for c in communities]),
            Meeting.month.in_(months),
            Meeting.stage != Stage.CANCELLED,
        )
        .group_by(Meeting.community_id, Meeting.month)
    )
    cells = {(home, month): Cell(due, int(done or 0)) for home, month, due, done in counted}
    return [(c, [cells.get((c.id, month), Cell()) for month in months]) for c in communities]


def prints_of(db: Session, area: Area, month: date, limit: int = 5) -> list[MinutesPrint]:
    """Return the latest print jobs of an area's month."""
    return list(
        db.scalars(
            select(MinutesPrint)
            .where(MinutesPrint.area_id == area.id, MinutesPrint.month == month)
            .order_by(MinutesPrint.id.desc())
            .limit(limit)
        )
    )


def print_seen(db: Session, actor: Actor, number: int) -> MinutesPrint:
    """Return a print job of an area where the actor prints. Raise `NotFound`."""
    found = db.scalar(
        select(MinutesPrint)
        .join(MinutesPrint.area)
        .where(MinutesPrint.id == number, under(Area.path, actor.paths(Power.PRINT)))
        .options(joinedload(MinutesPrint.area))
    )
    if found is None:
        raise NotFound("没有这次汇编，或不在您的职责范围内。")
    return found


def titles_of(db: Session, numbers: Sequence[int]) -> dict[int, str]:
    """Return what the meetings of minutes are called."""
    rows_ = select(Minutes.id, Meeting.title).join(Minutes.meeting).where(Minutes.id.in_(numbers))
    return {number: str(title) for number, title in db.execute(rows_)}
