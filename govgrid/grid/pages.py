"""Pages of the grid: the tree with counts, officers on duty, a compound and who answers for it."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.models import Area, Compound
from govgrid.grid.queries import (
    area_seen,
    children,
    compound_seen,
    compounds_of,
    crumbs,
    responsible_for_compound,
    seats,
    starts,
)
from govgrid.grid.queries.areas import counted
from govgrid.web.page import page, redirect, signed_in
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
        tab=tab if tab in TABS else TABS[0],
        text=visit.query("text"),
        **_list(visit, area, tab),
    )


def _list(visit: Visit, area: Area, tab: str) -> dict[str, Any]:
    """Return one page of the list that the tab shows."""
    offset = (max(int(visit.query("page", "1")), 1) - 1) * 50 if _paged(visit) else 0
    rows: Sequence[object]
    if tab == "officers":
        vacant = visit.query("vacant") == "1"
        rows, total = seats(
            visit.db, area, visit.today, vacant_only=vacant, offset=offset, limit=50
        )
    elif tab == "compounds":
        rows, total = compounds_of(
            visit.db, area, text=visit.query("text"), offset=offset, limit=50
        )
    else:
        rows, total = children(visit.db, area, visit.today, offset=offset, limit=50)
    return {"rows": rows, "paging": paging_of(visit, total, 50)}


def _paged(visit: Visit) -> bool:
    wanted = visit.query("page", "1")
    return wanted.isdecimal() and len(wanted) < 7


def make_routes(panels: Sequence[Panel]) -> list[Route]:
    """Return the routes; the panels of other packages stand on a compound's page."""

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
        Route("/grid/{code}", show_area),
        Route("/compounds/{code}", show_compound),
    ]
