"""One case: how it stands, what happened, and the next steps that its visitor may take."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from govgrid.cases.actions.experts import may_call
from govgrid.cases.actions.life import Note, may_handle, steps_for, take_step
from govgrid.cases.forms import StepForm
from govgrid.cases.models import Case, Step
from govgrid.cases.pages.lists import TONES
from govgrid.cases.queries import calls_of, case_seen, events_of
from govgrid.cases.queries.experts import groups_called, groups_for
from govgrid.cases.rules import left, masked, next_due, states
from govgrid.errors import Conflict, Forbidden
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import page, redirect, with_post
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.words import N_
from govgrid.workdays import local_day, provisional

# Steps that are a choice: their two answers, yes and no.
ANSWERS = {
    Step.MARK_REMIT: (N_("物业职责内"), N_("物业职责外")),
    Step.RATE: (N_("满意"), N_("不满意")),
}


@page(may_enter=with_post)
def show_case(visit: Visit) -> Response:
    case = case_seen(visit.db, visit.actor, visit.path("number"))
    return render(
        visit,
        "cases/case.html",
        case=case,
        **_experts(visit, case),
        marks=states(case, visit.at),
        tones=TONES,
        content=masked(case.content or ""),
        unsettled=provisional(visit.db, local_day(case.received_at)),
        events=events_of(visit.db, case),
        calls=calls_of(visit.db, case),
        steps=steps_for(visit.actor, case),
        answers=ANSWERS,
        due=next_due(case) if case.closed_at is None else None,
        left=left,
        masked=masked,
    )


def _experts(visit: Visit, case: Case) -> dict[str, Any]:
    """Return which groups were called in, who may speak for them, and which may be called."""
    calls, me = may_call(visit.actor, case), visit.actor.officer_id
    called = groups_called(visit.db, case)
    authors = [
        (group, [one.name for one in group.members if one.officer_id == me or (calls and not own)])
        for group in called
        if (own := any(one.officer_id == me for one in group.members)) or calls
    ]
    able = calls and case.closed_at is None
    offered = [one for one in groups_for(visit.db, case) if one not in called] if able else []
    return {"may_call": able, "called": called, "authors": authors, "offered": offered}


@page(may_enter=with_post)
def take(visit: Visit) -> Response:
    case = case_seen(visit.db, visit.actor, visit.path("number"))
    if not may_handle(visit.actor, case):
        raise Forbidden("您的职务不能登记工单的办理；请联系项目经理、网格长或社区书记。")
    form = read(StepForm, visit.form)
    _unchanged(case, form)
    note = Note(form.when, form.text, {"yes": True, "no": False}.get(form.answer))
    take_step(visit.db, visit.actor, case, form.step, note, at=visit.at)
    return redirect(
        f"/cases/{quote(case.number, safe='')}", _("已登记：%(step)s。", step=_(form.step.word))
    )


def _unchanged(case: Case, form: StepForm) -> None:
    if case.version != form.version:
        raise Conflict("工单刚刚被其他人更新，您的登记没有保存。请刷新页面，核对后重新提交。")


routes = [
    Route("/cases/{number}", show_case, methods=["GET"]),
    Route("/cases/{number}/steps", take, methods=["POST"]),
]
