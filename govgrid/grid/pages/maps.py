"""The map of a street or community, its drawing, and who answers for a point."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import Invalid
from govgrid.grid.maps import VACANCY, Layer, answer, check_mapped, drawing
from govgrid.grid.models import Level
from govgrid.grid.queries import area_at, area_seen, crumbs, responsible_for_area, seats
from govgrid.web.page import page, signed_in
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=signed_in)
def show_point(visit: Visit) -> Response:
    """Show who answers for a point of the map."""
    longitude, latitude = _degrees(visit, "longitude"), _degrees(visit, "latitude")
    area = area_at(visit.db, longitude, latitude)
    steps = responsible_for_area(visit.db, area, visit.today) if area else []
    return render(visit, "grid/point.html", area=area, steps=steps)


def _degrees(visit: Visit, name: str) -> float:
    written = visit.query(name)
    try:
        value = float(written)
    except ValueError:
        value = 999.0
    if not -180 <= value <= 180:
        raise Invalid("“%(value)s”不是经纬度，请在示意图上点选位置。", value=written[:20])
    return value


def make_routes(layers: Sequence[Layer] = ()) -> list[Route]:
    """Return the routes, with the layers of other packages."""
    drawn = (VACANCY, *layers)

    @page(may_enter=signed_in)
    def show_map(visit: Visit) -> Response:
        """Show an area's map and, beside it, its micro-grids as a table."""
        area = area_seen(visit.db, visit.actor, visit.path("code"))
        check_mapped(area)
        read = partial(seats, visit.db, area, visit.today, level=Level.MICRO_GRID)
        above = [a for a in crumbs(visit.db, visit.actor, area) if a.id != area.id]
        listed = stretch(visit, read)
        return render(visit, "grid/map.html", area=area, above=above, layers=drawn, **listed)

    @page(may_enter=signed_in)
    def show_drawing(visit: Visit) -> Response:
        """Answer with what the map draws."""
        area = area_seen(visit.db, visit.actor, visit.path("code"))
        check_mapped(area)
        return answer(visit, drawing(visit, area, drawn))

    return [
        Route("/grid/at", show_point),
        Route("/grid/{code}/map", show_map),
        Route("/grid/{code}/map.json", show_drawing),
    ]
