"""Pages of the dual-showcase, one module a noun."""

from govgrid.showcase.pages.compare import routes as compare
from govgrid.showcase.pages.entry import routes as entry
from govgrid.showcase.pages.plans import routes as plans
from govgrid.showcase.pages.public import routes as public
from govgrid.showcase.pages.showcase import panel
from govgrid.showcase.pages.showcase import routes as showcase

__all__ = ["panel", "routes"]

routes = [*entry, *showcase, *compare, *plans, *public]
