"""Pages of old compounds: areas, one compound, acts."""

from govgrid.oldcompounds.pages import acts, areas, compound
from govgrid.oldcompounds.pages.compound import panel

routes = [*areas.routes, *compound.routes, *acts.routes]

__all__ = ["panel", "routes"]
