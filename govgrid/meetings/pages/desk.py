"""The print desk of a street: what the month's minutes wait for, chosen, bound, called to mind."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.access import Power
from govgrid.errors import Invalid, Unavailable
from govgrid.grid.models import Area
from govgrid.grid.queries.changes import names_on
from govgrid.meetings import rules
from govgrid.meetings.actions import printing
from govgrid.meetings.actions.printing import MOST
from govgrid.meetings.models import Meeting, PrintState
from govgrid.meetings.pages.board import TONES, area_of
from govgrid.meetings.pages.minutes import press_of
from govgrid.meetings.papers.binding import bind, title_of
from govgrid.meetings.queries import desk as queries
from govgrid.meetings.queries.board import count_desk, desk
from govgrid.web.forms import month_of, whole
from govgrid.web.language import gettext as _
from govgrid.web.language import local
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

URGED = 2000
"""At most so many rows are called to mind with one press."""


@page(may_enter=holding(Power.PRINT))
def months(visit: Visit) -> Response:
    """Go to the last month that is over: its minutes are to be filed now."""
    return redirect(f"/print/{rules.last_month(visit.today):%Y-%m}")


@page(may_enter=holding(Power.PRINT))
def show(visit: Visit) -> Response:
    """List the month's meetings with how far their minutes are and with whom they lie."""
    month = month_of(visit.path("month"))
    area, choices = area_of(visit, Power.PRINT)
    paging = paging_of(visit, count_desk(visit.db, visit.actor, area, month), 100)
    rows = queries.rows(
        visit.db, visit.actor, area, month, visit.today, offset=paging.offset, limit=paging.size
    )
    bare, lacking = queries.without_meeting(visit.db, visit.actor, area, month, visit.today)
    shown = queries.months_until(month)
    return render(
        visit,
        "meetings/desk.html",
        area=area,
        choices=choices,
        month=month,
        before=rules.last_month(month),
        after=rules.next_month(month),
        rows=[(r, rules.state(r.meeting, r.minutes, visit.at)) for r in rows],
        names=_names(visit, [r.meeting for r in rows if r.meeting]),
        paging=paging,
        tones=TONES,
        bare=bare,
        lacking=lacking,
        months=shown,
        matrix=queries.matrix(visit.db, visit.actor, area, shown),
        jobs=queries.prints_of(visit.db, area, month),
        PrintState=PrintState,
    )


def _names(visit: Visit, meetings: Sequence[Meeting]) -> dict[int, str]:
    """Return, by meeting, what communities were called that have another name now."""
    days = {m.id: (m.community_id, local(m.start).date()) for m in meetings}
    old = names_on(visit.db, days.values())
    return {number: old[held] for number, held in days.items() if held in old}


@page(may_enter=holding(Power.PRINT))
def printed(visit: Visit) -> Response:
    """Bind a few chosen minutes at once into one PDF."""
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


@page(may_enter=holding(Power.PRINT))
def ask(visit: Visit) -> Response:
    """Queue the chosen minutes for the worker."""
    month = month_of(visit.path("month"))
    area, _choices = area_of(visit, Power.PRINT)
    ids = whole(t for t in visit.form.getlist("meeting") if isinstance(t, str))
    if not ids:
        raise Invalid("请先勾选要打印的纪要。")
    found = visit.db.execute(desk(visit.actor, area, month).where(Meeting.id.in_(ids))).all()
    missing = printing.told_missing(_held_up(visit, area))
    job = printing.ask_for_print(
        visit.db, visit.actor, area, month, [(m, w) for m, w in found], missing, at=visit.at
    )
    return redirect(f"/prints/{job.id}")


@page(may_enter=holding(Power.PRINT))
def urge(visit: Visit) -> Response:
    """Call to mind with everybody what lies with them."""
    month = month_of(visit.path("month"))
    area, _choices = area_of(visit, Power.PRINT)
    rows = _held_up(visit, area)
    sent, unreached = printing.urge(visit.db, visit.actor, area, month, rows, at=visit.at)
    notice = _("已催办 %(n)s 人。", n=sent)
    if unreached:
        notice += _("没有邮箱、请电话联系：%(names)s。", names="、".join(unreached))
    return redirect(f"/print/{month:%Y-%m}?area={area.code}", notice)


def _held_up(visit: Visit, area: Area) -> list[queries.Row]:
    month = month_of(visit.path("month"))
    rows = queries.rows(
        visit.db, visit.actor, area, month, visit.today, offset=0, limit=URGED
    )  # fmt: skip
    bare, _lacking = queries.without_meeting(visit.db, visit.actor, area, month, visit.today)
    return [row for row in (*rows, *bare) if row.holdup]


@page(may_enter=holding(Power.PRINT))
def show_job(visit: Visit) -> Response:
    """Show how far a print is; the page asks again until it is done."""
    job = queries.print_seen(visit.db, visit.actor, visit.number("job"))
    template = "meetings/print_progress.html" if visit.partial else "meetings/print_job.html"
    titles = queries.titles_of(visit.db, [number for number, _why in job.skipped])
    return render(visit, template, job=job, titles=titles, PrintState=PrintState)


@page(may_enter=holding(Power.PRINT))
def show_paper(visit: Visit) -> Response:
    """Answer with the bound file."""
    job = queries.print_seen(visit.db, visit.actor, visit.number("job"))
    if job.paper is None:
        raise Unavailable("汇编还没有完成，请稍候。")
    data = archive.fetch(visit.settings.archive, job.paper)
    return file(data, "application/pdf", f"minutes-{job.area.code}-{job.month:%Y%m}.pdf")


@page(may_enter=holding(Power.PRINT))
def retry(visit: Visit) -> Response:
    """Try once more what was left out."""
    job = queries.print_seen(visit.db, visit.actor, visit.number("job"))
    printing.try_again(visit.db, visit.actor, job)
    return redirect(f"/prints/{job.id}")


routes = [
    Route("/print", months),
    Route("/print/{month}", show),
    Route("/print/{month}", ask, methods=["POST"]),
    Route("/print/{month}/urge", urge, methods=["POST"]),
    Route("/print/{month}/minutes.pdf", printed),
    Route("/prints/{job:int}", show_job),
    Route("/prints/{job:int}/minutes.pdf", show_paper),
    Route("/prints/{job:int}/retry", retry, methods=["POST"]),
]
