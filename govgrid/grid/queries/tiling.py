"""What a check of boundaries reads: communities of an area with their plots and compounds."""

from dataclasses import dataclass, field, replace

import shapely
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govgrid.grid.models import Area, Boundary, Compound, CompoundMicroGrid, Level
from govgrid.grid.queries.officers import below
from govgrid.grid.tiling import Plot, Spot

TILES = (Level.MICRO_GRID, Level.DEDICATED_GRID)
WHOLE = (Level.STREET, Level.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Ground:
    """A community with the plots that should tile it, and its compounds that have a position."""

    community: Plot
    plots: list[Plot] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)


def grounds(db: Session, area: Area) -> list[Ground]:
    """Return the communities in an area, in the order of their codes; below one, the area itself."""
    found: dict[str, Ground] = {}
    depth = 4 if area.level in WHOLE else area.path.count("/") - 1  # city, district, street first
    rows = db.execute(
        select(Area.id, Area.code, Area.name, Area.level, Area.path, Boundary.geometry)
        .outerjoin(Boundary, Boundary.area_id == Area.id)
        .where(below(area.path), or_(Area.level.in_([Level.COMMUNITY, *TILES]), Area.id == area.id))
        .where(Area.level != Level.STREET, Area.closed_on.is_(None))
        .order_by(Area.path)
    )
    for area_id, code, name, level, path, geometry in rows:
        shape = shapely.from_geojson(geometry) if geometry else None
        plot = Plot(area_id, code, name, shape)
        if level is Level.COMMUNITY or area_id == area.id:
            found[code] = Ground(plot)
        else:
            found[path.split("/")[depth]].plots.append(plot)
    for code, spots in _spots(db, area).items():
        found[code].spots.extend(spots)
    return list(found.values())


def _spots(db: Session, area: Area) -> dict[str, list[Spot]]:
    """Return the compounds that have a position, by the code of their community."""
    rows = db.execute(
        select(
            Area.code.label("community"),
            Compound.code,
            Compound.name,
            Compound.longitude,
            Compound.latitude,
            CompoundMicroGrid.micro_grid_id,
        )
        .join(Compound, Compound.community_id == Area.id)
        .outerjoin(CompoundMicroGrid, CompoundMicroGrid.compound_id == Compound.id)
        .where(below(area.path), Area.level == Level.COMMUNITY)
        .where(Compound.longitude.is_not(None), Compound.latitude.is_not(None))
        .order_by(Compound.code)
    )
    found: dict[str, dict[str, Spot]] = {}
    for community, code, name, longitude, latitude, micro_grid in rows:
        own = found.setdefault(community, {})
        spot = own.get(code) or Spot(code, name, float(longitude or 0), float(latitude or 0), ())
        own[code] = replace(spot, serving=(*spot.serving, micro_grid)) if micro_grid else spot
    return {community: list(spots.values()) for community, spots in found.items()}


def parts_of(db: Session, area: Area, level: Level) -> list[Area]:
    """Return the areas of that level one step below."""
    parts = select(Area).where(Area.parent_id == area.id, Area.level == level)
    return list(db.scalars(parts.order_by(Area.code)))
