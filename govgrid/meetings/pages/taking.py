"""The last screen of planning: what taking over would do, the yes, and the way back."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Invalid
from govgrid.meetings.actions import taking
from govgrid.meetings.models import PlanLine, PlanRun, Stage
from govgrid.meetings.pages.planning import month_address
from govgrid.meetings.queries import runs as queries
from govgrid.meetings.queries.seen import told_of
from govgrid.meetings.runs_forms import TakeForm
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit

LISTED = 200


@page(may_enter=holding(Power.PLAN))
def show(visit: Visit) -> Response:
    """List what would be made, what would move, and who would be told."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    chosen = queries.open_lines(visit.actor, run)
    paging = paging_of(visit, queries.count(visit.db, chosen), LISTED)
    rows = list(visit.db.scalars(queries.in_order(chosen).offset(paging.offset).limit(paging.size)))
    meetings = queries.meetings_of(visit.db, rows)
    moved = [m.id for m in meetings.values() if m.stage is Stage.CONFIRMED]
    return render(
        visit,
        "meetings/plan_take.html",
        run=run,
        back=month_address(run.month, run.area),
        rows=rows,
        paging=paging,
        meetings=meetings,
        told=told_of(visit.db, moved),
    )


@page(may_enter=holding(Power.PLAN))
def take(visit: Visit) -> Response:
    """Take them over."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    form = read(TakeForm, visit.form)
    chosen = queries.open_lines(visit.actor, run)
    if not form.every:
        if not form.line:
            raise Invalid("请勾选要采用的会议。")
        chosen = chosen.where(PlanLine.id.in_(form.line))
    lines = list(visit.db.scalars(queries.in_order(chosen)))
    done = taking.take_over(visit.db, visit.actor, run, lines, at=visit.at)
    return redirect(f"/plans/{run.id}?view=list", _told(run, done))


def _told(run: PlanRun, done: taking.Taken) -> str:
    if run.repair:
        return _("已调整 %(n)s 场会议，发出 %(m)s 封变更通知。", n=done.moved, m=done.letters)
    return _("已排定 %(n)s 场会议。确认并发出通知之前可以撤销。", n=done.made + done.moved)


@page(may_enter=holding(Power.PLAN))
def undo(visit: Visit) -> Response:
    """Put back what was taken over, as far as nobody was invited."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    lines: Sequence[PlanLine] = list(
        visit.db.scalars(queries.lines(visit.actor, run).where(PlanLine.taken.is_not(None)))
    )
    undone, left = taking.undo(visit.db, visit.actor, run, lines, at=visit.at)
    text = _("已撤销 %(n)s 场会议。", n=undone)
    if left:
        text += _("%(n)s 场已确认、已通知或另行改期，保持不变。", n=left)
    return redirect(f"/plans/{run.id}?view=list", text)


_ONE = "/plans/{run:int}"
routes = [
    Route(_ONE + "/take", show),
    Route(_ONE + "/take", take, methods=["POST"]),
    Route(_ONE + "/undo", undo, methods=["POST"]),
]
