"""The door: sign in by password or identity provider, the second factor, out, the language."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import segno
from starlette.responses import Response
from starlette.routing import Route

from govgrid.accounts import actions, factor, seals
from govgrid.accounts.actions.factor import prove_code, set_up_waiting
from govgrid.accounts.actions.sessions import Client, sign_in_as
from govgrid.accounts.forms import CodeForm, LanguageForm, SignInForm
from govgrid.accounts.models import Account
from govgrid.accounts.oidc import WAITS, Provider, Trip
from govgrid.accounts.queries import awaiting
from govgrid.accounts.rules import CODE_WAITS, DemoSignIn
from govgrid.accounts.throttle import Throttle
from govgrid.errors import NotFound
from govgrid.web.forms import read
from govgrid.web.language import LANGUAGES
from govgrid.web.language import gettext as _
from govgrid.web.page import anyone, page, redirect, with_account
from govgrid.web.render import render
from govgrid.web.visit import SESSION, Visit

TRIP = "trip"
"""Cookie with what a browser must bring back from the identity provider."""


@page(may_enter=anyone)
def door(visit: Visit) -> Response:
    """Show the sign-in form; in the demo with the ways in."""
    if visit.visitor is not None and not visit.query("again"):
        return redirect("/")
    known: list[DemoSignIn] = getattr(visit.request.app.state, "demo_sign_ins", [])
    return render(
        visit,
        "accounts/sign_in.html",
        target=inside(visit.query("next", "/")),
        known=known if visit.settings.demo else [],
        demo_password=getattr(visit.request.app.state, "demo_password", ""),
    )


@page(may_enter=anyone, own_transactions=True)
def enter(visit: Visit) -> Response:
    """Sign in; the session's name is new, so nobody can have planted it."""
    form = read(SignInForm, visit.form)
    with _throttle(visit).watching(client_of(visit).address, visit.at):
        token = actions.sign_in(
            visit.house.database,
            form.login,
            form.password,
            at=visit.at,
            before=session_of(visit),
            client=client_of(visit),
        )
    return _entered(visit, token, inside(form.next))


@page(may_enter=anyone)
def ask_code(visit: Visit) -> Response:
    """Ask for the second factor, or show an administrator how to set it up."""
    account = awaiting(visit.db, session_of(visit), visit.at)
    if account is None:
        return redirect("/sign-in")
    target = inside(visit.query("next", "/"))
    if account.secret is not None:
        return render(visit, "accounts/code.html", target=target)
    return render(visit, "accounts/set_up.html", target=target, **offer(visit, account))


@page(may_enter=anyone, own_transactions=True)
def prove(visit: Visit) -> Response:
    """Take the code, and open the session that waited for it."""
    form, database, client = read(CodeForm, visit.form), visit.house.database, client_of(visit)
    before = session_of(visit)
    with _throttle(visit).watching(client.address, visit.at):
        if not form.offer:
            token = prove_code(database, before, form.code, at=visit.at, client=client)
            return _entered(visit, token, inside(form.next))
        token, codes = set_up_waiting(
            database, before, offered(visit, form.offer), form.code, at=visit.at, client=client
        )
    response = render(visit, "accounts/recovery.html", codes=codes, target=inside(form.next))
    keep(visit, response, token)
    return response


@page(may_enter=anyone)
def go_to_provider(visit: Visit) -> Response:
    """Send the browser to the identity provider, with a note of what it must bring back."""
    trip = Trip.begin()
    response = redirect(_provider(visit).way(trip, visit.at))
    values = {
        "state": trip.state, "nonce": trip.nonce, "verifier": trip.verifier,
        "next": inside(visit.query("next", "/")),
    }  # fmt: skip
    response.set_cookie(
        TRIP,
        seals.note(visit.settings.secret, values, visit.at),
        httponly=True,
        samesite="lax",
        max_age=int(WAITS.total_seconds()),
    )
    return response


