"""The map of an area, what it draws, and who answers for a point."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import Invalid
from govgrid.grid.layers import HOUSEHOLDS, VACANCY, Layer
from govgrid.grid.maps import check_mapped, drawing, frame, values
from govgrid.grid.models import Area, Boundary, Level
from govgrid.grid.queries import (
    area_at,
    area_seen,
    compound_seen,
    crumbs,
    responsible_for_area,
    responsible_for_compound,
    seats,
)
from govgrid.web.page import page, with_post
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=with_post)
def show_point(visit: Visit) -> Response:
    """Show who answers for a point of the map, for an area or for a compound of it."""
    if code := visit.query("compound"):
        compound = compound_seen(visit.db, visit.actor, code)
        steps = responsible_for_compound(visit.db, compound, visit.today)
        return render(visit, "grid/point.html", area=None, compound=compound, steps=steps)
    area = _area(visit)
    steps = responsible_for_area(visit.db, area, visit.today) if area else []
    drawn = visit.db.get(Boundary, area.id) if area else None
    return render(visit, "grid/point.html", area=area, compound=None, drawn=drawn, steps=steps)


def _area(visit: Visit) -> Area | None:
    """Return the area asked for by code, or the innermost at the point."""
    if code := visit.query("area"):
        return area_seen(visit.db, visit.actor, code)
    return area_at(visit.db, _degrees(visit, "longitude"), _degrees(visit, "latitude"))


def _degrees(visit: Visit, name: str) -> float:
    written = visit.query(name)
    try:
        value = float(written)
    except ValueError:
        value = 999.0
    if not -180 <= value <= 180:
        raise Invalid("“%(value)s”不是经纬度，请在示意图上点选位置。", value=written[:20])
    return value


def _mapped(visit: Visit) -> Area:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    check_mapped(area)
    return area


@page(may_enter=with_post)
def show_frame(visit: Visit) -> Response:
    """Answer with what the map shows at once."""
    return frame(visit, _mapped(visit))


@page(may_enter=with_post)
def show_drawing(visit: Visit) -> Response:
    """Answer with the micro-grids of a part that has come into view."""
    return drawing(visit, _mapped(visit), visit.query("detail", "close"))


def make_routes(layers: Sequence[Layer] = ()) -> list[Route]:
    """Return the routes, with the layers of other packages."""
    offered = {layer.key: layer for layer in (VACANCY, *layers, HOUSEHOLDS)}

    def chosen(visit: Visit) -> Layer:
        return offered.get(visit.query("layer"), VACANCY)

    @page(may_enter=with_post)
    def show_map(visit: Visit) -> Response:
        """Show an area's map and, beside it, its micro-grids as a table."""
        area, layer = _mapped(visit), chosen(visit)
        read = partial(seats, visit.db, area, visit.today, level=Level.MICRO_GRID)
        return render(
            visit,
            "grid/map.html",
            area=area,
            above=[a for a in crumbs(visit.db, visit.actor, area) if a.id != area.id],
            layers=list(offered.values()),
            chosen=layer,
            tints=layer.load(visit, area),
            **stretch(visit, read),
        )

    @page(may_enter=with_post)
    def show_values(visit: Visit) -> Response:
        """Answer with the values of the chosen layer."""
        return values(visit, _mapped(visit), chosen(visit))

    return [
        Route("/grid/at", show_point),
        Route("/grid/{code}/map", show_map),
        Route("/grid/{code}/map.json", show_frame),
        Route("/grid/{code}/shapes.json", show_drawing),
        Route("/grid/{code}/layer.json", show_values),
    ]
