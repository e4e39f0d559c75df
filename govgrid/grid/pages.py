"""Pages of the grid: the tree with counts, officers on duty, a compound and who answers for it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import Invalid
from govgrid.grid.maps import MAPPED, VACANCY, Layer, answer, check_mapped, drawing
from govgrid.grid.models import Area, Compound, Level
from govgrid.grid.queries import (
    area_at,
    area_seen,
    children,
    compound_seen,
    compounds_of,
    crumbs,
    responsible_for_area,
    responsible_for_compound,
    seats,
    starts,
)
from govgrid.grid.queries.areas import counted
from govgrid.web.page import page, redirect, signed_in, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit

Panel = Callable[[Visit, Compound], Markup]
TABS = ("areas", "officers", "compounds")


@page(may_enter=signed_in)
def start(visit: Visit) -> Response:
    """Go to the actor's area, or offer several."""
    areas = starts(visit.db, visit.actor)
    if len(areas) == 1:
        return redirect(f"/grid/{areas[0].code}")
    return render(visit, "grid/start.html", areas=areas)


@page(may_enter=signed_in)
def show_area(visit: Visit) -> Response:
    """Show an area's counts, with its parts, officers or compounds."""
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    tab = visit.query("tab", TABS[0])
    return render(
        visit,
        "grid/area.html",
        area=area,
        above=[a for a in crumbs(visit.db, visit.actor, area) if a.id != area.id],
        counts=counted(visit.db, [area], visit.today)[0],
        mapped=area.level in MAPPED,
        tab=tab if tab in TABS else TABS[0],
        text=visit.query("text"),
        **_list(visit, area, tab),
    )


def _list(visit: Visit, area: Area, tab: str) -> dict[str, Any]:
    """Return one page of the list that the tab shows."""
    read: Callable[..., tuple[Sequence[object], int]]
    if tab == "officers":
        vacant = visit.query("vacant") == "1"
        read = partial(seats, visit.db, area, visit.today, vacant_only=vacant)
    elif tab == "compounds":
        read = partial(compounds_of, visit.db, area, text=visit.query("text"))
    else:
        read = partial(children, visit.db, area, visit.today)
    return _stretch(visit, read)


def _stretch(visit: Visit, read: Callable[..., tuple[Sequence[object], int]]) -> dict[str, Any]:
    rows, total = read(offset=0, limit=50)
    paging = paging_of(visit, total, 50)
    if paging.offset:
        rows, total = read(offset=paging.offset, limit=50)
    return {"rows": rows, "paging": paging}


@page(may_enter=with_post)
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


def make_routes(panels: Sequence[Panel], layers: Sequence[Layer] = ()) -> list[Route]:
    """Return the routes, with the panels on compounds and layers on maps of other packages."""
    drawn = (VACANCY, *layers)

    @page(may_enter=signed_in)
    def show_map(visit: Visit) -> Response:
        """Show an area's map and, beside it, its micro-grids as a table."""
        area = area_seen(visit.db, visit.actor, visit.path("code"))
        check_mapped(area)
        read = partial(seats, visit.db, area, visit.today, level=Level.MICRO_GRID)
        above = [a for a in crumbs(visit.db, visit.actor, area) if a.id != area.id]
        listed = _stretch(visit, read)
        return render(visit, "grid/map.html", area=area, above=above, layers=drawn, **listed)

    @page(may_enter=signed_in)
    def show_drawing(visit: Visit) -> Response:
        """Answer with what the map draws."""
        area = area_seen(visit.db, visit.actor, visit.path("code"))
        check_mapped(area)
        return answer(visit, drawing(visit, area, drawn))

    @page(may_enter=signed_in)
    def show_compound(visit: Visit) -> Response:
        """Show a compound, the chain of responsibility, and the panels."""
        compound = compound_seen(visit.db, visit.actor, visit.path("code"))
        return render(
            visit,
            "grid/compound.html",
            compound=compound,
            steps=responsible_for_compound(visit.db, compound, visit.today),
            panels=[panel(visit, compound) for panel in panels],
        )

    return [
        Route("/grid", start),
        Route("/grid/at", show_point),
        Route("/grid/{code}", show_area),
        Route("/grid/{code}/map", show_map),
        Route("/grid/{code}/map.json", show_drawing),
        Route("/compounds/{code}", show_compound),
    ]
