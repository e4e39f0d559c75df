"""The map of a street or community: its drawing as JSON, coloured by layers."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from govgrid.errors import NotFound
from govgrid.grid.models import OLD_KINDS, Area, Level
from govgrid.grid.queries.maps import Shape, placed_compounds, shapes_below, vacant_micro_grids
from govgrid.web.visit import Visit
from govgrid.words import N_

MAPPED = frozenset(
    {Level.STREET, Level.COMMUNITY, Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID}
)
Values = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """A colouring of micro-grids: `load` gives area id → value; `legend` is value, word, tone.

    Words are msgids; a tone is one of good, info, warn, bad, neutral.
    """

    key: str
    word: str
    legend: tuple[tuple[str, str, str], ...]
    load: Callable[[Visit, Area], Values]


def _vacancies(visit: Visit, area: Area) -> Values:
    return dict.fromkeys(vacant_micro_grids(visit.db, area, visit.today), "vacant")


VACANCY = Layer(
    "vacancy",
    N_("微网格员在岗"),
    (("vacant", N_("空缺"), "bad"), ("", N_("在岗"), "good")),
    _vacancies,
)


def check_mapped(area: Area) -> None:
    """Raise `NotFound` for an area too wide to draw."""
    if area.level not in MAPPED:
        raise NotFound("示意图按街道、社区或网格查看，请先选择街道。")


def drawing(visit: Visit, area: Area, layers: Sequence[Layer]) -> dict[str, Any]:
    """Return what the browser draws; `areas` are micro-grids, `outlines` the areas above them."""
    values = {layer.key: layer.load(visit, area) for layer in layers}
    shapes = shapes_below(visit.db, area, MAPPED)
    compounds = placed_compounds(visit.db, area)
    return {
        "bounds": _bounds(shapes),
        "areas": [
            {**_json(shape), "values": {k: found.get(shape.area_id, "") for k, found in values.items()}}
            for shape in shapes
            if shape.level is Level.MICRO_GRID
        ],
        "outlines": [_json(shape) for shape in shapes if shape.level is not Level.MICRO_GRID],
        "compounds": [
            {"code": c.code, "name": c.name, "at": [c.latitude, c.longitude], "old": c.kind in OLD_KINDS}
            for c in compounds
        ],
    }  # fmt: skip


def answer(visit: Visit, drawn: Mapping[str, Any]) -> Response:
    """Answer with the drawing, or that the browser's copy is still right."""
    body = json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode()
    mark = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
    if visit.request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _json(shape: Shape) -> dict[str, Any]:
    return {
        "code": shape.code,
        "name": shape.name,
        "level": shape.level.value,
        "geometry": json.loads(shape.geometry),
    }


def _bounds(shapes: Sequence[Shape]) -> list[list[float]] | None:
    """Return south-west and north-east corner, latitude first; None where nothing is drawn."""
    if not shapes:
        return None
    west, south, east, north = zip(*(shape.box for shape in shapes), strict=True)
    return [[min(south), min(west)], [max(north), max(east)]]
