"""Tokens of the interface: which there are, a new one shown once, an old one revoked."""

from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.accounts.actions.tokens import make_token, revoke_token
from govgrid.accounts.forms import TokenForm
from govgrid.accounts.queries.tokens import area_to_connect, token_seen, tokens
from govgrid.accounts.rules import Scope
from govgrid.grid.queries import starts
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.CONNECT))
def show(visit: Visit) -> Response:
    """List the tokens, and offer a new one."""
    own = starts(visit.db, visit.actor)
    return render(
        visit,
        "accounts/tokens.html",
        scopes=Scope,
        area=own[0].code if own else "",
        **stretch(visit, partial(tokens, visit.db, visit.actor)),
    )


@page(may_enter=holding(Power.CONNECT))
def make(visit: Visit) -> Response:
    """Make a token and show it, this once."""
    form = read(TokenForm, visit.form)
    area = area_to_connect(visit.db, visit.actor, form.area)
    made, text = make_token(
        visit.db, visit.actor, area, form.name, form.scopes, form.days, at=visit.at
    )
    return render(visit, "accounts/token.html", token=made, area=area, text=text)


@page(may_enter=holding(Power.CONNECT))
def revoke(visit: Visit) -> Response:
    """Revoke it."""
    token = token_seen(visit.db, visit.actor, visit.number("token"))
    revoke_token(visit.db, visit.actor, token, at=visit.at)
    return redirect("/tokens", _("接口令牌已停用。"))


routes = [
    Route("/tokens", show),
    Route("/tokens", make, methods=["POST"]),
    Route("/tokens/{token:int}/revoke", revoke, methods=["POST"]),
]
