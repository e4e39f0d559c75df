"""Pages of cases, one module a noun."""

from govgrid.cases.pages.lists import nav, panel
from govgrid.cases.pages.lists import routes as lists

__all__ = ["nav", "panel", "routes"]

routes = [*lists]
