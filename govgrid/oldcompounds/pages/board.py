"""The board of an area: rates by part, months, gaps; its ledger as a sheet and report as PDF."""

import io
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from govgrid import journal
from govgrid.access import Power
from govgrid.grid.models import Area
from govgrid.grid.queries import area_seen, crumbs
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.pages.areas import TONES, asked_day
from govgrid.oldcompounds.papers.report import MOST, Report, report_sheet
from govgrid.oldcompounds.queries import (
    Line,
    Show,
    ledger,
    months,
    overview,
)
from govgrid.press.press import Press
from govgrid.sheets import Column, Values, text, write_sheet
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page
from govgrid.web.paging import paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALL = 1_000_000
LEDGER = tuple(
    Column(heading, key, text(200))
    for heading, key in (
        ("小区编号", "code"),
        ("小区名称", "name"),
        ("小区类型", "kind"),
        ("社区代码", "community_code"),
        ("社区", "community_name"),
        ("户数", "households"),
        ("建筑面积(㎡)", "floor_area"),
        ("管理方式", "mode"),
        ("管理单位", "operator"),
        ("协议编号", "agreement"),
        ("起始日期", "since"),
        ("截止日期", "until"),
        ("备注", "remark"),
    )
)


@page(may_enter=holding(Power.SEE))
def show_board(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    as_of = asked_day(visit)
    now = overview(visit.db, area, as_of)
    paging = paging_of(visit, int(now.tally.compounds.of(Mode.NONE)), 20)
    return render(
        visit,
        "oldcompounds/board.html",
        area=area,
        above=crumbs(visit.db, visit.actor, area)[:-1],
        as_of=as_of,
        tally=now.tally,
        ending=now.ending,
        below=now.below,
        months=months(visit.db, area, as_of, today=now.tally),
        gaps=ledger(visit.db, area, as_of, show=Show.NONE, offset=paging.offset, limit=paging.size),
        paging=paging,
        modes=list(Mode),
        tones=TONES,
    )


@page(may_enter=holding(Power.SEE), own_transactions=True)
def give_ledger(visit: Visit) -> Response:
    """Give the ledger of the area's old compounds as a sheet, journalled."""
    area, as_of = area_seen(visit.db, visit.actor, visit.path("code")), asked_day(visit)
    stream = io.BytesIO()
    rows = write_sheet(
        stream, LEDGER, _rows(ledger(visit.db, area, as_of, limit=ALL)), "老旧小区台账"
    )
    name = f"ledger-{area.code}-{as_of:%Y%m%d}.xlsx"
    _note(visit, area, name, rows=rows)
    return file(stream.getvalue(), SHEET, name, download=True)


@page(may_enter=holding(Power.SEE), own_transactions=True)
def give_report(visit: Visit) -> Response:
    """Give the area's report for the housing department as PDF, journalled."""
    area, as_of = area_seen(visit.db, visit.actor, visit.path("code")), asked_day(visit)
    press: Press = visit.request.app.state.press
    data = press.print(report_sheet(press.fonts, _report(visit, area)))
    name = f"coverage-{area.code}-{as_of:%Y%m%d}.pdf"
    _note(visit, area, name)
    return file(data, "application/pdf", name, download=True)


def _report(visit: Visit, area: Area) -> Report:
    db, as_of = visit.db, asked_day(visit)
    now = overview(db, area, as_of)
    return Report(
        area=area,
        as_of=as_of,
        tally=now.tally,
        below=now.below,
        months=months(db, area, as_of, today=now.tally),
        gaps=ledger(db, area, as_of, show=Show.NONE, limit=MOST),
        all_gaps=int(now.tally.compounds.of(Mode.NONE)),
        ending=ledger(db, area, as_of, show=Show.ENDING, limit=MOST),
        all_ending=now.ending,
        asked_by=visit.actor.name,
        at=visit.at,
    )


def _rows(lines: list[Line]) -> Iterator[Values]:
    for line in lines:
        row = {column.key: getattr(line, column.key, None) for column in LEDGER}
        yield row | {"remark": _remark(line)}


def _remark(line: Line) -> str | None:
    if line.expired:
        return _("到期未续")
    if line.ends_soon:
        return _("90 天内到期")
    return _("从未登记") if line.mode is Mode.NONE and line.since is None else None


def _note(visit: Visit, area: Area, name: str, **told: Any) -> None:
    with visit.house.database.writing() as db:
        journal.record(db, visit.actor, "export", "coverage", area.code, file=name, **told)


routes = [
    Route("/coverage/{code}/board", show_board, methods=["GET"]),
    Route("/coverage/{code}/ledger.xlsx", give_ledger, methods=["POST"]),
    Route("/coverage/{code}/report.pdf", give_report, methods=["POST"]),
]
