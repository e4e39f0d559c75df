"""Vacancies and double holders of an area: seats empty or crowded, people with several."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.queries import area_seen, crumbs, seats
from govgrid.grid.queries.gaps import crowded, doubled
from govgrid.web.page import page, signed_in
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit

KINDS: dict[str, Callable[..., tuple[Sequence[object], int]]] = {
    "vacant": partial(seats, vacant_only=True),
    "crowded": crowded,
    "doubled": doubled,
}


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show one of the three lists, page by page."""
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    kind = visit.query("kind")
    kind = kind if kind in KINDS else "vacant"
    above = [a for a in crumbs(visit.db, visit.actor, area) if a.id != area.id]
    listed = stretch(visit, partial(KINDS[kind], visit.db, area, visit.today))
    return render(visit, "grid/gaps.html", area=area, above=above, kind=kind, **listed)


routes = [Route("/grid/{code}/gaps", show)]
