"""Pages of cases: a list with its rates, one case, the panel on a compound's page."""

from datetime import date

from markupsafe import Markup
from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import Route

from govgrid.cases.queries import (
    RateRow,
    Wanted,
    cases_seen,
    count_seen,
    months_cases,
    rates,
    stood_at,
)
from govgrid.cases.queries.terms import Site, terms
from govgrid.cases.rules import CaseState, states
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Compound, Level
from govgrid.grid.queries import area_seen, compound_seen, crumbs, starts
from govgrid.web.forms import moment_of, month_of
from govgrid.web.house import NavItem
from govgrid.web.page import page, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import part, render
from govgrid.web.visit import Visit
from govgrid.words import N_
from govgrid.workdays import calendar

TONES = {
    CaseState.OPEN: "info",
    CaseState.OVERDUE: "bad",
    CaseState.CLOSED: "good",
    CaseState.CLOSED_LATE: "warn",
    CaseState.REPLIED_LATE: "warn",
    CaseState.DISSATISFIED: "bad",
    CaseState.OUTSIDE: "neutral",
}
FIGURE_WORDS = {  # of the rates; each leads to the cases that it counted
    "received": N_("受理"),
    "replied_in_time": N_("按时响应"),
    "closed": N_("已办结"),
    "closed_in_48h": N_("48 小时内办结"),
    "rated": N_("已评价"),
    "satisfied": N_("满意"),
    "outside_remit": N_("职责外"),
    "reported": N_("已报告"),
    "promised": N_("有响应承诺"),
    "promise_kept": N_("按承诺响应"),
    "on_site_promised": N_("有到场承诺"),
    "on_site_in_time": N_("按承诺到场"),
}


@page(may_enter=with_post)
def show_cases(visit: Visit) -> Response:
    wanted, as_of = _wanted(visit), visit.query("as_of")
    at = moment_of(as_of) if as_of else visit.at
    paging = paging_of(visit, count_seen(visit.db, visit.actor, wanted, at=at))
    shown = cases_seen(
        visit.db, visit.actor, wanted, at=at, offset=paging.offset, limit=paging.size
    )
    stood = stood_at(visit.db, shown, at)
    return render(
        visit,
        "cases/list.html",
        wanted=wanted,
        areas=areas_offered(visit, wanted.area),
        cases=shown,
        paging=paging,
        at=at,
        figures=FIGURE_WORDS,
        rate=_rates(visit, wanted),
        states=lambda case: states(stood[case.id], at),
        tones=TONES,
        all_states=[(state.value, state) for state in CaseState],
    )


def panel(visit: Visit, compound: Compound) -> Markup:
    """Return the compound's cases of this month, the open ones first, for its page."""
    month = visit.today.replace(day=1)
    shown, total = months_cases(visit.db, compound, month)
    hold = terms(visit.db, calendar(visit.db), [compound.company_id or 0])
    return part(
        visit,
        "cases/panel.html",
        compound=compound,
        month=month,
        cases=shown,
        total=total,
        pledge=hold.pledge(Site.of(compound), visit.today),
        states=states,
        tones=TONES,
    )


def _wanted(visit: Visit) -> Wanted:
    compound = visit.query("compound")
    return Wanted(
        area=area_asked(visit),
        compound=compound_seen(visit.db, visit.actor, compound) if compound else None,
        month=_month(visit),
        state=_state(visit.query("state")),
        company=visit.query("company") or None,
        category=visit.query("category") or None,
        figure=_figure(visit.query("figure")),
        by_code=visit.query("codes") == "1",
    )


def _state(written: str) -> CaseState | None:
    found = next((state for state in CaseState if state.value == written), None)
    if written and found is None:
        raise Invalid("没有“%(value)s”这种诉求状态，请从列表中选择。", value=written[:20])
    return found


def _figure(written: str) -> str | None:
    if written and written not in FIGURE_WORDS:
        raise Invalid("没有“%(value)s”这种统计数字，请从四率页面进入。", value=written[:20])
    return written or None


def _month(visit: Visit) -> date | None:
    """Return the month asked for: this month at first, None for all of them."""
    written = visit.query("month", f"{visit.today:%Y-%m}")
    return month_of(written) if written else None


def area_asked(visit: Visit) -> Area | None:
    """Return the area that the address names, at first the actor's own where there is just one."""
    written = visit.query("area")
    return area_seen(visit.db, visit.actor, written) if written else _start(visit)


def _start(visit: Visit) -> Area | None:
    own = starts(visit.db, visit.actor)
    return own[0] if len(own) == 1 and not visit.actor.compounds() else None


def areas_offered(visit: Visit, area: Area | None) -> list[Area]:
    """Return the areas to choose from: own ones, those above and one level below the chosen."""
    offered = starts(visit.db, visit.actor)
    if area is not None:
        below = select(Area).where(
            Area.parent_id == area.id, Area.level != Level.MICRO_GRID, Area.closed_on.is_(None)
        )
        offered += crumbs(visit.db, visit.actor, area)
        offered += visit.db.scalars(below.order_by(Area.code))
    return sorted(dict.fromkeys(offered), key=lambda one: one.path)


def _rates(visit: Visit, wanted: Wanted) -> RateRow | None:
    drilled = wanted.compound or wanted.company or wanted.category or wanted.figure
    if wanted.area is None or wanted.month is None or drilled:
        return None
    return rates(visit.db, wanted.month, wanted.area.path, "category", as_of=visit.at).total


nav = [NavItem("/cases", N_("诉求办理"), with_post)]
routes = [
    Route("/cases", show_cases, methods=["GET"]),
]
