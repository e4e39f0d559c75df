"""The one-click page 一键响应 behind a district's QR code: no account, a receipt code."""

from datetime import timedelta

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from govgrid.cases.actions.receiving import Received, receipt_of, receive_from_resident
from govgrid.cases.forms import OneClickForm
from govgrid.cases.models import Source
from govgrid.cases.queries.intake import compound_of, compounds_named, district_of, in_district
from govgrid.cases.rules import CATEGORIES, CaseState, states
from govgrid.grid.models import Area
from govgrid.origin import origin
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.limits import SharedLimit, sender
from govgrid.web.page import anyone, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit

LAST = "compound"
"""Cookie with the compound of this browser's last complaint."""


@page(may_enter=anyone)
def show(visit: Visit) -> Response:
    """Find one's compound by a few characters, then choose, write and send."""
    district = _district(visit)
    text, code = visit.query("q")[:40], visit.query("compound")[:40]
    last = "" if code or text else visit.request.cookies.get(LAST, "")[:40]
    within = in_district(district)
    return render(
        visit,
        "cases/one_click.html",
        district=district,
        text=text,
        found=compounds_named(visit.db, district, text),
        chosen=compound_of(visit.db, code, within) if code else None,
        last=compound_of(visit.db, last, within) if last else None,
        categories=CATEGORIES,
    )


@page(may_enter=anyone, own_transactions=True)
def send(visit: Visit) -> Response:
    """Take it in, unless too much came from this address."""
    district = _district(visit)
    visit.db.rollback()  # SQLite: whoever writes must not read beside it
    limit_of(visit).take(sender(origin() or ""), visit.at)
    form = read(OneClickForm, visit.form)
    received = Received(Source.ONE_CLICK, form.category, form.compound, visit.at, form.content)
    with visit.house.database.writing() as db:
        code = receive_from_resident(db, district, received, form.phone, at=visit.at)
    answer = redirect(f"/q/{district.code}/{code}", _("已收到，请记下查询码。"))
    answer.set_cookie(LAST, form.compound, max_age=180 * 86400, httponly=True, samesite="lax")
    return answer


@page(may_enter=anyone)
def look_up(visit: Visit) -> Response:
    """Go to the state of the complaint whose code was typed."""
    code = "".join(c for c in visit.query("code").upper() if c.isascii() and c.isalnum())
    return redirect(f"/q/{_district(visit).code}/{code[:20] or '-'}")


@page(may_enter=anyone)
def state(visit: Visit) -> Response:
    """Tell how a complaint stands to whoever has its code, and nothing else."""
    district = _district(visit)
    code = visit.path("code")
    case = receipt_of(visit.db, district, code)
    return render(
        visit,
        "cases/receipt.html",
        district=district,
        code=code.upper(),
        case=case,
        closed=not {CaseState.OPEN, CaseState.OVERDUE}.intersection(states(case, visit.at)),
    )


def limit_of(visit: Visit) -> SharedLimit:
    """Return the installation's count of complaints by address."""
    app: Starlette = visit.request.app
    if not hasattr(app.state, "one_click"):
        most, hour = visit.settings.one_click_hourly, timedelta(hours=1)
        app.state.one_click = SharedLimit(most, hour, visit.house.database)
    found: SharedLimit = app.state.one_click
    return found


def _district(visit: Visit) -> Area:
    return district_of(visit.db, visit.path("district"))


routes = [
    Route("/q/{district}", show),
    Route("/q/{district}", send, methods=["POST"]),
    Route("/q/{district}/state", look_up),
    Route("/q/{district}/{code}", state),
]
