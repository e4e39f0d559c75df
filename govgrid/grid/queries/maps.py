"""What a map of an area draws: polygons below it, and its compounds that have a position."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.grid.models import Area, Boundary, Compound, Level
from govgrid.grid.queries.compounds import compounds_of
from govgrid.grid.queries.officers import below, vacant

MOST_COMPOUNDS = 2000


@dataclass(frozen=True, slots=True)
class Shape:
    """An area with the GeoJSON text of its polygon."""

    area_id: int
    code: str
    name: str
    level: Level
    geometry: str
    box: tuple[float, float, float, float]


def shapes_below(db: Session, area: Area, levels: Iterable[Level]) -> list[Shape]:
    """Return the polygons of these levels in an area, itself included."""
    rows = db.execute(
        select(Area, Boundary)
        .join(Boundary, Boundary.area_id == Area.id)
        .where(below(area.path), Area.level.in_(list(levels)), Area.closed_on.is_(None))
        .order_by(Area.path)
    )
    return [
        Shape(a.id, a.code, a.name, a.level, b.geometry, (b.west, b.south, b.east, b.north))
        for a, b in rows
    ]


def vacant_micro_grids(db: Session, area: Area, on: date) -> set[int]:
    """Return the ids of an area's micro-grids that have no member on that day."""
    wanted = select(Area.id).where(below(area.path), Area.level == Level.MICRO_GRID, vacant(on))
    return set(db.scalars(wanted))


def placed_compounds(db: Session, area: Area) -> list[Compound]:
    """Return an area's compounds that have a position."""
    found, _total = compounds_of(db, area, limit=MOST_COMPOUNDS)
    return [c for c in found if c.longitude is not None and c.latitude is not None]
