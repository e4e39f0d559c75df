"""Plan a month, the first screen: choose month and area, look at what is missing, start."""

from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Level
from govgrid.grid.queries import area_seen, starts
from govgrid.grid.queries.areas import children
from govgrid.grid.queries.realm import managed_by
from govgrid.meetings import rules
from govgrid.meetings.actions import runs as actions
from govgrid.meetings.actions.runs import Wish
from govgrid.meetings.models import UNDER_WAY, RunState
from govgrid.meetings.planning.inputs import remarks
from govgrid.meetings.planning.problem import problem
from govgrid.meetings.planning.solve import usual_seconds
from govgrid.meetings.queries import runs as queries
from govgrid.meetings.queries.board import count_units, tally
from govgrid.meetings.queries.hits import hit_ids
from govgrid.meetings.queries.settings import KEPT_BY
from govgrid.meetings.runs_forms import AskForm
from govgrid.web.forms import month_of, read
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit

RUN_TONES = {
    RunState.WAITING: "neutral",
    RunState.RUNNING: "info",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
}
CHECKED = (Level.STREET, Level.COMMUNITY)  # areas small enough to be read while a page loads


@page(may_enter=holding(Power.PLAN))
def begin(visit: Visit) -> Response:
    """Go to the month that is to be planned: the coming one from the 15th on."""
    month = rules.month_start(visit.today)
    if visit.today.day >= 15:
        month = rules.next_month(month)
    code = visit.query("area")
    return redirect(f"/planning/{month:%Y-%m}" + (f"?area={code}" if code else ""))


@page(may_enter=holding(Power.PLAN))
def show(visit: Visit) -> Response:
    """Show the month of an area before it is planned."""
    month = month_of(visit.path("month"))
    area, choices = _area(visit)
    runs = queries.runs_of(visit.db, visit.actor, area, month)
    units = count_units(visit.db, visit.actor, area)
    return render(
        visit,
        "meetings/planning.html",
        area=area,
        choices=choices,
        below=_below(visit, area),
        month=month,
        before=rules.last_month(month),
        after=rules.next_month(month),
        units=units,
        tally=tally(visit.db, visit.actor, area, month, at=visit.at),
        State=rules.State,
        hit=len(hit_ids(visit.db, area, month, at=visit.at)),
        runs=runs,
        running=[run for run in runs if run.state in UNDER_WAY],
        tones=RUN_TONES,
        seconds=int(usual_seconds(units)) if units else 60,
        settings=area.level in KEPT_BY and visit.actor.may(Power.CONVENE, area.path),
        checked=area.level in CHECKED,
    )


@page(may_enter=holding(Power.PLAN))
def inputs(visit: Visit) -> Response:
    """Show what is missing or looks wrong; a part of the page that comes when it is worked out."""
    month = month_of(visit.path("month"))
    area, _choices = _area(visit)
    if area.level not in CHECKED:
        return render(visit, "meetings/planning_inputs.html", checked=False)
    paths = [area.path, *(one.path for one in managed_by(visit.db, area))]
    asked = problem(visit.db, paths, month, at=visit.at)
    return render(
        visit,
        "meetings/planning_inputs.html",
        checked=True,
        remarks=remarks(asked),
        total=len(asked.lines),
    )


@page(may_enter=holding(Power.PLAN))
def ask(visit: Visit) -> Response:
    """Start."""
    month, form = month_of(visit.path("month")), read(AskForm, visit.form)
    area, _choices = _area(visit)
    wish = Wish(seconds=form.seconds, seed=form.seed, again=form.again)
    run = actions.ask(visit.db, visit.actor, area, month, wish, at=visit.at)
    return redirect(f"/plans/{run.id}")


@page(may_enter=holding(Power.PLAN))
def repair(visit: Visit) -> Response:
    """Start a repair of what stands."""
    month, form = month_of(visit.path("month")), read(AskForm, visit.form)
    area, _choices = _area(visit)
    wish = Wish(seconds=form.seconds, seed=form.seed, repair=True)
    run = actions.ask(visit.db, visit.actor, area, month, wish, at=visit.at)
    return redirect(f"/plans/{run.id}")


def _area(visit: Visit) -> tuple[Area, list[Area]]:
    """Return the area asked for, or the actor's first where planning is the actor's."""
    choices = [a for a in starts(visit.db, visit.actor) if visit.actor.may(Power.PLAN, a.path)]
    if code := visit.query("area"):
        area = area_seen(visit.db, visit.actor, code)
    elif choices:
        area = choices[0]
    else:
        raise NotFound("您的任职中没有可以排会的区域。")
    if not visit.actor.may(Power.PLAN, area.path):
        raise NotFound("没有代码为“%(code)s”的区域，或不在您的职责范围内。", code=area.code)
    return area, choices


def _below(visit: Visit, area: Area) -> list[Area]:
    """Return the areas one level below in which one may plan by itself."""
    if area.level in {Level.COMMUNITY, Level.GRID, Level.MICRO_GRID, Level.DEDICATED_GRID}:
        return []
    found, _total = children(visit.db, area, visit.today, limit=400)
    return [one.area for one in found]


def month_address(month: date, area: Area) -> str:
    """Return the address of the first screen."""
    return f"/planning/{month:%Y-%m}?area={area.code}"


routes = [
    Route("/planning", begin),
    Route("/planning/{month}", show),
    Route("/planning/{month}/inputs", inputs),
    Route("/planning/{month}", ask, methods=["POST"]),
    Route("/planning/{month}/repair", repair, methods=["POST"]),
]
