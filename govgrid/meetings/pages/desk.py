"""The print desk of a street: the month's minutes of its communities, chosen and printed as one."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Invalid
from govgrid.grid.queries.changes import names_on
from govgrid.meetings import rules
from govgrid.meetings.models import Meeting, MinutesStage
from govgrid.meetings.pages.board import TONES, area_of
from govgrid.meetings.pages.minutes import press_of
from govgrid.meetings.papers.binding import bind, title_of
from govgrid.meetings.queries.board import count_desk, desk
from govgrid.web.forms import month_of, whole
from govgrid.web.language import local
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

MOST = 400


@page(may_enter=holding(Power.PRINT))
def months(visit: Visit) -> Response:
    """Go to the last month that is over: its minutes are to be filed now."""
    return redirect(f"/print/{rules.last_month(visit.today):%Y-%m}")


@page(may_enter=holding(Power.PRINT))
def show(visit: Visit) -> Response:
    """List the month's meetings with how far their minutes are."""
    month = month_of(visit.path("month"))
    area, choices = area_of(visit, Power.PRINT)
    chosen = desk(visit.actor, area, month)
    paging = paging_of(visit, count_desk(visit.db, visit.actor, area, month), 100)
    rows = visit.db.execute(chosen.offset(paging.offset).limit(paging.size)).all()
    return render(
        visit,
        "meetings/desk.html",
        area=area,
        choices=choices,
        month=month,
        before=rules.last_month(month),
        after=rules.next_month(month),
        rows=[(m, w, rules.state(m, w, visit.at)) for m, w in rows],
        names=_names(visit, [m for m, _w in rows]),
        paging=paging,
        signed=MinutesStage.SIGNED,
        tones=TONES,
    )


def _names(visit: Visit, meetings: Sequence[Meeting]) -> dict[int, str]:
    """Return, by meeting, what communities were called that have another name now."""
    days = {m.id: (m.community_id, local(m.start).date()) for m in meetings}
    old = names_on(visit.db, days.values())
    return {number: old[held] for number, held in days.items() if held in old}


@page(may_enter=holding(Power.PRINT))
def printed(visit: Visit) -> Response:
    """Bind the chosen minutes into one PDF."""
    month = month_of(visit.path("month"))
    area, _choices = area_of(visit, Power.PRINT)
    ids = whole(visit.request.query_params.getlist("meeting"))
    if not ids:
        raise Invalid("请先勾选要打印的纪要。")
    if len(ids) > MOST:
        raise Invalid("一次最多打印 %(n)s 份纪要，请分批打印。", n=MOST)
    rows = visit.db.execute(desk(visit.actor, area, month).where(Meeting.id.in_(ids))).all()
    data = bind(press_of(visit), visit.settings, title_of(area, month), rows, at=visit.at)
    return file(data, "application/pdf", f"minutes-{area.code}-{month:%Y%m}.pdf")


routes = [
    Route("/print", months),
    Route("/print/{month}", show),
    Route("/print/{month}/minutes.pdf", printed),
]
