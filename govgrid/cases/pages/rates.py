"""Pages of the four rates: a month by area, company, compound or category; the league; charts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.pages.lists import areas_offered
from govgrid.cases.queries import By, RateRow, heat, month_counts, rates, series
from govgrid.cases.queries.lists import NOBODY
from govgrid.cases.queries.supervision import bar_of, company_counts
from govgrid.cases.rules import (
    ORDERS,
    OVERALL,
    PARTS,
    PROMISE_RATES,
    PROMISED,
    RATES,
    Counts,
    OwnersMeetings,
    ranked,
)
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Level
from govgrid.grid.queries import area_seen, crumbs, starts
from govgrid.web.forms import moment_of, month_of
from govgrid.web.page import holding, page
from govgrid.web.paging import Paging, paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.words import N_

OFFERED = {
    By.AREA: N_("按区域"),
    By.COMPANY: N_("按物业企业"),
    By.COMPOUND: N_("按小区"),
    By.CATEGORY: N_("按类别"),
}
SPANS = (12, 24)
MeetingsKept = Callable[[Session, date, Area, datetime], OwnersMeetings]
_NO_AREAS = {Level.GRID, Level.DEDICATED_GRID, Level.MICRO_GRID}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page of rates is about."""

    area: Area
    month: date
    as_of: datetime
    given: bool
    """Whether the moment was asked for: links then carry it on."""

    @property
    def before(self) -> date:
        """Return the first day of the month before."""
        return (self.month - timedelta(days=1)).replace(day=1)

    def query(self, **more: object) -> str:
        """Return the query that leads to the same area, month and moment."""
        fixed = {"area": self.area.code, "month": f"{self.month:%Y-%m}"}
        moment = {"as_of": self.as_of.isoformat()} if self.given else {}
        return urlencode({**fixed, **moment, **more})


def scope_of(visit: Visit) -> Scope:
    """Return the area, month and moment asked for: at first one's own area, this month, now."""
    code, written = visit.query("area"), visit.query("as_of")
    area = area_seen(visit.db, visit.actor, code) if code else starts(visit.db, visit.actor)[0]
    month = month_of(visit.query("month") or f"{visit.today:%Y-%m}")
    return Scope(area, month, moment_of(written) if written else visit.at, bool(written))


def _rates(visit: Visit, meetings: MeetingsKept) -> Response:
    scope = scope_of(visit)
    by = _by(visit.query("by"), scope.area)
    report = rates(visit.db, scope.month, scope.area.path, by, as_of=scope.as_of)
    paging = paging_of(visit, len(report.rows), 100)
    total = report.total.counts
    return render(
        visit,
        "cases/rates.html",
        **about(visit, scope) | {"parts": _parts(total), "words": RATES | PROMISE_RATES},
        by=by,
        offered=[(one, word) for one, word in OFFERED.items() if _fits(one, scope.area)],
        total=total,
        meetings=meetings(visit.db, scope.month, scope.area, scope.as_of),
        last=month_counts(visit.db, scope.before, scope.area, as_of=scope.as_of),
        rows=_shown(report.rows, paging),
        paging=paging,
        cases_behind=lambda row, figure: _cases_behind(scope, by, row, figure),
        cases_of=lambda figure: "/cases?" + _fixed(scope, figure),
    )


@page(may_enter=holding(Power.SEE))
def show_league(visit: Visit) -> Response:
    scope, order = scope_of(visit), visit.query("order") or OVERALL
    if order not in ORDERS:
        raise Invalid("没有“%(value)s”这种排名口径，请从页面上选择。", value=order[:20])
    bar, _, _ = bar_of(visit.db, scope.area)
    found = company_counts(visit.db, scope.month, scope.area, as_of=scope.as_of)
    table = ranked(((company.name, counts) for company, counts in found), bar.least, order)
    return render(
        visit,
        "cases/league.html",
        **about(visit, scope),
        order=order,
        orders=[(OVERALL, N_("综合")), *RATES.items()],
        least=bar.least,
        table=table,
    )


@page(may_enter=holding(Power.SEE))
def show_charts(visit: Visit) -> Response:
    scope = scope_of(visit)
    written = visit.query("months") or str(SPANS[0])
    if written not in map(str, SPANS):
        raise Invalid("走势只能看 12 个月或 24 个月。")
    months = int(written)
    points = series(visit.db, scope.month, months, scope.area, as_of=scope.as_of)
    categories, worst = heat(visit.db, scope.month, scope.area, as_of=scope.as_of)
    return render(
        visit,
        "cases/charts.html",
        **about(visit, scope),
        months=months,
        spans=SPANS,
        points=points,
        categories=categories,
        worst=worst,
    )


def about(visit: Visit, scope: Scope) -> dict[str, Any]:
    """Return what every page of rates shows: where it stands, and what can be chosen."""
    return {
        "scope": scope,
        "areas": areas_offered(visit, scope.area),
        "above": crumbs(visit.db, visit.actor, scope.area)[:-1],
        "parts": PARTS,
        "words": RATES,
    }


def _by(written: str, area: Area) -> By:
    """Return what the rows stand for: areas at first, compounds in a grid."""
    found = next((one for one in OFFERED if one.value == written and _fits(one, area)), None)
    if written and found is None:
        raise Invalid("这里不能按“%(value)s”统计，请从页面上选择。", value=written[:20])
    return found or (By.COMPOUND if area.level in _NO_AREAS else By.AREA)


def _fits(by: By, area: Area) -> bool:
    return by is not By.AREA or area.level not in _NO_AREAS


def _parts(total: Counts) -> dict[str, tuple[str, str]]:
    """Return the rates to show: of promises only where there are some."""
    promised = {name: pair for name, pair in PROMISED.items() if getattr(total, pair[1])}
    return PARTS | promised


def _shown(rows: tuple[RateRow, ...], paging: Paging) -> tuple[RateRow, ...]:
    """Return the rows of this page, those with most cases first."""
    first = sorted(rows, key=lambda row: -row.counts.received)
    return tuple(first[paging.offset : paging.offset + paging.size])


def _fixed(scope: Scope, figure: str, **more: str) -> str:
    return scope.query(as_of=scope.as_of.isoformat(), figure=figure, **more)


def _cases_behind(scope: Scope, by: By, row: RateRow, figure: str) -> str | None:
    """Return the list of the cases that a figure counted; None where no list names them."""
    if by is By.AREA:
        return f"/cases?{_fixed(scope, figure, area=row.key, codes='1')}" if row.key else None
    name = {By.COMPANY: "company", By.COMPOUND: "compound", By.CATEGORY: "category"}[by]
    return "/cases?" + _fixed(scope, figure, **{name: row.key or NOBODY})


def make_routes(meetings: MeetingsKept) -> list[Route]:
    """Return the routes; `meetings` counts owners' meetings, which stand in a package above."""

    @page(may_enter=holding(Power.SEE))
    def show_rates(visit: Visit) -> Response:
        return _rates(visit, meetings)

    return [
        Route("/rates", show_rates, methods=["GET"]),
        Route("/rates/league", show_league, methods=["GET"]),
        Route("/rates/charts", show_charts, methods=["GET"]),
    ]