@page(may_enter=anyone, own_transactions=True)
def come_back(visit: Visit) -> Response:
    """Sign in whom the provider vouches for."""
    carried = visit.request.cookies.get(TRIP, "")
    values = seals.read_note(visit.settings.secret, carried, visit.at, WAITS)
    target = values.pop("next")
    identity = _provider(visit).identity(
        Trip(**values), visit.query("state"), visit.query("code"), visit.at
    )
    token = sign_in_as(
        visit.house.database,
        identity.login,
        identity.subject,
        at=visit.at,
        before=session_of(visit),
        client=client_of(visit),
    )
    response = _entered(visit, token, target)
    response.delete_cookie(TRIP, httponly=True)
    return response


@page(may_enter=with_account)
def leave(visit: Visit) -> Response:
    """Sign out."""
    actions.sign_out(visit.db, visit.actor, session_of(visit))
    response = redirect("/sign-in", _("您已退出登录。"))
    response.delete_cookie(SESSION, httponly=True)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@page(may_enter=anyone)
def choose_language(visit: Visit) -> Response:
    """Remember the language in a cookie."""
    form = read(LanguageForm, visit.form)
    response = redirect(inside(form.next))
    if form.language in LANGUAGES:
        response.set_cookie(
            "language",
            form.language,
            max_age=365 * 86400,
            httponly=True,
            samesite="lax",
        )
    return response


def inside(target: str) -> str:
    """Return the address when it is one of ours: a sign-in must not lead away."""
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and target.isprintable() else "/"


def session_of(visit: Visit) -> str:
    """Return the token of this browser's session."""
    return visit.request.cookies.get(SESSION, "")


def client_of(visit: Visit) -> Client:
    """Return from where this visit comes."""
    address = visit.request.client.host if visit.request.client else ""
    return Client(address, visit.request.headers.get("user-agent", ""))


def keep(visit: Visit, response: Response, token: str) -> None:
    """Leave the session in the browser."""
    response.set_cookie(
        SESSION,
        token,
        httponly=True,
        samesite="lax",
        max_age=int(visit.settings.session.total_seconds()),
    )


def offer(visit: Visit, account: Account) -> dict[str, Any]:
    """Return a new secret as text, QR code and sealed note for the form that proves it."""
    secret = factor.new_secret()
    code = segno.make(factor.address(secret, account.login), error="m")
    sealed = seals.note(visit.settings.secret, {"secret": secret}, visit.at)
    return {"secret": secret, "code": code.svg_data_uri(scale=5, border=2), "offer": sealed}


def offered(visit: Visit, note: str) -> str:
    """Return the secret that the form carried."""
    return seals.read_note(visit.settings.secret, note, visit.at, CODE_WAITS)["secret"]


def _entered(visit: Visit, token: str, target: str) -> Response:
    waits = _waits(visit, token, visit.at)
    response = redirect(f"/sign-in/code?{urlencode({'next': target})}" if waits else target)
    keep(visit, response, token)
    return response


def _waits(visit: Visit, token: str, at: datetime) -> bool:
    with visit.house.database.reading() as db:
        return awaiting(db, token, at) is not None


def _throttle(visit: Visit) -> Throttle:
    throttle: Throttle = visit.request.app.state.throttle
    return throttle


def _provider(visit: Visit) -> Provider:
    if not visit.settings.oidc_issuer:
        raise NotFound("页面不存在，请检查地址，或从上方导航重新进入。")
    provider: Provider = visit.request.app.state.provider
    return provider


routes = [
    Route("/sign-in", door),
    Route("/sign-in", enter, methods=["POST"]),
    Route("/sign-in/code", ask_code),
    Route("/sign-in/code", prove, methods=["POST"]),
    Route("/sign-in/oidc", go_to_provider),
    Route("/sign-in/oidc/back", come_back),
    Route("/sign-out", leave, methods=["POST"]),
    Route("/language", choose_language, methods=["POST"]),
]
