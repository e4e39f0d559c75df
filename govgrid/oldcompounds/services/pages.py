"""Pages of service plans: three variants side by side, their paper, an area's unit costs."""

from decimal import Decimal
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Invalid
from govgrid.grid.models import Compound
from govgrid.grid.queries import area_seen, compound_seen, crumbs
from govgrid.oldcompounds.models import FeeUnit
from govgrid.oldcompounds.services.actions import choose, may_cover, save_plan, set_prices
from govgrid.oldcompounds.services.forms import ChooseForm, CostsForm, PlanForm, read_offers
from govgrid.oldcompounds.services.models import Service
from govgrid.oldcompounds.services.papers import plan_sheet
from govgrid.oldcompounds.services.queries import figures_of, offer_of, plan_of, prices_of
from govgrid.oldcompounds.services.rules import CATALOGUE, Size, figures, first_offers
from govgrid.press.press import Press
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, with_post
from govgrid.web.render import file, redirect, render
from govgrid.web.visit import Visit


@page(may_enter=with_post)
def show_plan(visit: Visit) -> Response:
    """Show the plan; without one, what the catalogue proposes for the compound's size."""
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    plan = plan_of(visit.db, compound.id)
    prices, _own, said_by = prices_of(visit.db, compound.community)
    if plan is not None:
        size = Size(plan.households, Decimal(str(plan.floor_area)))
        offers, reckoned = [offer_of(one) for one in plan.variants], figures_of(plan)
    else:
        size = _first_size(compound)
        offers = first_offers(size, prices)
        reckoned = [figures(size, offer, prices) for offer in offers]
    return render(
        visit,
        "services/plan.html",
        compound=compound,
        above=crumbs(visit.db, visit.actor, compound.community),
        plan=plan,
        size=size,
        columns=list(zip((1, 2, 3), offers, reckoned, strict=True)),
        catalogue=CATALOGUE,
        units=[(unit.value, _(unit.word)) for unit in FeeUnit],
        said_by=said_by,
        aged=plan is not None and plan.costs != prices.stored(),
        may_cover=visit.actor.may(Power.COVER, compound.community.path),
    )


def _first_size(compound: Compound) -> Size:
    """Return the compound's size; where it is not known, one to put right."""
    households = compound.households or 100
    return Size(households, Decimal(str(round(compound.floor_area or households * 70, 2))))


@page(may_enter=holding(Power.COVER))
def save(visit: Visit) -> Response:
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    form, offers = read(PlanForm, visit.form), read_offers(visit.form)
    save_plan(visit.db, visit.actor, compound, form.size(), offers, form.version, at=visit.at)
    return redirect(_address(compound), _("服务方案已保存，收支已重新测算。"))


@page(may_enter=holding(Power.COVER))
def take(visit: Visit) -> Response:
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    form = read(ChooseForm, visit.form)
    choose(visit.db, visit.actor, compound, form.position, form.version)
    return redirect(_address(compound), _("已记录居民选定的方案。"))


@page(may_enter=with_post)
def show_paper(visit: Visit) -> Response:
    """Print the plan on one page."""
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    plan = plan_of(visit.db, compound.id)
    if plan is None:
        raise Invalid("该小区还没有服务方案，请先编制并保存方案。")
    press: Press = visit.request.app.state.press
    data = press.print(plan_sheet(press.fonts, compound, plan, visit.at))
    return file(data, "application/pdf", f"services-{_ascii(compound.code)}.pdf")


@page(may_enter=holding(Power.COVER))
def show_costs(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    may_cover(visit.actor, area)
    prices, own, said_by = prices_of(visit.db, area)
    return render(
        visit,
        "services/costs.html",
        area=area,
        prices=prices,
        version=own.version if own else 0,
        said_by=said_by,
        catalogue=CATALOGUE,
        Service=Service,
    )


@page(may_enter=holding(Power.COVER))
def save_costs(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    form = read(CostsForm, visit.form)
    set_prices(visit.db, visit.actor, area, form.prices(), form.version)
    return redirect(
        f"/service-costs/{quote(area.code)}", _("服务单价已保存，新编制的方案按此测算。")
    )


def _address(compound: Compound) -> str:
    return f"/compounds/{quote(compound.code)}/services"


def _ascii(code: str) -> str:
    return "".join(char for char in code if char.isascii() and (char.isalnum() or char in "-_"))


routes = [
    Route("/compounds/{code}/services", show_plan, methods=["GET"]),
    Route("/compounds/{code}/services", save, methods=["POST"]),
    Route("/compounds/{code}/services/choice", take, methods=["POST"]),
    Route("/compounds/{code}/services/plan.pdf", show_paper),
    Route("/service-costs/{code}", show_costs, methods=["GET"]),
    Route("/service-costs/{code}", save_costs, methods=["POST"]),
]
