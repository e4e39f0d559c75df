"""Pages of old compounds: areas, board, map, watch, one compound, acts."""

from starlette.routing import Route

from govgrid.oldcompounds.pages import acts, areas, board, compound, watch
from govgrid.oldcompounds.pages import map as maps
from govgrid.oldcompounds.pages.compound import panel
from govgrid.oldcompounds.queries import Signals


def make_routes(signals: Signals) -> list[Route]:
    """Return the routes; `signals` tell what stands in packages beside and above."""
    return [
        *areas.routes,
        *board.routes,
        *maps.routes,
        *watch.make_routes(signals),
        *compound.routes,
        *acts.routes,
    ]


__all__ = ["make_routes", "panel"]
