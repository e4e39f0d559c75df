"""Pages of cases, one module a noun."""

from starlette.routing import Route

from govgrid.cases.pages.countdown import routes as countdown
from govgrid.cases.pages.experts import routes as experts
from govgrid.cases.pages.intake import routes as intake
from govgrid.cases.pages.life import routes as life
from govgrid.cases.pages.lists import nav, panel
from govgrid.cases.pages.lists import routes as lists
from govgrid.cases.pages.one_click import routes as one_click
from govgrid.cases.pages.promises import routes as promises
from govgrid.cases.pages.rates import MeetingsKept
from govgrid.cases.pages.rates import make_routes as make_rates
from govgrid.cases.pages.supervision import routes as supervision

__all__ = ["make_routes", "nav", "panel"]


def make_routes(meetings: MeetingsKept) -> list[Route]:
    """Return the routes; `meetings` counts owners' meetings, which stand in a package above."""
    return [
        *intake,
        *countdown,
        *lists,
        *life,
        *one_click,
        *make_rates(meetings),
        *supervision,
        *promises,
        *experts,
    ]
