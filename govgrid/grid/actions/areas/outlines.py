"""Boundaries after a merge or a split: joined from the parts where all of them are drawn."""

import shapely
from sqlalchemy import select

from govgrid.grid.actions.areas.sketch import Sketch
from govgrid.grid.actions.areas.steps import Step, Values
from govgrid.grid.cells import cell_of
from govgrid.grid.models import Boundary
from govgrid.words import N_


def outline_steps(sketch: Sketch) -> list[Step]:
    """Return what is written on boundaries; an area with an undrawn part keeps what it had."""
    found = {area: _joined(sketch, parts) for area, parts in sketch.outlines.items() if parts}
    return [_step(sketch, area, drawn) for area, drawn in found.items() if drawn is not None]


def _joined(sketch: Sketch, parts: list[int]) -> Values | None:
    rows = sketch.db.scalars(
        select(Boundary.geometry).where(Boundary.area_id.in_(parts)).order_by(Boundary.area_id)
    ).all()
    if len(rows) != len(parts):
        return None
    shape = shapely.union_all([shapely.from_geojson(text) for text in rows])
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return None
    west, south, east, north = (float(degree) for degree in shape.bounds)
    return {
        "geometry": shapely.to_geojson(shape),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "cell": cell_of(west, south, east, north),
    }


def _step(sketch: Sketch, area: int, drawn: Values) -> Step:
    columns = [getattr(Boundary, name) for name in drawn]
    stored = sketch.db.execute(select(*columns).where(Boundary.area_id == area)).first()
    before = dict(stored._mapping) if stored else None  # noqa: SLF001  # a row's public mapping
    return Step("boundaries", {"area_id": area}, before, drawn, N_("边界"), sketch.node(area).name)
