"""Which settings hold: for an area, for one unit, for all that an area's settings touch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Level
from govgrid.meetings.models import AreaSettings, Kind, Unit, Venue
from govgrid.meetings.queries.seen import unit_seen
from govgrid.meetings.rules.settings import PLAIN, Book, Layer, Saying, Setup

COLUMNS = (*PLAIN, "roster")
OWN = tuple(name for name in COLUMNS if name != "scope" and not name.startswith("travel"))
KEPT_BY = (Level.STREET, Level.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Touched:
    """A place below with settings of its own, and what holds there."""

    name: str
    setup: Setup


def book(db: Session, kind: Kind, path: str) -> Book:
    """Return what the areas above, at and below a path say, and whom these are like."""
    codes = path.strip("/").split("/")
    near = or_(Area.code.in_(codes), under(Area.path, [path]))
    return _book(db, kind, near)


def _book(db: Session, kind: Kind, near: ColumnElement[bool]) -> Book:
    says = _read(db, kind, near)
    while missing := {s.like_id for s in says.values() if s.like_id} - says.keys():
        found = _read(db, kind, Area.id.in_(missing))
        empty = {i: Saying("", {}) for i in missing if i is not None and i not in found}
        says |= found | empty
    return Book(kind, says)


def _read(db: Session, kind: Kind, where: ColumnElement[bool]) -> dict[int, Saying]:
    rows = db.execute(
        select(AreaSettings, Area.name)
        .join(Area, Area.id == AreaSettings.area_id)
        .where(AreaSettings.kind == kind, where)
    )
    return {
        row.area_id: Saying(name, {c: getattr(row, c) for c in COLUMNS}, row.like_id)
        for row, name in rows
    }


def above(db: Session, area: Area) -> list[int]:
    """Return the ids of the areas over an area, the nearest first."""
    codes = area.path.strip("/").split("/")[:-1]
    rows = select(Area.id).where(Area.code.in_(codes)).order_by(Area.path.desc())
    return list(db.scalars(rows))


def setup_of_area(db: Session, area: Area, kind: Kind) -> Setup:
    """Return what holds in the area."""
    return book(db, kind, area.path).setup(area.id, above(db, area))


def setup_of_unit(db: Session, unit: Unit) -> Setup:
    """Return what holds for the unit, its community loaded."""
    return setups_of_units(db, [unit])[unit.id]


def setups_of_units(db: Session, units: Iterable[Unit]) -> dict[int, Setup]:
    """Return what holds for each of the units by id, communities and compounds loaded."""
    lines = {unit: unit.community.path.strip("/").split("/")[::-1] for unit in units}
    near = Area.code.in_({code for codes in lines.values() for code in codes})
    ids = {code: number for number, code in db.execute(select(Area.id, Area.code).where(near))}
    books = {kind: _book(db, kind, near) for kind in {unit.kind for unit in lines}}
    return {
        unit.id: books[unit.kind].setup(
            unit.community_id, [ids[code] for code in codes[1:] if code in ids], layer_of(unit)
        )
        for unit, codes in lines.items()
    }


def layer_of(unit: Unit) -> Layer:
    """Return what the unit itself says."""
    return Layer(unit.name, own_values(unit))


def own_values(row: Unit | AreaSettings) -> dict[str, Any]:
    """Return the settings that stand in a row."""
    names = COLUMNS if isinstance(row, AreaSettings) else OWN
    return {name: getattr(row, name) for name in names}


def settings_row(db: Session, area: Area, kind: Kind) -> AreaSettings | None:
    """Return the area's own settings for one kind of meeting."""
    return db.scalar(
        select(AreaSettings).where(AreaSettings.area_id == area.id, AreaSettings.kind == kind)
    )


