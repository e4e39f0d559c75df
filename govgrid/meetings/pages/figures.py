"""Pages of the figures of meetings: a month by area, twelve months, the meetings behind each."""

import io
from datetime import datetime

from starlette.responses import Response
from starlette.routing import Route

from govgrid import journal
from govgrid.access import Power
from govgrid.cases.pages.rates import Scope, about, scope_of
from govgrid.clock import HERE
from govgrid.errors import Invalid
from govgrid.grid.queries import area_seen
from govgrid.meetings.exports.figures import figure_leaf
from govgrid.meetings.queries.figures import (
    BEHIND,
    behind,
    count_behind,
    figure_series,
    figures_of,
)
from govgrid.meetings.rules.figures import MEANINGS, PARTS, WORDS
from govgrid.sheets.book import write_book
from govgrid.web.forms import Form, Moment, month_of, read
from govgrid.web.page import holding, page
from govgrid.web.paging import paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

MONTHS = 12
ROWS = 100
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportForm(Form):
    """Which figures a workbook is to hold."""

    area: str
    month: str
    as_of: Moment | None = None


@page(may_enter=holding(Power.SEE))
def show_figures(visit: Visit) -> Response:
    scope = scope_of(visit)
    report = figures_of(visit.db, scope.month, scope.area, as_of=scope.as_of)
    before = figures_of(visit.db, scope.before, scope.area, as_of=scope.as_of)
    paging = paging_of(visit, len(report.rows), ROWS)
    return render(
        visit,
        "meetings/figures.html",
        **{**about(visit, scope), "parts": PARTS, "words": WORDS},
        total=report.total,
        last=before.total,
        rows=report.rows[paging.offset : paging.offset + paging.size],
        paging=paging,
        series=figure_series(visit.db, scope.month, MONTHS, scope.area, as_of=scope.as_of),
        meanings=MEANINGS,
        behind=lambda figure, code=None: _behind(scope, figure, code),
        prints=visit.actor.may(Power.PRINT, scope.area.path),
    )


def _behind(scope: Scope, figure: str, code: str | None) -> str:
    return "/rates/meetings/behind?" + scope.query(
        figure=figure, **({"area": code} if code else {})
    )


@page(may_enter=holding(Power.SEE))
def show_behind(visit: Visit) -> Response:
    """List what a figure counted: units with their meeting of the month."""
    scope, figure = scope_of(visit), visit.query("figure") or "due"
    if figure not in BEHIND:
        raise Invalid("没有“%(value)s”这种统计数字，请从会议统计页面进入。", value=figure[:20])
    total = count_behind(visit.db, scope.month, scope.area, figure, at=scope.as_of)
    paging = paging_of(visit, total)
    rows = behind(
        visit.db,
        visit.actor,
        scope.month,
        scope.area,
        figure,
        at=scope.as_of,
        offset=paging.offset,
        limit=paging.size,
    )
    return render(
        visit,
        "meetings/figures_behind.html",
        **about(visit, scope),
        figure=figure,
        figures=list(BEHIND.items()),
        rows=rows,
        paging=paging,
    )


@page(may_enter=holding(Power.PRINT), own_transactions=True)
def export(visit: Visit) -> Response:
    """Give the figures as a workbook, journalled."""
    form = read(ExportForm, visit.form)
    area, month = area_seen(visit.db, visit.actor, form.area), month_of(form.month)
    as_of = form.as_of or visit.at
    report = figures_of(visit.db, month, area, as_of=as_of)
    series = figure_series(visit.db, month, MONTHS, area, as_of=as_of)
    front = [
        ("区域", area.name),
        ("月份", f"{month:%Y-%m}"),
        ("截至", _moment(as_of)),
        ("导出人", visit.actor.name),
        ("导出时间", _moment(visit.at)),
    ]
    stream = io.BytesIO()
    title = f"{area.name}{month.year}年{month.month}月联席会议统计"
    write_book(stream, title, [figure_leaf(report, series)], front, visit.at)
    name = f"meetings-{area.code}-{month:%Y%m}.xlsx"
    with visit.house.database.writing() as db:
        journal.record(db, visit.actor, "export", "meeting_figures", area.code, file=name)
    return file(stream.getvalue(), SHEET, name, download=True)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(HERE):%Y-%m-%d %H:%M}"


routes = [
    Route("/rates/meetings", show_figures, methods=["GET"]),
    Route("/rates/meetings/behind", show_behind, methods=["GET"]),
    Route("/rates/meetings/figures.xlsx", export, methods=["POST"]),
]
