"""Pages of supervision: proposals and decisions, and the thresholds they follow."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.actions.supervision import decide, propose, set_threshold
from govgrid.cases.models import Sanction, Verdict
from govgrid.cases.pages.rates import about, scope_of
from govgrid.cases.queries.supervision import bar_of, step_seen, steps_page
from govgrid.cases.supervision_forms import DecideForm, ProposeForm, ThresholdForm
from govgrid.errors import NotFound
from govgrid.grid.queries import area_seen
from govgrid.web.forms import month_of, read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit

_VERDICTS = {"confirmed": Verdict.CONFIRMED, "rejected": Verdict.REJECTED}
TONES = {Verdict.PROPOSED: "warn", Verdict.CONFIRMED: "bad", Verdict.REJECTED: "neutral"}


@page(may_enter=holding(Power.SUPERVISE))
def show_steps(visit: Visit) -> Response:
    scope, written = scope_of(visit), visit.query("month")
    company, month = visit.query("company"), month_of(written) if written else None
    bar, _own, said_by = bar_of(visit.db, scope.area)
    shown = stretch(
        visit,
        lambda **part: steps_page(
            visit.db, visit.actor, scope.area, month=month, company=company, **part
        ),
    )
    return render(
        visit,
        "cases/supervision.html",
        **about(visit, scope),
        **shown,
        month=month,
        company=company,
        bar=bar,
        said_by=said_by,
        tones=TONES,
        Sanction=Sanction,
        Verdict=Verdict,
    )


@page(may_enter=holding(Power.SUPERVISE))
def propose_steps(visit: Visit) -> Response:
    form = read(ProposeForm, visit.form)
    area = area_seen(visit.db, visit.actor, form.area)
    made = propose(visit.db, visit.actor, area, form.month, at=visit.at)
    notice = _("已按标准提出 %(n)s 条督导建议，请逐条决定。", n=len(made))
    if not made:
        notice = _("没有新的督导建议：达标、诉求量不足或已有记录的企业不再提出。")
    return redirect(f"/rates/supervision?area={area.code}&month={form.month:%Y-%m}", notice)


@page(may_enter=holding(Power.SUPERVISE))
def decide_step(visit: Visit) -> Response:
    step = step_seen(visit.db, visit.actor, visit.number("step"))
    form = read(DecideForm, visit.form)
    decide(visit.db, visit.actor, step, _VERDICTS[form.verdict], form.reason, at=visit.at)
    notice = _("已记录对%(name)s的决定。", name=step.company.name)
    return redirect(f"/rates/supervision?area={step.area.code}&month={step.month:%Y-%m}", notice)


@page(may_enter=holding(Power.SUPERVISE))
def show_thresholds(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    if not visit.actor.may(Power.SUPERVISE, area.path):
        raise NotFound("页面不存在，或不在您的职责范围内。")
    bar, own, said_by = bar_of(visit.db, area)
    return render(
        visit,
        "cases/thresholds.html",
        area=area,
        bar=bar,
        version=own.version if own else 0,
        said_by=said_by,
    )


@page(may_enter=holding(Power.SUPERVISE))
def save_thresholds(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    form = read(ThresholdForm, visit.form)
    set_threshold(visit.db, visit.actor, area, form.bar(), form.version)
    return redirect(f"/rates/supervision?area={area.code}", _("督导标准已保存。"))


routes = [
    Route("/rates/supervision", show_steps, methods=["GET"]),
    Route("/rates/supervision/propose", propose_steps, methods=["POST"]),
    Route("/rates/supervision/{step:int}", decide_step, methods=["POST"]),
    Route("/rates/thresholds/{code}", show_thresholds, methods=["GET"]),
    Route("/rates/thresholds/{code}", save_thresholds, methods=["POST"]),
]
