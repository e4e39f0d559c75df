"""Take a complaint in by hand, and look up the phone that a resident left."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.actions.receiving import Received, receive, uncover_phone
from govgrid.cases.forms import CaseForm, ReasonForm
from govgrid.cases.models import Source
from govgrid.cases.queries import case_seen
from govgrid.cases.queries.intake import compound_of, own, own_compounds_named, receipt_seen
from govgrid.cases.rules import CATEGORIES
from govgrid.errors import NotFound
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.language import local
from govgrid.web.page import holding, page, redirect, with_post
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.RECEIVE))
def choose(visit: Visit) -> Response:
    """Find the compound, then show the form for it."""
    text, code = visit.query("q")[:40], visit.query("compound")[:40]
    return render(
        visit,
        "cases/new.html",
        text=text,
        found=own_compounds_named(visit.db, visit.actor, text),
        chosen=compound_of(visit.db, code, own(visit.actor)) if code else None,
        sources=[(source.value, _(source.word)) for source in Source],
        categories=CATEGORIES,
        now=f"{local(visit.at):%Y-%m-%dT%H:%M}",
    )


@page(may_enter=holding(Power.RECEIVE))
def add(visit: Visit) -> Response:
    """Take it in."""
    form = read(CaseForm, visit.form)
    received = Received(form.source, form.category, form.compound, form.received_at, form.content)
    case = receive(visit.db, visit.actor, received, at=visit.at).case
    return redirect(f"/cases/{case.number}", _("已受理，工单编号 %(number)s。", number=case.number))


@page(may_enter=with_post)
def show_phone(visit: Visit) -> Response:
    """Show the phone that the resident left, masked."""
    case = case_seen(visit.db, visit.actor, visit.path("number"))
    try:
        phone = receipt_seen(visit.db, visit.actor, case).phone
    except NotFound:
        phone = None
    return render(visit, "cases/phone.html", case=case, phone=phone, uncovered=False)


@page(may_enter=with_post)
def uncover(visit: Visit) -> Response:
    """Show it in full once, for a reason that the journal keeps."""
    case = case_seen(visit.db, visit.actor, visit.path("number"))
    receipt = receipt_seen(visit.db, visit.actor, case)
    phone = uncover_phone(visit.db, visit.actor, receipt, read(ReasonForm, visit.form).reason)
    return render(visit, "cases/phone.html", case=case, phone=phone, uncovered=True)


routes = [
    Route("/cases/new", choose),
    Route("/cases/new", add, methods=["POST"]),
    Route("/cases/{number}/phone", show_phone),
    Route("/cases/{number}/phone", uncover, methods=["POST"]),
]
