"""The page on which a district or street says what is shown, how often and by when."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import NotFound
from govgrid.grid.models import Area
from govgrid.grid.queries import area_seen
from govgrid.showcase.actions.plans import follow_above, may_set, set_plan
from govgrid.showcase.forms import PlanForm, plan_text, read_plan
from govgrid.showcase.queries.plans import plan_of
from govgrid.showcase.rules import LENGTHS, Panel
from govgrid.showcase.rules.plans import MOST_PANELS
from govgrid.web.forms import Form, read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.words import N_


class FollowForm(Form):
    """Which plan is taken away."""

    version: int


@page(may_enter=holding(Power.SUPERVISE))
def show_plan(visit: Visit) -> Response:
    area = _area(visit)
    plan, own, said_by = plan_of(visit.db, area)
    rows = [(panel.word, panel.kind.value, plan_text(panel)) for panel in plan.panels]
    rows += [("", Panel.SERVICE.value, "")] * max(0, min(2, MOST_PANELS - len(rows)))
    return render(
        visit,
        "showcase/plan.html",
        area=area,
        plan=plan,
        rows=rows,
        own=own,
        said_by=said_by,
        lengths=[(months, _(word)) for months, word in LENGTHS.items()],
        kinds=[(kind.value, _(word)) for kind, word in _KINDS.items()],
    )


@page(may_enter=holding(Power.SUPERVISE))
def save_plan(visit: Visit) -> Response:
    area, form = _area(visit), read(PlanForm, visit.form)
    plan = read_plan(visit.form, form.months, form.due_day)
    set_plan(visit.db, visit.actor, area, plan, form.version)
    return redirect(f"/showcases?area={area.code}", _("双晒项目已保存，从下一次填报起使用。"))


@page(may_enter=holding(Power.SUPERVISE))
def follow(visit: Visit) -> Response:
    """Follow the area above again."""
    area = _area(visit)
    follow_above(visit.db, visit.actor, area, read(FollowForm, visit.form).version)
    return redirect(f"/showcases/plans/{area.code}", _("已改为沿用上级的双晒项目。"))


def _area(visit: Visit) -> Area:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    if not may_set(visit.actor, area):
        raise NotFound("页面不存在，或不在您的职责范围内。")
    return area


_KINDS = {Panel.SERVICE: N_("承诺与结果"), Panel.ACCOUNTS: N_("收入与支出")}

routes = [
    Route("/showcases/plans/{code}", show_plan, methods=["GET"]),
    Route("/showcases/plans/{code}", save_plan, methods=["POST"]),
    Route("/showcases/plans/{code}/follow", follow, methods=["POST"]),
]
