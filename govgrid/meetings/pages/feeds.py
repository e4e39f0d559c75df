"""My calendar addresses: own meetings, those of an area, those of a unit."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import NotFound
from govgrid.grid.models import Area
from govgrid.meetings import links
from govgrid.meetings.actions import feeds
from govgrid.meetings.forms import FeedForm
from govgrid.meetings.models import FeedLink, Unit
from govgrid.meetings.queries.feeds import link_of, offered, own_links
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import page, redirect, signed_in
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show the actor's addresses, and what else there is to subscribe to."""
    held = own_links(visit.db, visit.actor)
    areas, units = offered(visit.db, visit.actor)
    have = {(one.area_id, one.unit_id) for one in held}
    own = next((one for one in held if not (one.area_id or one.unit_id)), None)
    return render(
        visit,
        "meetings/me.html",
        own=own,
        others=[one for one in held if one is not own],
        address={one.id: _address(visit, one) for one in held},
        areas=[one for one in areas if (one.id, None) not in have],
        units=[one for one in units if (None, one.id) not in have],
    )


@page(may_enter=signed_in)
def renew_own(visit: Visit) -> Response:
    """Give a new address of one's own meetings."""
    feeds.renew_feed(visit.db, visit.actor)
    return redirect("/me", _("日历订阅地址已更新，旧地址已停用。"))


@page(may_enter=signed_in)
def subscribe(visit: Visit) -> Response:
    """Give an address of the meetings of an area or unit that the actor sees."""
    kind, _dash, number = read(FeedForm, visit.form).place.partition("-")
    areas, units = offered(visit.db, visit.actor, **{kind: int(number)})
    places: list[Area | Unit] = [*areas, *units]
    if not places:
        raise NotFound("该范围不存在，或不在您的职责范围内。")
    feeds.subscribe(visit.db, visit.actor, places[0])
    return redirect("/me", _("已生成“%(name)s”的订阅地址。", name=places[0].name))


@page(may_enter=signed_in)
def renew(visit: Visit) -> Response:
    """Give another address in place of one."""
    feeds.renew(visit.db, visit.actor, _link(visit))
    return redirect("/me", _("日历订阅地址已更新，旧地址已停用。"))


@page(may_enter=signed_in)
def revoke(visit: Visit) -> Response:
    """Take an address away."""
    feeds.revoke(visit.db, visit.actor, _link(visit))
    return redirect("/me", _("订阅地址已停用。"))


def _link(visit: Visit) -> FeedLink:
    return link_of(visit.db, visit.actor, visit.number("link"))


def _address(visit: Visit, link: FeedLink) -> str:
    token = links.token(visit.settings.secret, link.nonce)
    return f"{visit.settings.public_url}/feeds/{token}.ics"


_ONE = "/me/calendars/{link:int}"
routes = [
    Route("/me", show),
    Route("/me/calendar", renew_own, methods=["POST"]),
    Route("/me/calendars", subscribe, methods=["POST"]),
    Route(_ONE + "/renew", renew, methods=["POST"]),
    Route(_ONE + "/revoke", revoke, methods=["POST"]),
]
