"""Page of expert groups, and what a case's page posts of them."""

from functools import partial
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.actions.experts import (
    add_group,
    add_member,
    advise,
    call_experts,
    close_group,
    refuse_advisers,
    refuse_callers,
    remove_member,
)
from govgrid.cases.expert_forms import AdviceForm, CallForm, GroupForm, MemberForm
from govgrid.cases.pages.rates import about, scope_of
from govgrid.cases.queries import case_seen
from govgrid.cases.queries.experts import group_seen, groups_page
from govgrid.grid.queries import area_seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect, with_post
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.SUPERVISE))
def show_groups(visit: Visit) -> Response:
    scope = scope_of(visit)
    return render(
        visit,
        "cases/experts.html",
        **about(visit, scope),
        **stretch(visit, partial(groups_page, visit.db, visit.actor, scope.area)),
    )


@page(may_enter=holding(Power.SUPERVISE))
def found_group(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    form = read(GroupForm, visit.form)
    made = add_group(visit.db, visit.actor, area, form.name, form.field)
    return redirect(f"/rates/experts?area={area.code}", _("已组建“%(name)s”。", name=made.name))


@page(may_enter=holding(Power.SUPERVISE))
def enlist(visit: Visit) -> Response:
    group = group_seen(visit.db, visit.actor, visit.number("group"))
    form = read(MemberForm, visit.form)
    add_member(visit.db, visit.actor, group, form.code, form.title)
    return redirect(f"/rates/experts?area={group.area.code}", _("已加入专家组。"))


@page(may_enter=holding(Power.SUPERVISE))
def dismiss(visit: Visit) -> Response:
    group = group_seen(visit.db, visit.actor, visit.number("group"))
    remove_member(visit.db, visit.actor, group, visit.number("member"))
    return redirect(f"/rates/experts?area={group.area.code}", _("已移出专家组。"))


@page(may_enter=holding(Power.SUPERVISE))
def retire(visit: Visit) -> Response:
    group = group_seen(visit.db, visit.actor, visit.number("group"))
    close_group(visit.db, visit.actor, group, at=visit.at)
    return redirect(f"/rates/experts?area={group.area.code}", _("专家组已停用。"))


@page(may_enter=with_post)
def call(visit: Visit) -> Response:
    case = case_seen(visit.db, visit.actor, visit.path("number"))
    refuse_callers(visit.actor, case)
    form = read(CallForm, visit.form)
    letters = call_experts(visit.db, visit.actor, case, form.group, form.text, at=visit.at)
    notice = _("已请专家组会诊，发出 %(n)s 封通知。", n=letters)
    return redirect(f"/cases/{quote(case.number, safe='')}", notice)


@page(may_enter=with_post)
def note_advice(visit: Visit) -> Response:
    case = case_seen(visit.db, visit.actor, visit.path("number"))
    refuse_advisers(visit.db, visit.actor, case)
    form = read(AdviceForm, visit.form)
    advise(visit.db, visit.actor, case, form.group, form.author, form.text, at=visit.at)
    return redirect(f"/cases/{quote(case.number, safe='')}", _("专家意见已登记。"))


routes = [
    Route("/rates/experts", show_groups, methods=["GET"]),
    Route("/rates/experts/{code}", found_group, methods=["POST"]),
    Route("/rates/experts/{group:int}/members", enlist, methods=["POST"]),
    Route("/rates/experts/{group:int}/members/{member:int}/remove", dismiss, methods=["POST"]),
    Route("/rates/experts/{group:int}/close", retire, methods=["POST"]),
    Route("/cases/{number}/experts", call, methods=["POST"]),
    Route("/cases/{number}/advice", note_advice, methods=["POST"]),
]
