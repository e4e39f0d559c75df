"""The list of open cases by the due time they run towards, counting down."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.cases.pages.lists import area_asked, areas_offered
from govgrid.cases.queries import Running, count_running, running
from govgrid.cases.rules import left, next_due
from govgrid.web.page import page, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=with_post)
def show_clock(visit: Visit) -> Response:
    wanted = Running(area_asked(visit), over=visit.query("view") == "over")
    paging = paging_of(visit, count_running(visit.db, visit.actor, wanted, at=visit.at))
    cases = running(
        visit.db, visit.actor, wanted, at=visit.at, offset=paging.offset, limit=paging.size
    )
    return render(
        visit,
        "cases/clock.html",
        wanted=wanted,
        areas=areas_offered(visit, wanted.area),
        paging=paging,
        rows=[(case, *next_due(case)) for case in cases],
        left=left,
    )


routes = [Route("/cases/clock", show_clock, methods=["GET"])]
