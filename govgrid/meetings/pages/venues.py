"""A community's rooms: where they are, how many they hold, when they are not to be had."""

from typing import Any

import numpy as np
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.grid.crs import crs_of, to_wgs84
from govgrid.grid.queries import crumbs
from govgrid.meetings.actions import venues as actions
from govgrid.meetings.queries import venues as queries
from govgrid.meetings.queries.availability import venues as rooms_of
from govgrid.meetings.settings_forms import ClosureForm, VenueForm
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.CONVENE))
def show_all(visit: Visit) -> Response:
    """List the community's rooms."""
    community = queries.community_kept(visit.db, visit.actor, visit.path("code"))
    return render(
        visit,
        "meetings/venues.html",
        community=community,
        crumbs=crumbs(visit.db, visit.actor, community),
        rooms=rooms_of(visit.db, community.id),
    )


@page(may_enter=holding(Power.CONVENE))
def add(visit: Visit) -> Response:
    """Add a room."""
    community = queries.community_kept(visit.db, visit.actor, visit.path("code"))
    values = _values(read(VenueForm, visit.form))
    room = actions.add_venue(visit.db, visit.actor, community, values)
    return redirect(f"/venues/{room.id}", _("已登记会议室。"))


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show one room."""
    room = queries.venue_kept(visit.db, visit.actor, visit.number("venue"))
    ahead = queries.closures(visit.db, room, visit.at)
    return render(visit, "meetings/venue.html", room=room, closures=ahead)


@page(may_enter=holding(Power.CONVENE))
def edit(visit: Visit) -> Response:
    """Change it."""
    room = queries.venue_kept(visit.db, visit.actor, visit.number("venue"))
    form = read(VenueForm, visit.form)
    actions.edit_venue(visit.db, visit.actor, room, _values(form), form.version)
    return redirect(f"/venues/{room.id}", _("会议室信息已保存。"))


@page(may_enter=holding(Power.CONVENE))
def close(visit: Visit) -> Response:
    """Note that it is not to be had."""
    room = queries.venue_kept(visit.db, visit.actor, visit.number("venue"))
    form = read(ClosureForm, visit.form)
    actions.close_venue(visit.db, visit.actor, room, *form.span, form.reason)
    return redirect(f"/venues/{room.id}", _("已登记停用时间。受影响的会议会在排会页面标出。"))


@page(may_enter=holding(Power.CONVENE))
def reopen(visit: Visit) -> Response:
    """Take that back."""
    room = queries.venue_kept(visit.db, visit.actor, visit.number("venue"))
    actions.reopen_venue(visit.db, visit.actor, room, visit.number("closure"))
    return redirect(f"/venues/{room.id}", _("停用时间已删除。"))


def _values(form: VenueForm) -> dict[str, Any]:
    longitude, latitude = form.longitude, form.latitude
    if longitude is not None and latitude is not None:
        ((east, north),) = to_wgs84(np.array([[longitude, latitude]]), crs_of(form.crs))
        longitude, latitude = round(float(east), 6), round(float(north), 6)
    return {
        "name": form.name,
        "address": form.address or None,
        "longitude": longitude,
        "latitude": latitude,
        "capacity": form.capacity,
    }


routes = [
    Route("/planning/venues/{code}", show_all),
    Route("/planning/venues/{code}", add, methods=["POST"]),
    Route("/venues/{venue:int}", show),
    Route("/venues/{venue:int}", edit, methods=["POST"]),
    Route("/venues/{venue:int}/closures", close, methods=["POST"]),
    Route("/venues/{venue:int}/closures/{closure:int}/delete", reopen, methods=["POST"]),
]
