"""Pages of areas: their rates as of a day, and the list of their compounds."""

from datetime import date
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import Invalid
from govgrid.grid.queries import area_seen, crumbs, starts
from govgrid.oldcompounds.forms import EARLIEST, LATEST
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.queries import (
    Show,
    compounds_held,
    ledger,
    overview,
    tally,
)
from govgrid.oldcompounds.rules import Tally
from govgrid.web.page import page, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import redirect, render
from govgrid.web.visit import Visit

TONES = {
    Mode.PROFESSIONAL: "good",
    Mode.CUSTODIAL: "info",
    Mode.DELEGATED: "info",
    Mode.SELF_MANAGED: "warn",
    Mode.NONE: "bad",
}


@page(may_enter=with_post)
def show_start(visit: Visit) -> Response:
    areas = starts(visit.db, visit.actor)
    compounds = compounds_held(visit.db, visit.actor)
    if len(areas) == 1 and not compounds:
        return redirect(f"/coverage/{quote(areas[0].code)}")
    if len(compounds) == 1 and not areas:
        return redirect(f"/compounds/{quote(compounds[0].code)}/coverage")
    tallies = [(area, tally(visit.db, area, visit.today)) for area in areas]
    return render(visit, "oldcompounds/start.html", tallies=tallies, compounds=compounds)


@page(may_enter=with_post)
def show_area(visit: Visit) -> Response:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    as_of, show = asked_day(visit), _show(visit.query("show"))
    now = overview(visit.db, area, as_of)
    tabs = _tabs(now.tally, now.ending)
    paging = paging_of(visit, int(dict(tabs)[show]))
    return render(
        visit,
        "oldcompounds/area.html",
        area=area,
        above=crumbs(visit.db, visit.actor, area)[:-1],
        as_of=as_of,
        show=show,
        tabs=tabs,
        tally=now.tally,
        ending=now.ending,
        below=now.below,
        lines=ledger(visit.db, area, as_of, show=show, offset=paging.offset, limit=paging.size),
        paging=paging,
        modes=list(Mode),
        tones=TONES,
    )


def _tabs(totals: Tally, ending: int) -> list[tuple[Show, float]]:
    """Return what a list may show, each with its number of compounds."""
    numbers: dict[str, float] = {mode.value: totals.compounds.of(mode) for mode in Mode}
    numbers |= {Show.ALL.value: totals.compounds.total, Show.ENDING.value: ending}
    return [(show, numbers[show.value]) for show in Show]


def asked_day(visit: Visit) -> date:
    """Return the day asked for, today at first. Raise `Invalid` for what is no date."""
    written = visit.query("as_of")
    if not written:
        return visit.today
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day < LATEST:
        raise Invalid("“%(value)s”不是日期，请写成 2026-10-08 的形式。", value=written[:20])
    return day


def _show(written: str) -> Show:
    found = next((show for show in Show if show.value == (written or Show.ALL.value)), None)
    if found is None:
        raise Invalid("没有“%(value)s”这种筛选，请从列表中选择。", value=written[:20])
    return found


routes = [
    Route("/coverage", show_start, methods=["GET"]),
    Route("/coverage/{code}", show_area, methods=["GET"]),
]
