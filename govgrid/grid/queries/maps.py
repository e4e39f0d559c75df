"""What a map of an area draws: polygons below it, households, compounds that have a position."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from govgrid.grid.locating import Locator
from govgrid.grid.models import OLD_KINDS, Area, Boundary, Compound, CompoundMicroGrid, Level
from govgrid.grid.queries.compounds import compounds_of
from govgrid.grid.queries.officers import vacant
from govgrid.grid.queries.realm import held_by

MOST_COMPOUNDS = 2000
_COMMITTEE = re.compile("(居委会|村委会|居民委员会|村民委员会)$")


@dataclass(frozen=True, slots=True)
class Shape:
    """An area with the GeoJSON text of its polygon; `label` is its name without the parent's."""

    area_id: int
    code: str
    name: str
    label: str
    level: Level
    geometry: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A compound at its position in degrees; `old` is one of the old kinds."""

    code: str
    name: str
    longitude: float
    latitude: float
    old: bool


def shapes_below(db: Session, area: Area, levels: Iterable[Level]) -> list[Shape]:
    """Return the polygons of these levels in an area, itself included."""
    parent = aliased(Area)
    rows = db.execute(
        select(Area.id, Area.code, Area.name, parent.name, Area.level, Boundary.geometry)
        .join(Boundary, Boundary.area_id == Area.id)
        .outerjoin(parent, parent.id == Area.parent_id)
        .where(held_by(area), Area.level.in_(list(levels)), Area.closed_on.is_(None))
        .order_by(Area.path)
    )
    return [
        Shape(area_id, code, name, label(name, above, level), level, geometry)
        for area_id, code, name, above, level, geometry in rows
    ]


def label(name: str, above: str | None, level: Level) -> str:
    """Return the short name: 锦江社区第一网格3号微网格 is 3号 in 锦江社区第一网格."""
    place = _COMMITTEE.sub("", above or "")
    for stem in (above or "", place, place.removesuffix("社区")):
        if stem and name.startswith(stem) and name != stem:
            name = name.removeprefix(stem)
            break
    short = name.removesuffix("微网格") if level is Level.MICRO_GRID else _COMMITTEE.sub("", name)
    return short or name


def boxes_below(db: Session, area: Area) -> list[tuple[tuple[float, float, float, float], str]]:
    """Return west, south, east and north of every boundary in an area, with the path it is for."""
    rows = db.execute(
        select(Boundary.west, Boundary.south, Boundary.east, Boundary.north, Area.path)
        .join(Area, Area.id == Boundary.area_id)
        .where(held_by(area), Area.closed_on.is_(None))
        .order_by(Area.path)
    )
    return [((west, south, east, north), path) for west, south, east, north, path in rows]


def micro_grid_codes(db: Session, area: Area) -> dict[int, str]:
    """Return the codes of an area's micro-grids by id."""
    micro_grids = (held_by(area), Area.level == Level.MICRO_GRID, Area.closed_on.is_(None))
    wanted = select(Area.id, Area.code).where(*micro_grids)
    return dict(db.execute(wanted.order_by(Area.path)).all())


def locator(db: Session, area: Area) -> Locator:
    """Return what finds the micro-grid or dedicated grid of many points at once."""
    rows = db.execute(
        select(Area.id, Boundary.geometry)
        .join(Boundary, Boundary.area_id == Area.id)
        .where(
            held_by(area),
            Area.level.in_([Level.MICRO_GRID, Level.DEDICATED_GRID]),
            Area.closed_on.is_(None),
        )
        .order_by(case((Area.level == Level.MICRO_GRID, 1), else_=0), Area.code)
    ).all()
    return Locator.of([row.id for row in rows], [row.geometry for row in rows])


def vacant_micro_grids(db: Session, area: Area, on: date) -> set[int]:
    """Return the ids of an area's micro-grids that have no member on that day."""
    wanted = select(Area.id).where(held_by(area), Area.level == Level.MICRO_GRID, vacant(on))
    return set(db.scalars(wanted))


def micro_grid_households(db: Session, area: Area) -> dict[int, float]:
    """Return households by micro-grid: a compound's are shared evenly by those that serve it."""
    other = aliased(CompoundMicroGrid)
    serving = (
        select(func.count())
        .where(other.compound_id == Compound.id)
        .correlate(Compound)
        .scalar_subquery()
    )
    rows = db.execute(
        select(CompoundMicroGrid.micro_grid_id, func.sum(1.0 * Compound.households / serving))
        .join(Compound, Compound.id == CompoundMicroGrid.compound_id)
        .join(Area, Area.id == CompoundMicroGrid.micro_grid_id)
        .where(held_by(area), Compound.households.is_not(None))
        .group_by(CompoundMicroGrid.micro_grid_id)
    )
    return {area_id: float(number or 0) for area_id, number in rows}


def placed_compounds(db: Session, area: Area) -> list[Dot]:
    """Return an area's compounds that have a position."""
    found, _total = compounds_of(db, area, limit=MOST_COMPOUNDS)
    return [
        Dot(c.code, c.name, c.longitude, c.latitude, c.kind in OLD_KINDS)
        for c in found
        if c.longitude is not None and c.latitude is not None
    ]
