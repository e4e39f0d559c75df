"""The page of promised owners' meetings: by company, and by compound with the meeting behind."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.pages.rates import about, scope_of
from govgrid.meetings.queries.promised import by_company, by_compound, owners_meetings
from govgrid.web.page import holding, page
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.SEE))
def show_owners_meetings(visit: Visit) -> Response:
    scope, company = scope_of(visit), visit.query("company")
    compounds = bool(company) or visit.query("by") == "compound"
    db, asked = visit.db, (scope.month, scope.area)
    read: Callable[..., tuple[Sequence[object], int]] = partial(by_company, db, *asked, scope.as_of)
    if compounds:
        read = partial(by_compound, db, visit.actor, *asked, company, scope.as_of)
    return render(
        visit,
        "meetings/owners_meetings.html",
        **about(visit, scope),
        **stretch(visit, read),
        total=owners_meetings(db, *asked, scope.as_of),
        compounds=compounds,
        company=company,
    )


routes = [Route("/rates/owners-meetings", show_owners_meetings, methods=["GET"])]
