"""Pages of the pipeline: a street's list, one compound's way with its forms, an area's rules."""

from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import OLD_KINDS, Area, Compound, Officer
from govgrid.grid.queries import area_seen, compound_seen, crumbs, starts
from govgrid.oldcompounds.models import FeeModel, FeeUnit
from govgrid.oldcompounds.pipeline import forms
from govgrid.oldcompounds.pipeline.actions import ways
from govgrid.oldcompounds.pipeline.actions.advance import advance
from govgrid.oldcompounds.pipeline.decisions import Decisions
from govgrid.oldcompounds.pipeline.models import Pipeline, Quota, Stage
from govgrid.oldcompounds.pipeline.queries import (
    Filter,
    ballots_of,
    candidates_page,
    count_of,
    latest,
    owners_for,
    pipelines_page,
    rule_of,
    stage_counts,
    steps_of,
)
from govgrid.oldcompounds.pipeline.rules import (
    GOALS,
    NEXT,
    RUNNING,
    TASKS,
    criteria,
    earlier,
    need,
)
from govgrid.oldcompounds.queries import history, known_operators, standing
from govgrid.oldcompounds.services.queries import chosen_variant, plan_of
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, with_post
from govgrid.web.paging import stretch
from govgrid.web.render import part, redirect, render
from govgrid.web.visit import Visit

CANDIDATES = "candidates"


@page(may_enter=holding(Power.SEE))
def show_list(visit: Visit) -> Response:
    """List the ways of an area, or the compounds that need one and have none."""
    areas = starts(visit.db, visit.actor)
    code = visit.query("area")
    area = area_seen(visit.db, visit.actor, code) if code else areas[0]
    wanted = visit.query("show", Filter.RUNNING.value)
    show = next((one for one in Filter if one.value == wanted), None)
    if show is None and wanted != CANDIDATES:
        raise Invalid("没有“%(value)s”这种筛选，请从列表中选择。", value=wanted[:20])
    stage = _stage(visit.query("stage"))
    if show is None:
        shown = stretch(
            visit,
            lambda **part: candidates_page(visit.db, visit.actor, area, visit.today, **part),
        )
    else:
        shown = stretch(
            visit,
            lambda **part: pipelines_page(
                visit.db, visit.actor, area, visit.today, show=show, stage=stage, **part
            ),
        )
    return render(
        visit,
        "pipeline/list.html",
        area=area,
        areas=areas,
        show=show,
        wanted=wanted,
        stage=stage,
        filters=Filter,
        counts=stage_counts(visit.db, visit.actor, area),
        stages=RUNNING,
        may_cover=visit.actor.may(Power.COVER, area.path),
        **shown,
    )


def _stage(written: str) -> Stage | None:
    found = next((stage for stage in Stage if stage.value == written), None)
    if written and found is None:
        raise Invalid("没有“%(value)s”这个环节，请从列表中选择。", value=written[:20])
    return found


def make_routes(decisions: Decisions) -> list[Route]:
    """Return the routes, with the resolutions of the meetings above."""

    @page(may_enter=with_post)
    def show_one(visit: Visit) -> Response:
        """Show a compound's way: where it stands, what is next, and what was."""
        compound = compound_seen(visit.db, visit.actor, visit.path("code"))
        pipeline = latest(visit.db, compound.id)
        may_cover = visit.actor.may(Power.COVER, compound.community.path)
        running = pipeline is not None and pipeline.finished_at is None
        periods = history(visit.db, compound.id)
        stands = standing(periods, visit.today)
        until = stands.period.until if stands.period else None
        ballots = ballots_of(visit.db, pipeline) if pipeline else []
        rule, _own, said_by = rule_of(visit.db, compound.community)
        return render(
            visit,
            "pipeline/one.html",
            compound=compound,
            above=crumbs(visit.db, visit.actor, compound.community),
            pipeline=pipeline,
            running=running,
            may_cover=may_cover,
            standing=stands,
            need=need(stands.mode, until, visit.today) if compound.kind in OLD_KINDS else None,
            steps=steps_of(visit.db, pipeline) if pipeline else [],
            ballots=[(b, criteria(count_of(b), b.participation, b.consent)) for b in ballots],
            rule=rule,
            said_by=said_by,
            stages=RUNNING,
            tasks=TASKS,
            Stage=Stage,
            following=NEXT,
            **(_offered(visit, compound, pipeline, decisions) if may_cover else {}),
        )

    @page(may_enter=holding(Power.COVER))
    def go_on(visit: Visit) -> Response:
        """Go on to the next stage."""
        compound, pipeline = _running(visit)
        form = read(forms.AdvanceForm, visit.form)
        decision = None
        if form.resolution is not None:
            known = {one.resolution_id: one for one in decisions.found(visit.db, compound)}
            decision = known.get(form.resolution)
            if decision is None:
                raise Invalid("没有这条决议，或不属于该小区的联席会议。请刷新页面后重选。")
        move = form.move(pipeline.goal, decision)
        moved = advance(visit.db, visit.actor, compound, move, form.version, at=visit.at)
        if decision is not None:
            decisions.bind(visit.db, decision, moved)
        return _back(compound, _("已进入“%(stage)s”环节。", stage=_(moved.stage.word)))

    return [
        Route("/pipelines", show_list),
        Route("/pipelines/rules/{code}", show_rule, methods=["GET"]),
        Route("/pipelines/rules/{code}", save_rule, methods=["POST"]),
        Route("/compounds/{code}/pipeline", show_one, methods=["GET"]),
        Route("/compounds/{code}/pipeline", begin, methods=["POST"]),
        Route("/compounds/{code}/pipeline/ballots", vote, methods=["POST"]),
        Route("/compounds/{code}/pipeline/advance", go_on, methods=["POST"]),
        Route("/compounds/{code}/pipeline/back", step_back, methods=["POST"]),
        Route("/compounds/{code}/pipeline/drop", end, methods=["POST"]),
        Route("/compounds/{code}/pipeline/owner", give, methods=["POST"]),
    ]


