"""The map of an area as JSON: its frame, the micro-grids of a part, the values of a layer."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from starlette.responses import Response

from govgrid.errors import NotFound
from govgrid.grid.crs import Shapes
from govgrid.grid.layers import REST, Layer
from govgrid.grid.models import Area, Level
from govgrid.grid.queries.maps import (
    Shape,
    boxes_below,
    micro_grid_codes,
    placed_compounds,
    shapes_below,
)
from govgrid.grid.shelf import Shelf
from govgrid.web.visit import Visit

MAPPED = frozenset(set(Level) - {Level.CITY})
LEAVES = frozenset({Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID})

# How much a drawing may simplify, in degrees, and its steps to a degree: what a pixel hides.
DETAILS = {"far": (1.5e-4, 10**5), "near": (3e-5, 10**6), "close": (0.0, 10**6)}
SHELF = Shelf(24 * 2**20)


def check_mapped(area: Area) -> None:
    """Raise `NotFound` for an area too wide to draw."""
    if area.level not in MAPPED:
        raise NotFound("示意图按区县、街道、社区或网格查看，请先选择区县。")


def frame(visit: Visit, area: Area) -> Response:
    """Answer with what a map shows at once: outlines, compounds, and the parts to load in view."""
    detail = "far" if area.level is Level.DISTRICT else "near"
    boxes = boxes_below(visit.db, area)
    shapes = shapes_below(visit.db, area, MAPPED - LEAVES)
    compounds = placed_compounds(visit.db, area)
    return _kept(
        visit,
        (area.code, detail, boxes, shapes, compounds),
        lambda: {
            "bounds": _bounds([box for box, _path in boxes]),
            "outlines": _drawn(shapes, detail),
            "parts": _parts(area, boxes),
            "compounds": [
                {"code": c.code, "name": c.name, "at": [c.latitude, c.longitude], "old": c.old}
                for c in compounds
            ],
        },
    )


def drawing(visit: Visit, area: Area, detail: str) -> Response:
    """Answer with the micro-grids of an area, and from near its grids, as exact as asked for."""
    if detail not in DETAILS:
        raise NotFound("页面不存在。")
    levels = LEAVES - {Level.GRID} if detail == "far" else LEAVES
    shapes = shapes_below(visit.db, area, levels)
    return _kept(visit, (detail, shapes), lambda: _drawn(shapes, detail))


def values(visit: Visit, area: Area, layer: Layer) -> Response:
    """Answer with a layer's value and remark by code, where it has any, and how often each stands.

    A value that is absent is "".
    """
    tints, codes = layer.load(visit, area), micro_grid_codes(visit.db, area)
    shown = {code: tints.get(area_id, REST) for area_id, code in codes.items()}
    body = _json(
        {
            "values": {code: [t.value, t.remark] for code, t in shown.items() if t is not REST},
            "counts": Counter(tint.value for tint in shown.values()),
        }
    )
    return _answer(visit, _digest(body), lambda: body)


Made = Callable[[], dict[str, Any]]


def _kept(visit: Visit, source: object, make: Made) -> Response:
    """Answer with what is made of the source, once as long as the source stays the same."""
    mark = _digest(repr(source).encode())
    return _answer(visit, mark, lambda: SHELF.get(mark, lambda: _json(make())))


def _answer(visit: Visit, mark: str, body: Callable[[], bytes]) -> Response:
    """Answer with the body, or that the browser's copy is still right."""
    headers = {"ETag": mark, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    asked = visit.request.headers
    if asked.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    if "gzip" in asked.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        packed = SHELF.get(f"{mark} gzip", lambda: gzip.compress(body(), 5, mtime=0))
        return Response(packed, media_type="application/json", headers=headers)
    return Response(body(), media_type="application/json", headers=headers)


def _json(found: object) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(source: bytes) -> str:
    return f'W/"{hashlib.sha256(source).hexdigest()[:32]}"'


Box = tuple[float, float, float, float]


def _bounds(boxes: Sequence[Box]) -> list[list[float]] | None:
    """Return south-west and north-east corner, latitude first; None where nothing is drawn."""
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return [[min(south), min(west)], [max(north), max(east)]]


def _parts(area: Area, boxes: Sequence[tuple[Box, str]]) -> list[dict[str, Any]]:
    """Return the communities, each with its street and corners; below one, the area itself."""
    found: dict[tuple[str, str], list[Box]] = {}
    for box, path in boxes:
        codes = path.strip("/").split("/")
        if area.level in LEAVES:
            found.setdefault((area.code, area.code), []).append(box)
        elif len(codes) > 3:  # city, district, street, community
            found.setdefault((codes[3], codes[2]), []).append(box)
    return [
        {"code": code, "street": street, "bounds": _bounds(own)}
        for (code, street), own in found.items()
    ]


def _drawn(shapes: Sequence[Shape], detail: str) -> dict[str, Any]:
    """Return areas as the browser draws them: a table of corners, and rings of places in it.

    Neighbours share their corners, also when simplified: each is sent once. Corners are whole
    steps east and north, each from the one before, the first from the origin.
    """
    if not shapes:
        return {"origin": [0, 0], "steps": 1, "corners": [], "areas": []}
    polygons = np.asarray(shapely.from_geojson([shape.geometry for shape in shapes]))
    tolerance, steps = DETAILS[detail]
    if tolerance:
        polygons = _simplified(shapes, polygons, tolerance)
    origin = shapely.total_bounds(polygons)[:2]
    rings, ring_of = shapely.get_rings(polygons, return_index=True)
    found, corner_of = shapely.get_coordinates(rings, return_index=True)
    corners, places = _table(np.rint((found - origin) * steps).astype(np.int64))
    ends = np.flatnonzero(np.diff(corner_of)) + 1
    drawn: list[list[list[int]]] = [[] for _shape in shapes]
    for area, ring in zip(ring_of.tolist(), np.split(places, ends), strict=True):
        drawn[area].append(ring[:-1].tolist())
    return {
        "origin": origin.tolist(),
        "steps": steps,
        "corners": np.diff(corners, axis=0, prepend=0).ravel().tolist(),
        "areas": [
            {
                "code": shape.code,
                "name": shape.name,
                "label": shape.label,
                "level": shape.level.value,
                "rings": own,
            }
            for shape, own in zip(shapes, drawn, strict=True)
        ],
    }


def _table(corners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different corners in order of appearance, and the place of each one given."""
    _sorted, first, places = np.unique(corners, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return corners[first[order]], rank[places.ravel()]


def _simplified(shapes: Sequence[Shape], polygons: Shapes, tolerance: float) -> Shapes:
    """Return the polygons simplified, each level by itself, along the edges they share."""
    found = polygons.copy()
    for level in {shape.level for shape in shapes}:
        chosen = np.array([shape.level is level for shape in shapes])
        found[chosen] = shapely.coverage_simplify(polygons[chosen], tolerance)
    return found
