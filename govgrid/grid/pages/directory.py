"""The directory: results while one types in the page head, and a page of them."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.queries.cards import homes, people, places
from govgrid.grid.queries.directory import MOST, Hits, Sight, find, sight_of
from govgrid.web.page import page, signed_in
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit

GLIMPSE = 5
PAGE = 20
KINDS = ("officers", "compounds", "areas")


@page(may_enter=signed_in)
def hits(visit: Visit) -> Response:
    """Show the first results under the search box."""
    sight, text = sight_of(visit.db, visit.actor), visit.query("q")[:80]
    found = find(visit.db, sight, text, visit.today, GLIMPSE + 1)
    first = Hits(*(getattr(found, kind)[:GLIMPSE] for kind in KINDS))
    more = any(len(getattr(found, kind)) > GLIMPSE for kind in KINDS)
    shown: dict[str, Any] = {
        kind: _shown(visit, sight, kind, getattr(first, kind)) for kind in KINDS
    }
    return render(visit, "grid/hits.html", text=text, more=more, **shown)


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show all results of one kind, page by page."""
    sight, text = sight_of(visit.db, visit.actor), visit.query("q")[:80]
    found = find(visit.db, sight, text, visit.today)
    counts = {kind: len(getattr(found, kind)) for kind in KINDS}
    kind = visit.query("kind")
    if kind not in KINDS:
        kind = next((k for k in KINDS if counts[k]), KINDS[0])
    paging = paging_of(visit, counts[kind], PAGE)
    ids = getattr(found, kind)[paging.offset : paging.offset + PAGE]
    return render(
        visit,
        "grid/directory.html",
        text=text,
        kind=kind,
        counts=counts,
        most=MOST,
        paging=paging,
        rows=_shown(visit, sight, kind, ids),
    )


def _shown(visit: Visit, sight: Sight, kind: str, ids: Sequence[int]) -> list[Any]:
    if kind == "officers":
        return list(people(visit.db, visit.actor, sight, ids, visit.today))
    read = homes if kind == "compounds" else places
    return list(read(visit.db, visit.actor, ids, visit.today))


routes = [
    Route("/directory", show),
    Route("/directory/hits", hits),
]