def touched(db: Session, area: Area, kind: Kind) -> list[Touched]:
    """Return every place whose meetings the area's settings can change: itself first."""
    known = book(db, kind, area.path)
    parents = above(db, area)
    found = [Touched(area.name, known.setup(area.id, parents))]
    places = select(Area).where(under(Area.path, [area.path]), Area.level.in_(KEPT_BY))
    communities = {a.id: a for a in db.scalars(places)}
    ups = {i: [area.id, *parents] if i != area.id else parents for i in communities}
    found += [
        Touched(one.name, known.setup(one.id, ups[one.id]))
        for one in communities.values()
        if one.id in known.says and one.id != area.id
    ]
    found += [
        Touched(u.name, known.setup(u.community_id, ups[u.community_id], layer_of(u)))
        for u in db.scalars(_units_with_own(area, kind))
    ]
    return found + _alike(db, area, kind)


def _alike(db: Session, area: Area, kind: Kind) -> list[Touched]:
    rows = select(Area).join(AreaSettings, AreaSettings.area_id == Area.id)
    alike = db.scalars(rows.where(AreaSettings.like_id == area.id, AreaSettings.kind == kind))
    return [Touched(one.name, setup_of_area(db, one, kind)) for one in alike.all()]


def _units_with_own(area: Area, kind: Kind) -> Select[Unit]:
    return (
        select(Unit)
        .join(Unit.community)
        .outerjoin(Unit.compound)
        .where(
            under(Area.path, [area.path]),
            Unit.kind == kind,
            or_(*(getattr(Unit, name).is_not(None) for name in OWN)),
        )
        .options(contains_eager(Unit.community), contains_eager(Unit.compound))
    )


def kept_area(db: Session, actor: Actor, code: str) -> Area:
    """Return a street or community whose settings the actor sees. Raise `NotFound`."""
    found = db.scalar(
        select(Area).where(
            Area.code == code,
            Area.level.in_(KEPT_BY),
            Area.closed_on.is_(None),
            under(Area.path, actor.paths(Power.CONVENE)),
        )
    )
    if found is None:
        raise NotFound("没有代码为“%(code)s”的街道或社区，或不在您的职责范围内。", code=code[:24])
    return found


def kept_unit(db: Session, actor: Actor, number: int) -> Unit:
    """Return a unit whose settings the actor keeps. Raise `NotFound`."""
    unit = unit_seen(db, actor, number)
    if not actor.may(Power.CONVENE, unit.community.path):
        raise NotFound("该会议单元不存在，或不在您的职责范围内。")
    return unit


def likeable(db: Session, actor: Actor, area: Area) -> list[Area]:
    """Return the areas of the same level whose settings this one could take."""
    rows = (
        select(Area)
        .where(
            Area.level == area.level,
            Area.id != area.id,
            Area.closed_on.is_(None),
            Area.parent_id == area.parent_id,
            under(Area.path, actor.paths(Power.SEE)),
        )
        .order_by(Area.path)
        .limit(300)
    )
    return list(db.scalars(rows))


def rooms_near(db: Session, area: Area) -> list[Venue]:
    """Return the rooms that a unit of the area may use: those of its street."""
    street = area.path.split("/")[:4] if area.level is not Level.STREET else area.path.split("/")
    path = "/".join(street).rstrip("/") + "/"
    rows = select(Venue).join(Venue.community).where(under(Area.path, [path]))
    return list(db.scalars(rows.order_by(Area.path, Venue.name)))


def units_in(
    db: Session, actor: Actor, area: Area, *, offset: int = 0, limit: int = 50
) -> tuple[list[Unit], int]:
    """Return one stretch of the area's units, and how many there are."""
    wanted = (
        select(Unit)
        .join(Unit.community)
        .outerjoin(Unit.compound)
        .where(under(Area.path, [area.path]), under(Area.path, actor.paths(Power.CONVENE)))
    )
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = db.scalars(
        wanted.order_by(Area.path, Unit.compound_id.is_not(None), Compound.code, Unit.kind)
        .offset(offset)
        .limit(limit)
        .options(contains_eager(Unit.community), contains_eager(Unit.compound))
    )
    return list(rows), total


def coming_months(today: date, count: int = 12) -> list[date]:
    """Return the first days of this month and those that follow."""
    first = today.year * 12 + today.month - 1
    return [date((first + n) // 12, (first + n) % 12 + 1, 1) for n in range(count)]
