"""Page of companies' promises and of an area's hours for a reply."""

from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.actions.promises import end_promise, make_promise, set_hours
from govgrid.cases.pages.rates import about, scope_of
from govgrid.cases.promise_forms import EndForm, HoursForm, PromiseForm
from govgrid.cases.queries.promises import companies_in, hours_of, promise_seen, promises_page
from govgrid.cases.queries.terms import terms
from govgrid.cases.rules import MINUTE
from govgrid.grid.queries import area_seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.workdays import calendar


@page(may_enter=holding(Power.SUPERVISE))
def show_promises(visit: Visit) -> Response:
    scope = scope_of(visit)
    clock = terms(visit.db, calendar(visit.db), ()).clock(scope.area.path, visit.today)
    return render(
        visit,
        "cases/promises.html",
        **about(visit, scope),
        **stretch(visit, partial(promises_page, visit.db, visit.actor, scope.area)),
        companies=companies_in(visit.db, scope.area),
        hours=hours_of(visit.db, scope.area),
        workday=int(clock.reply_workday / MINUTE),
        other=int(clock.reply_other / MINUTE),
    )


@page(may_enter=holding(Power.SUPERVISE))
def add_promise(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    form = read(PromiseForm, visit.form)
    made = make_promise(
        visit.db, visit.actor, area, form.company, form.compound, form.pledge(), form.since,
        at=visit.at,
    )  # fmt: skip
    notice = _("已登记承诺，自 %(day)s 起受理的诉求按此计时。", day=made.since)
    return redirect(f"/rates/promises?area={area.code}", notice)


@page(may_enter=holding(Power.SUPERVISE))
def stop_promise(visit: Visit) -> Response:
    promise = promise_seen(visit.db, visit.actor, visit.number("promise"))
    form = read(EndForm, visit.form)
    end_promise(visit.db, visit.actor, promise, form.version, form.until, at=visit.at)
    notice = _("承诺将于 %(day)s 终止。", day=form.until)
    return redirect(f"/rates/promises?area={promise.area.code}", notice)


@page(may_enter=holding(Power.SUPERVISE))
def save_hours(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    form = read(HoursForm, visit.form)
    set_hours(
        visit.db, visit.actor, area, form.reply_workday, form.reply_other, form.since, at=visit.at
    )
    notice = _("响应时限已保存，自 %(day)s 起受理的诉求按此计时。", day=form.since)
    return redirect(f"/rates/promises?area={area.code}", notice)


routes = [
    Route("/rates/promises", show_promises, methods=["GET"]),
    Route("/rates/promises/{code}", add_promise, methods=["POST"]),
    Route("/rates/promises/{promise:int}/end", stop_promise, methods=["POST"]),
    Route("/rates/hours/{code}", save_hours, methods=["POST"]),
]
