"""Invented boundaries of the filled district: nested polygons that tile without gap or overlap."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

import shapely
from shapely import MultiPolygon, Polygon, STRtree

from govgrid.demo import plane
from govgrid.demo.divisions import DISTRICT, Division, children, division, streets
from govgrid.demo.plane import Point, Ring
from govgrid.demo.seed import chance
from govgrid.grid.models import Level

_EAST, _NORTH = 104.04, 30.60  # where the kilometres start
_KM_EAST, _KM_NORTH = 1 / 95.82, 1 / 110.86  # degrees a kilometre at this latitude
_OUTLINE = (
    (103.953, 30.590), (103.966, 30.568), (104.012, 30.549), (104.062, 30.541),
    (104.090, 30.549), (104.101, 30.585), (104.101, 30.622), (104.090, 30.643),
    (104.062, 30.659), (104.030, 30.663), (103.995, 30.656), (103.968, 30.636),
)  # fmt: skip
# Near where the streets lie, so that the map looks known; the borders are made up.
_SEEDS = {
    "510107001": (104.050, 30.650),
    "510107004": (104.088, 30.632),
    "510107005": (104.070, 30.637),
    "510107007": (104.075, 30.614),
    "510107009": (104.010, 30.645),
    "510107010": (104.027, 30.633),
    "510107011": (104.000, 30.603),
    "510107012": (103.985, 30.632),
    "510107013": (103.970, 30.590),
    "510107014": (104.019, 30.615),
    "510107015": (103.990, 30.616),
    "510107061": (104.056, 30.627),
    "510107062": (104.041, 30.622),
    "510107063": (104.040, 30.588),
    "510107064": (104.078, 30.575),
}
NUMERALS = "〇一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Plot:
    """An area of the filled district with its boundary in WGS84 degrees."""

    code: str
    name: str
    level: Level
    parent: str
    shape: Polygon

    @property
    def made_up(self) -> bool:
        """Whether the area itself is invented, not only its boundary."""
        return self.level in (Level.GRID, Level.MICRO_GRID)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A micro-grid before its edges are fitted to its neighbours'."""

    code: str
    name: str
    ring: Ring


@cache
def plots() -> dict[str, Plot]:
    """Return district, streets, communities, grids and micro-grids by code, parents first."""
    micro_grids = _fitted([*_pieces()])
    below: dict[str, list[Polygon]] = defaultdict(list)
    for code, (_, shape) in micro_grids.items():
        for length in (6, 9, 12, 15):
            below[code[:length]].append(shape)
    found = [_joined(division(DISTRICT), below)]
    for street in streets():
        found.append(_joined(street, below))
        for community in children(street.code):
            found.append(_joined(community, below))
            found += _grids(community, below)
    found += [
        Plot(code, name, Level.MICRO_GRID, code[:15], shape)
        for code, (name, shape) in micro_grids.items()
    ]
    return {plot.code: plot for plot in found}


def below(code: str, level: Level) -> list[Plot]:
    """Return the plots of a level under an area, in the order of their codes."""
    return _by_area()[code, level]


@cache
def _by_area() -> dict[tuple[str, Level], list[Plot]]:
    found: dict[tuple[str, Level], list[Plot]] = defaultdict(list)
    for plot in plots().values():
        for length in (6, 9, 12, 15):
            if length < len(plot.code):
                found[plot.code[:length], plot.level].append(plot)
    return found


