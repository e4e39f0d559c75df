"""Showcases of an area side by side, and the projects that are late, asked with one press."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Area, Level
from govgrid.grid.queries import area_seen, crumbs, starts
from govgrid.showcase.actions.chasing import chase, may_chase
from govgrid.showcase.actions.plans import may_set
from govgrid.showcase.letters import period_text
from govgrid.showcase.queries.compare import ORDERS, compared, totals
from govgrid.showcase.queries.late import late
from govgrid.showcase.queries.plans import plan_of
from govgrid.showcase.rules import DEFAULT, Plan
from govgrid.web.forms import month_of
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect, with_post
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit

PERIODS = 12
MOST_LETTERS = 200
"""Compounds asked at once: a street has about a hundred."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which area (None: the compounds of one's own posts), and what is wanted there."""

    area: Area | None
    plan: Plan

    def query(self, **more: str) -> str:
        """Return the query that leads to the same area."""
        fixed = {"area": self.area.code} if self.area else {}
        return urlencode({**fixed, **more})


def place(visit: Visit) -> Place:
    """Return the area asked for, at first one's own."""
    code = visit.query("area")
    if code:
        area: Area | None = area_seen(visit.db, visit.actor, code)
    else:
        area = next(iter(starts(visit.db, visit.actor)), None)
    return Place(area, plan_of(visit.db, area)[0] if area else DEFAULT)


@page(may_enter=with_post)
def show_compared(visit: Visit) -> Response:
    at = place(visit)
    period, order = _period(visit, at.plan), visit.query("order") or "met"
    if order not in ORDERS:
        raise Invalid("没有“%(value)s”这种排序，请从页面上选择。", value=order[:20])
    before = at.plan.before(period)
    due = at.plan.due(period)
    shown = stretch(
        visit,
        lambda **part: compared(
            visit.db, visit.actor, at.area, period, before, order, visit.today, **part
        ),
    )
    return render(
        visit,
        "showcase/compare.html",
        **_about(visit, at),
        **shown,
        period=period,
        period_name=period_text(at.plan, period),
        periods=[(f"{one:%Y-%m}", period_text(at.plan, one)) for one in _offered(visit, at.plan)],
        order=order,
        orders=ORDERS,
        due=due,
        totals=totals(visit.db, visit.actor, at.area, period, due, visit.today),
    )


@page(may_enter=with_post)
def show_late(visit: Visit) -> Response:
    at = place(visit)
    shown = stretch(visit, lambda **part: late(visit.db, visit.actor, at.area, visit.today, **part))
    return render(
        visit,
        "showcase/late.html",
        **_about(visit, at),
        **shown,
        names={one.compound.id: period_text(one.plan, one.period) for one in shown["rows"]},
        may_chase=may_chase,
        chases=visit.actor.has(Power.PUBLISH),
    )


@page(may_enter=holding(Power.PUBLISH))
def chase_late(visit: Visit) -> Response:
    """Ask the project that was named, or with `all` each that can be asked today."""
    at = place(visit)
    codes = [str(code) for code in visit.form.getlist("compound")][:1]
    everyone = visit.form.get("all") == "1"
    if not codes and not everyone:
        raise Invalid("请先选择要催办的小区。")
    found, _total = late(
        visit.db, visit.actor, at.area, visit.today, codes=() if everyone else codes,
        limit=MOST_LETTERS,
    )  # fmt: skip
    if everyone:
        able = [one for one in found if one.reachable and one.asked_on != visit.today]
        found = [one for one in able if may_chase(visit.actor, one)]
        if not found:
            raise Invalid("没有可以催办的小区：今天都已催过，或没有登记邮箱。")
    if not found:
        raise NotFound("这个小区已经公示，或不在您的职责范围内。")
    count = sum(chase(visit.db, visit.actor, one, at=visit.at) for one in found)
    return redirect(f"/showcases/late?{at.query()}", _("已发出 %(n)s 封催办信。", n=count))


def _about(visit: Visit, at: Place) -> dict[str, Any]:
    return {
        "at": at,
        "areas": _areas(visit, at.area),
        "sets": at.area is not None and may_set(visit.actor, at.area),
    }


def _areas(visit: Visit, area: Area | None) -> list[Area]:
    """Return the areas to choose from: own ones, those above and one level below the chosen."""
    offered = starts(visit.db, visit.actor)
    if area is not None:
        offered += crumbs(visit.db, visit.actor, area)
        below = select(Area).where(
            Area.parent_id == area.id, Area.level != Level.MICRO_GRID, Area.closed_on.is_(None)
        )
        offered += visit.db.scalars(below.order_by(Area.code))
    return sorted(dict.fromkeys(offered), key=lambda one: one.path)


def _offered(visit: Visit, plan: Plan) -> list[date]:
    """Return the periods to choose from, the latest that can be published first."""
    period = plan.ended(visit.today)
    found = [period]
    while len(found) < PERIODS:
        found.append(plan.before(found[-1]))
    return found


def _period(visit: Visit, plan: Plan) -> date:
    """Return the period asked for, at first the last one that is over."""
    written = visit.query("period")
    if written:
        return plan.period_of(month_of(written))
    return plan.before(plan.period_of(visit.today))


routes = [
    Route("/showcases", show_compared, methods=["GET"]),
    Route("/showcases/late", show_late, methods=["GET"]),
    Route("/showcases/late", chase_late, methods=["POST"]),
]
