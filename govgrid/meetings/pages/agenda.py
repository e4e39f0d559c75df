"""Change a meeting's agenda before it is held."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.queries import cases_for_unit
from govgrid.meetings import rules
from govgrid.meetings.actions import agenda
from govgrid.meetings.forms import CasesForm, ItemForm
from govgrid.meetings.models import AgendaItem, AgendaKind, Meeting
from govgrid.meetings.queries import seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.CONVENE))
def edit(visit: Visit) -> Response:
    """Show the agenda as forms."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    agenda.may_write(visit.actor, meeting)
    since = rules.month_span(rules.last_month(meeting.month))[0]
    unit = meeting.unit
    return render(
        visit,
        "meetings/agenda.html",
        meeting=meeting,
        items=seen.agenda(visit.db, meeting),
        Kind=AgendaKind,
        standing=agenda.fixed_kinds(meeting.unit),
        heard=cases_for_unit(
            visit.db, unit.community_id, unit.compound_id, since, visit.at, at=visit.at
        )[:60],
    )


@page(may_enter=holding(Power.CONVENE))
def add(visit: Visit) -> Response:
    """Add an item."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    form = read(ItemForm, visit.form)
    agenda.add_item(visit.db, visit.actor, meeting, form.kind, form.title, form.brief)
    return _back(meeting, _("议题已添加。"))


@page(may_enter=holding(Power.CONVENE))
def save(visit: Visit) -> Response:
    """Save, shift or remove an item, by the button pressed."""
    meeting, item = _item(visit)
    pressed = str(visit.form.get("do", "save"))
    if pressed == "remove":
        agenda.remove_item(visit.db, visit.actor, meeting, item)
        return _back(meeting, _("议题已删除。"))
    if pressed in {"up", "down"}:
        items = seen.agenda(visit.db, meeting)
        by = -1 if pressed == "up" else 1
        agenda.shift_item(visit.db, visit.actor, meeting, items, item, by)
        return _back(meeting)
    form = read(ItemForm, visit.form)
    agenda.edit_item(visit.db, visit.actor, meeting, item, form.title, form.brief)
    return _back(meeting, _("议题已保存。"))


@page(may_enter=holding(Power.CONVENE))
def cases(visit: Visit) -> Response:
    """Set which cases are heard."""
    meeting, item = _item(visit)
    chosen = set(read(CasesForm, visit.form).cases)
    agenda.choose_cases(visit.db, visit.actor, meeting, item, chosen)
    return _back(meeting, _("通报的诉求已更新。"))


def _item(visit: Visit) -> tuple[Meeting, AgendaItem]:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    return meeting, seen.agenda_item(visit.db, meeting, visit.number("item"))


def _back(meeting: Meeting, notice: str = "") -> Response:
    return redirect(f"/meetings/{meeting.id}/agenda", notice)


_ONE = "/meetings/{meeting:int}/agenda"
routes = [
    Route(_ONE, edit),
    Route(_ONE, add, methods=["POST"]),
    Route(_ONE + "/{item:int}", save, methods=["POST"]),
    Route(_ONE + "/{item:int}/cases", cases, methods=["POST"]),
]
