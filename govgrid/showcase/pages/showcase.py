"""Pages of the dual-showcase: a compound's panels of a period, the panel on its page."""

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.models import Compound
from govgrid.grid.queries import compound_seen
from govgrid.showcase.queries import latest_period, month_before, panels, periods, showcase_of
from govgrid.web.forms import month_of
from govgrid.web.page import page, signed_in
from govgrid.web.render import part, render
from govgrid.web.visit import Visit


@page(may_enter=signed_in)
def show_showcase(visit: Visit) -> Response:
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    period = month_of(visit.path("period"))
    return render(
        visit,
        "showcase/showcase.html",
        compound=compound,
        period=period,
        panels=panels(showcase_of(visit.db, [compound.id], period)),
        periods=periods(visit.db, compound.id),
    )


def panel(visit: Visit, compound: Compound) -> Markup:
    """Return the figures of the latest showcase, and whether last month's is missing."""
    due = month_before(visit.today)
    period = latest_period(visit.db, compound.id, visit.today)
    items = showcase_of(visit.db, [compound.id], period) if period else []
    return part(
        visit,
        "showcase/panel.html",
        compound=compound,
        due=due,
        period=period,
        panels=panels(items),
    )


routes = [Route("/compounds/{code}/showcase/{period}", show_showcase, methods=["GET"])]
