"""The map of an area, and what it draws."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.layers import HOUSEHOLDS, VACANCY, Layer
from govgrid.grid.maps import check_mapped, drawing, frame, values
from govgrid.grid.models import Area, Level
from govgrid.grid.queries import (
    area_seen,
    crumbs,
    seats,
)
from govgrid.web.page import page, with_post
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


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
        Route("/grid/{code}/map", show_map),
        Route("/grid/{code}/map.json", show_frame),
        Route("/grid/{code}/shapes.json", show_drawing),
        Route("/grid/{code}/layer.json", show_values),
    ]
