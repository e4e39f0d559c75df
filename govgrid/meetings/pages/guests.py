"""In the room: who is there and nobody's officer."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.meetings.actions.guests import add_guest, drop_guest
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.forms import GuestForm
from govgrid.meetings.models import Meeting
from govgrid.meetings.queries import room as queries
from govgrid.meetings.queries import seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.CONVENE))
def lists(visit: Visit) -> Response:
    """Show the guests, as a part of the page."""
    meeting = _meeting(visit)
    guests = queries.guests(visit.db, meeting)
    return render(visit, "meetings/room_guests.html", meeting=meeting, guests=guests)


@page(may_enter=holding(Power.CONVENE))
def add(visit: Visit) -> Response:
    """Write a guest down."""
    meeting, form = _meeting(visit), read(GuestForm, visit.form)
    add_guest(visit.db, visit.actor, meeting, form.name, form.affiliation, form.duty, at=visit.at)
    return _back(meeting, _("列席人员已登记。"))


@page(may_enter=holding(Power.CONVENE))
def remove(visit: Visit) -> Response:
    """Take a guest off."""
    meeting = _meeting(visit)
    found = queries.guest(visit.db, meeting, visit.number("guest"))
    drop_guest(visit.db, visit.actor, meeting, found, at=visit.at)
    return _back(meeting, _("列席人员已删除。"))


def _meeting(visit: Visit) -> Meeting:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    may_convene(visit.actor, meeting.community.path)
    return meeting


def _back(meeting: Meeting, notice: str) -> Response:
    return redirect(f"/meetings/{meeting.id}/room#item-guests", notice)


_ONE = "/meetings/{meeting:int}/room"
routes = [
    Route(_ONE + "/items/guests", lists),
    Route(_ONE + "/guests", add, methods=["POST"]),
    Route(_ONE + "/guests/{guest:int}/remove", remove, methods=["POST"]),
]
