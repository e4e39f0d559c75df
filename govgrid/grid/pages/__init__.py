"""Pages of the grid, one module a noun."""

from collections.abc import Sequence

from starlette.routing import Route

from govgrid.grid.layers import Layer
from govgrid.grid.pages import (
    area,
    boards,
    changes,
    compound,
    directory,
    maps,
    points,
    tiling,
)
from govgrid.grid.pages.compound import Panel

__all__ = ["Panel", "make_routes"]


def make_routes(panels: Sequence[Panel], layers: Sequence[Layer] = ()) -> list[Route]:
    """Return the routes, with the panels on compounds and layers on maps of other packages."""
    return [
        *points.routes,
        *maps.make_routes(layers),
        *tiling.routes,
        *area.routes,
        *changes.routes,
        *compound.make_routes(panels),
        *directory.routes,
        *boards.routes,
    ]
