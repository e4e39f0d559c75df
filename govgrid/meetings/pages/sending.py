"""Letters that did not leave, with a way to try again; pausing an area's letters."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.grid.models import Area
from govgrid.grid.queries import area_seen, starts
from govgrid.meetings.actions import plan, sending
from govgrid.meetings.forms import AreaForm, PauseForm
from govgrid.meetings.models import Meeting
from govgrid.meetings.queries import seen
from govgrid.meetings.queries import sending as queries
from govgrid.outbox.actions import TRIES
from govgrid.outbox.models import Letter
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """List what did not leave, and what is paused."""
    paging = paging_of(visit, queries.count_troubled(visit.db, visit.actor, at=visit.at), 50)
    chosen = queries.troubled(visit.actor, at=visit.at)
    rows = visit.db.scalars(chosen.offset(paging.offset).limit(paging.size)).all()
    areas = [a for a in starts(visit.db, visit.actor) if visit.actor.may(Power.CONVENE, a.path)]
    return render(
        visit,
        "meetings/letters.html",
        rows=rows,
        paging=paging,
        tries=TRIES,
        pauses=queries.pauses(visit.db, visit.actor),
        may=lambda area: visit.actor.may(Power.CONVENE, area.path),
        areas=areas,
    )


@page(may_enter=holding(Power.CONVENE))
def retry(visit: Visit) -> Response:
    """Try one again."""
    sending.retry(visit.db, visit.actor, *_letter(visit), at=visit.at)
    return redirect("/letters", _("已重新排队发送。"))


@page(may_enter=holding(Power.CONVENE))
def settle(visit: Visit) -> Response:
    """Note that one has arrived, though the server never said so."""
    sending.settle(visit.db, visit.actor, *_letter(visit), at=visit.at)
    return redirect("/letters", _("已记为送达。"))


def _letter(visit: Visit) -> tuple[Meeting, Letter]:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    plan.may_convene(visit.actor, meeting.community.path)
    return meeting, queries.letter_of(visit.db, meeting, visit.number("letter"))


@page(may_enter=holding(Power.CONVENE))
def pause(visit: Visit) -> Response:
    """Pause an area's letters."""
    form = read(PauseForm, visit.form)
    area = _area(visit, form.area)
    sending.pause(visit.db, visit.actor, area, form.reason, at=visit.at)
    return redirect("/letters", _("已暂停发送%(area)s的通知。", area=area.name))


@page(may_enter=holding(Power.CONVENE))
def resume(visit: Visit) -> Response:
    """Let them leave."""
    area = _area(visit, read(AreaForm, visit.form).area)
    sending.resume(visit.db, visit.actor, area)
    return redirect("/letters", _("已恢复发送%(area)s的通知。", area=area.name))


def _area(visit: Visit, code: str) -> Area:
    return area_seen(visit.db, visit.actor, code)


routes = [
    Route("/letters", show),
    Route("/letters/pause", pause, methods=["POST"]),
    Route("/letters/resume", resume, methods=["POST"]),
    Route("/meetings/{meeting:int}/letters/{letter:int}/retry", retry, methods=["POST"]),
    Route("/meetings/{meeting:int}/letters/{letter:int}/settle", settle, methods=["POST"]),
]
