"""Pages of cases, one module a noun."""

from govgrid.cases.pages.countdown import routes as countdown
from govgrid.cases.pages.experts import routes as experts
from govgrid.cases.pages.intake import routes as intake
from govgrid.cases.pages.life import routes as life
from govgrid.cases.pages.lists import nav, panel
from govgrid.cases.pages.lists import routes as lists
from govgrid.cases.pages.one_click import routes as one_click
from govgrid.cases.pages.promises import routes as promises
from govgrid.cases.pages.rates import routes as rates
from govgrid.cases.pages.supervision import routes as supervision

__all__ = ["nav", "panel", "routes"]

routes = [*intake, *countdown, *lists, *life, *one_click, *rates, *supervision, *promises, *experts]