def boundaries_geojson() -> bytes:
    """Return all boundaries as the GeoJSON that `govgrid import boundaries` reads."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": plot.code, "crs": "wgs84"},
            "geometry": json.loads(shapely.to_geojson(plot.shape)),
        }
        for plot in plots().values()
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, separators=(",", ":")).encode()


def _joined(place: Division, below: dict[str, list[Polygon]]) -> Plot:
    return Plot(place.code, place.name, place.level, place.parent, _union(below[place.code]))


def _grids(community: Division, below: dict[str, list[Polygon]]) -> Iterator[Plot]:
    for code in sorted(c for c in below if len(c) == 15 and c.startswith(community.code)):
        name = _grid_name(community, int(code[12:]))
        shape = _union(below[code])
        yield Plot(code, name, Level.GRID, community.code, shape)


def _grid_name(community: Division, number: int) -> str:
    return f"{community.short}第{NUMERALS[number]}网格"


def _union(shapes: list[Polygon]) -> Polygon:
    """Join polygons that share their corners: here every area is in one piece."""
    joined = shapely.coverage_union_all(shapes)
    (single,) = joined.geoms if isinstance(joined, MultiPolygon) else (joined,)
    assert isinstance(single, Polygon)
    return single


def _pieces() -> Iterator[_Piece]:
    """Cut the outline: streets by their seeds, communities evenly, grids and below in blocks."""
    outline = [_kilometres(*p) for p in _OUTLINE]
    seeds = [_kilometres(*_SEEDS[street.code]) for street in streets()]
    for street, cell in zip(streets(), plane.cells(outline, seeds), strict=True):
        rng = chance("ground", street.code)
        turn = rng.uniform(-0.5, 0.5)
        inside = children(street.code)
        cells = _in_reading_order(plane.even_cells(cell, len(inside), rng))
        for community, part in zip(inside, cells, strict=True):
            yield from _blocks(community, part, turn, rng)


def _blocks(community: Division, ring: Ring, turn: float, rng: Random) -> Iterator[_Piece]:
    turn += rng.uniform(-0.15, 0.15)
    grids = _in_reading_order(plane.blocks(ring, rng.choice((5, 6, 6, 6, 7)), turn, rng))
    for number, grid in enumerate(grids, 1):
        parts = _in_reading_order(plane.blocks(grid, rng.choice((8, 9, 9, 9, 10)), turn, rng))
        for place, part in enumerate(parts, 1):
            code = f"{community.code}{number:03}{place:03}"
            yield _Piece(code, f"{_grid_name(community, number)}{place}号微网格", part)


def _in_reading_order(rings: list[Ring]) -> list[Ring]:
    """Order rings in rows from the north, each row from the west."""
    rows = round(math.sqrt(len(rings)))
    per_row = math.ceil(len(rings) / rows)
    southward = sorted(rings, key=lambda ring: -plane.centre(ring)[1])
    return [
        ring
        for start in range(0, len(rings), per_row)
        for ring in sorted(southward[start : start + per_row], key=lambda r: plane.centre(r)[0])
    ]


def _fitted(pieces: list[_Piece]) -> dict[str, tuple[str, Polygon]]:
    """Return the pieces with every corner on a neighbour's edge shared by both.

    Snapped to metres and cut anew along all edges at once, they tile exactly; bent afterwards,
    corner by corner, they still do, because neighbours have the same corners.
    """
    rings = [shapely.linearrings(piece.ring) for piece in pieces]
    edges = shapely.union_all(rings, grid_size=0.001)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    owners = STRtree(shapely.polygons(rings))
    face_of, owner_of = owners.query(shapely.point_on_surface(faces), predicate="within")
    owned: dict[int, list[Polygon]] = defaultdict(list)
    for face, owner in zip(face_of, owner_of, strict=True):
        owned[int(owner)].append(faces[face])
    return {
        piece.code: (piece.name, _bent(_union(owned[number])))
        for number, piece in enumerate(pieces)
    }


def _bent(shape: Polygon) -> Polygon:
    return Polygon(_degrees(*p) for p in shapely.get_coordinates(shape.normalize()))


@cache  # a corner is its neighbours', too
def _degrees(x: float, y: float) -> Point:
    """Bend straight streets a little and return degrees to six decimals."""
    bent_x = x + 0.10 * math.sin(1.9 * y + 0.4) + 0.03 * math.sin(5.3 * y + 2.1 * x)
    bent_y = y + 0.10 * math.sin(1.7 * x + 1.3) + 0.03 * math.sin(4.7 * x - 2.6 * y)
    return round(_EAST + bent_x * _KM_EAST, 6), round(_NORTH + bent_y * _KM_NORTH, 6)


def _kilometres(longitude: float, latitude: float) -> Point:
    return (longitude - _EAST) / _KM_EAST, (latitude - _NORTH) / _KM_NORTH


def outside(points: Iterable[Point], code: str) -> list[Point]:
    """Return those points that do not lie in an area."""
    shape = plots()[code].shape
    return [point for point in points if not shapely.contains_xy(shape, *point)]
