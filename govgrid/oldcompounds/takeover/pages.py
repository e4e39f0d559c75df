"""Pages of package takeovers: ask for packages, compare what they earn and cost, sign one."""

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound
from govgrid.grid.queries import area_seen, starts
from govgrid.oldcompounds.models import FeeModel, FeeUnit
from govgrid.oldcompounds.queries import known_operators
from govgrid.oldcompounds.takeover.actions import LEVELS, ask, sign
from govgrid.oldcompounds.takeover.forms import AskForm, SignForm
from govgrid.oldcompounds.takeover.models import PackageRun, RunState
from govgrid.oldcompounds.takeover.queries import (
    count_free,
    package_of,
    run_seen,
    runs_page,
    undone_acts,
)
from govgrid.oldcompounds.takeover.rules import METRES_PER_YUAN, PER_HOUSEHOLD_LEFT
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page
from govgrid.web.paging import stretch
from govgrid.web.render import redirect, render
from govgrid.web.visit import Visit

TONES = {
    RunState.WAITING: "neutral",
    RunState.RUNNING: "info",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
}


@page(may_enter=holding(Power.COVER))
def show_runs(visit: Visit) -> Response:
    """List an area's searches, and ask for one."""
    areas = [a for a in starts(visit.db, visit.actor) if visit.actor.may(Power.COVER, a.path)]
    code = visit.query("area")
    area = area_seen(visit.db, visit.actor, code) if code else _first(areas)
    if not visit.actor.may(Power.COVER, area.path):
        raise NotFound("没有代码为“%(code)s”的区域，或不在您的职责范围内。", code=area.code)
    shown = stretch(visit, lambda **part: runs_page(visit.db, visit.actor, area, **part), size=20)
    return render(
        visit,
        "takeover/runs.html",
        area=area,
        areas=areas,
        free=count_free(visit.db, area, visit.today),
        askable=area.level in LEVELS,
        tones=TONES,
        **shown,
    )


def _first(areas: list[Area]) -> Area:
    if not areas:
        raise NotFound("页面不存在，或不在您的职责范围内。")
    return areas[0]


@page(may_enter=holding(Power.COVER))
def ask_run(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.query("area"))
    form = read(AskForm, visit.form)
    run = ask(visit.db, visit.actor, area, form.wish(), at=visit.at)
    return redirect(f"/packages/{run.id}")


@page(may_enter=holding(Power.COVER))
def show_run(visit: Visit) -> Response:
    """Show a search: how far it is, then its packages; asked by htmx, only how far."""
    run = run_seen(visit.db, visit.actor, visit.number("run"))
    if visit.partial:
        if run.finished_at is not None:
            return Response(headers={"HX-Refresh": "true"})
        return render(visit, "takeover/progress.html", run=run)
    acts = [one.act_id for one in run.packages if one.act_id is not None]
    return render(
        visit,
        "takeover/run.html",
        run=run,
        tones=TONES,
        left=_left(visit, run),
        undone=undone_acts(visit.db, acts) if acts else set(),
        operators=_operators(visit, run),
        fee_units=[(unit.value, _(unit.word)) for unit in FeeUnit],
        fee_models=[(model.value, _(model.word)) for model in FeeModel],
        per_household=PER_HOUSEHOLD_LEFT,
        per_yuan=METRES_PER_YUAN,
    )


def _left(visit: Visit, run: PackageRun) -> list[Compound]:
    """Return the compounds that no package takes."""
    ids = run.outcome["left"] if run.outcome else []
    return list(
        visit.db.scalars(select(Compound).where(Compound.id.in_(ids)).order_by(Compound.code))
    )


def _operators(visit: Visit, run: PackageRun) -> list[str]:
    members = [member for package in run.packages for member in package.members]
    return known_operators(visit.db, members[0].compound.community) if members else []


@page(may_enter=holding(Power.COVER))
def sign_one(visit: Visit) -> Response:
    run = run_seen(visit.db, visit.actor, visit.number("run"))
    package = package_of(run, visit.number("number"))
    form = read(SignForm, visit.form)
    sign(
        visit.db,
        visit.actor,
        run,
        package,
        form.contract(),
        set(form.compounds),
        form.version,
        at=visit.at,
    )
    notice = _(
        "“%(contract)s”已签约，%(n)s 个小区的管理方式已一次登记。",
        contract=form.number,
        n=len(set(form.compounds)),
    )
    return redirect(f"/packages/{run.id}#package-{package.number}", notice)


routes = [
    Route("/packages", show_runs, methods=["GET"]),
    Route("/packages", ask_run, methods=["POST"]),
    Route("/packages/{run:int}", show_run),
    Route("/packages/{run:int}/{number:int}", sign_one, methods=["POST"]),
]