def _offered(
    visit: Visit, compound: Compound, pipeline: Pipeline | None, decisions: Decisions
) -> dict[str, Any]:
    """Return what the forms offer."""
    owners = owners_for(visit.db, compound, visit.today)
    running = pipeline is not None and pipeline.finished_at is None
    stage = pipeline.stage if pipeline and running else None
    plan = plan_of(visit.db, compound.id) if stage in {Stage.PLAN, Stage.AGREEMENT} else None
    variant = chosen_variant(plan)
    return {
        "owners": [(one.id, one.name) for one in owners],
        "me": visit.actor.officer_id,
        "goals": [(mode.value, _(mode.word)) for mode in GOALS],
        "earlier": [(one.value, _(one.word)) for one in earlier(stage)] if stage else [],
        "plan": plan,
        "variant": variant,
        "decisions": decisions.found(visit.db, compound) if stage else [],
        "operators": known_operators(visit.db, compound.community)
        if stage is Stage.AGREEMENT
        else [],
        "fee_units": [(unit.value, _(unit.word)) for unit in FeeUnit],
        "fee_models": [(model.value, _(model.word)) for model in FeeModel],
    }


@page(may_enter=holding(Power.COVER))
def begin(visit: Visit) -> Response:
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    form = read(forms.StartForm, visit.form)
    owner = _officer(visit, form.owner)
    ways.start(visit.db, visit.actor, compound, form.goal, owner, at=visit.at)
    return _back(compound, _("推进流程已启动，从摸底调查开始。"))


@page(may_enter=holding(Power.COVER))
def vote(visit: Visit) -> Response:
    compound, _pipeline = _running(visit)
    form = read(forms.BallotForm, visit.form)
    ballot = ways.record_ballot(
        visit.db, visit.actor, compound, form.count(), form.version, at=visit.at
    )
    if ballot.passed:
        return _back(compound, _("表决结果已登记：通过，可以进入下一环节。"))
    return _back(compound, _("表决结果已登记：未通过。"))


@page(may_enter=holding(Power.COVER))
def step_back(visit: Visit) -> Response:
    compound, _pipeline = _running(visit)
    form = read(forms.BackForm, visit.form)
    moved = ways.go_back(
        visit.db, visit.actor, compound, form.stage, form.reason, form.version, at=visit.at
    )
    return _back(compound, _("已退回“%(stage)s”环节。", stage=_(moved.stage.word)))


@page(may_enter=holding(Power.COVER))
def end(visit: Visit) -> Response:
    compound, _pipeline = _running(visit)
    form = read(forms.DropForm, visit.form)
    ways.drop(visit.db, visit.actor, compound, form.reason, form.version, at=visit.at)
    return _back(compound, _("推进流程已终止，记录保留。"))


@page(may_enter=holding(Power.COVER))
def give(visit: Visit) -> Response:
    compound, _pipeline = _running(visit)
    form = read(forms.AssignForm, visit.form)
    owner = _officer(visit, form.owner)
    ways.assign(visit.db, visit.actor, compound, owner, form.deadline, form.version, at=visit.at)
    return _back(compound, _("责任人和时限已更新。"))


@page(may_enter=holding(Power.COVER))
def show_rule(visit: Visit) -> Response:
    area = _covered(visit)
    rule, own, said_by = rule_of(visit.db, area)
    return render(
        visit,
        "pipeline/rules.html",
        area=area,
        rule=rule,
        version=own.version if own else 0,
        said_by=said_by,
        stages=RUNNING,
        participations=[(q.value, _(q.word)) for q in Quota if q is not Quota.MORE_THAN_HALF],
        consents=[(q.value, _(q.word)) for q in Quota],
    )


@page(may_enter=holding(Power.COVER))
def save_rule(visit: Visit) -> Response:
    area = _covered(visit)
    form = read(forms.RuleForm, visit.form)
    ways.set_rule(visit.db, visit.actor, area, form.rule(), form.version)
    return redirect(f"/pipelines?area={quote(area.code)}", _("推进规则已保存。"))


def panel(visit: Visit, compound: Compound) -> Markup:
    """Return how far the compound's way has come, for its page; nothing for new compounds."""
    if compound.kind not in OLD_KINDS:
        return Markup()
    pipeline = latest(visit.db, compound.id)
    may_cover = visit.actor.may(Power.COVER, compound.community.path)
    return part(
        visit,
        "pipeline/panel.html",
        compound=compound,
        pipeline=pipeline,
        may_cover=may_cover,
        stages=RUNNING,
    )


def _covered(visit: Visit) -> Area:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    ways.may_cover(visit.actor, area)
    return area


def _running(visit: Visit) -> tuple[Compound, Pipeline]:
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    pipeline = latest(visit.db, compound.id)
    if pipeline is None:
        raise NotFound("该小区还没有推进流程，请先启动。")
    return compound, pipeline


def _officer(visit: Visit, number: int) -> Officer:
    found = visit.db.get(Officer, number)
    if found is None:
        wrong = Invalid("责任人不存在，请重新选择。")
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={"owner": wrong}, n=1)
    return found


def _back(compound: Compound, notice: str) -> Response:
    return redirect(f"/compounds/{quote(compound.code)}/pipeline", notice)
