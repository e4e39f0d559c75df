"""The tree of areas: where the actor's sight begins, counts, parts, officers, compounds."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.maps import MAPPED
from govgrid.grid.models import Area, Level
from govgrid.grid.queries import (
    area_seen,
    children,
    compounds_of,
    crumbs,
    responsible_for_area,
    seats,
    starts,
)
from govgrid.grid.queries.areas import counted
from govgrid.grid.queries.realm import managed_by, manager_of
from govgrid.web.page import page, redirect, signed_in
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit

SMALL = (Level.GRID, Level.MICRO_GRID, Level.DEDICATED_GRID)  # where one asks who answers
TABS = ("areas", "officers", "compounds")
LEAVES = (Level.MICRO_GRID, Level.DEDICATED_GRID)  # nothing lies below


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
    tabs = TABS[1:] if area.level in LEAVES else TABS
    tab = visit.query("tab", tabs[0])
    tab = tab if tab in tabs else tabs[0]
    return render(
        visit,
        "grid/area.html",
        area=area,
        above=[a for a in crumbs(visit.db, visit.actor, area) if a.id != area.id],
        counts=counted(visit.db, [area], visit.today)[0],
        manager=manager_of(visit.db, area),
        managed=counted(visit.db, managed_by(visit.db, area), visit.today),
        mapped=area.level in MAPPED,
        tabs=tabs,
        tab=tab,
        text=visit.query("text"),
        vacant=visit.query("vacant") == "1",
        steps=responsible_for_area(visit.db, area, visit.today) if area.level in SMALL else [],
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
    return stretch(visit, read)


routes = [
    Route("/grid", start),
    Route("/grid/{code}", show_area),
]
