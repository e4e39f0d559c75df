"""A compound: its facts, who answers for it, and the panels of other packages."""

from collections.abc import Callable, Sequence

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.models import Compound
from govgrid.grid.queries import compound_seen, responsible_for_compound
from govgrid.web.page import page, signed_in
from govgrid.web.render import render
from govgrid.web.visit import Visit

Panel = Callable[[Visit, Compound], Markup]


def make_routes(panels: Sequence[Panel]) -> list[Route]:
    """Return the routes, with the panels of other packages."""

    @page(may_enter=signed_in)
    def show_compound(visit: Visit) -> Response:
        """Show a compound, the chain of responsibility, and the panels."""
        compound = compound_seen(visit.db, visit.actor, visit.path("code"))
        return render(
            visit,
            "grid/compound.html",
            compound=compound,
            steps=responsible_for_compound(visit.db, compound, visit.today),
            panels=[panel(visit, compound) for panel in panels],
        )

    return [Route("/compounds/{code}", show_compound)]
