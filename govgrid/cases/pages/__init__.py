"""Pages of cases, one module a noun."""

from govgrid.cases.pages.intake import routes as intake
from govgrid.cases.pages.lists import nav, panel
from govgrid.cases.pages.lists import routes as lists
from govgrid.cases.pages.one_click import routes as one_click

__all__ = ["nav", "panel", "routes"]

routes = [*intake, *lists, *one_click]
