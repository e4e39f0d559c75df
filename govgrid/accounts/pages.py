"""Sign in, sign out, change the password, choose the language."""

from pydantic import Field
from starlette.responses import Response
from starlette.routing import Route

from govgrid.accounts import actions
from govgrid.accounts.rules import DemoSignIn
from govgrid.accounts.throttle import Throttle
from govgrid.web.forms import Form, read
from govgrid.web.language import LANGUAGES
from govgrid.web.language import gettext as _
from govgrid.web.page import anyone, page, redirect, with_account
from govgrid.web.render import render
from govgrid.web.visit import Visit, session_cookie


class SignInForm(Form):
    login: str = Field(title="登录名", min_length=1, max_length=40)
    password: str = Field(title="密码", min_length=1, max_length=128)
    next: str = "/"


class PasswordForm(Form):
    old: str = Field(title="原密码", min_length=1, max_length=128)
    new: str = Field(title="新密码", min_length=1, max_length=128)


class LanguageForm(Form):
    language: str
    next: str = "/"


@page(may_enter=anyone)
def door(visit: Visit) -> Response:
    """Show the sign-in form; in the demo with the ways in."""
    if visit.visitor is not None:
        return redirect("/")
    known: list[DemoSignIn] = getattr(visit.request.app.state, "demo_sign_ins", [])
    return render(
        visit,
        "accounts/sign_in.html",
        target=_inside(visit.query("next", "/")),
        known=known if visit.settings.demo else [],
        demo_password=getattr(visit.request.app.state, "demo_password", ""),
    )


@page(may_enter=anyone, own_transactions=True)
def enter(visit: Visit) -> Response:
    """Sign in; the session's name is new, so nobody can have planted it."""
    form = read(SignInForm, visit.form)
    name = session_cookie(visit.settings)
    address = visit.request.client.host if visit.request.client else ""
    throttle: Throttle = visit.request.app.state.throttle
    with throttle.watching(address, visit.at):
        token = actions.sign_in(
            visit.house.database,
            form.login,
            form.password,
            at=visit.at,
            before=visit.request.cookies.get(name, ""),
        )
    response = redirect(_inside(form.next))
    response.set_cookie(
        name,
        token,
        httponly=True,
        samesite="lax",
        secure=visit.settings.secure,
        max_age=int(visit.settings.session.total_seconds()),
    )
    return response


@page(may_enter=with_account)
def leave(visit: Visit) -> Response:
    """Sign out."""
    name = session_cookie(visit.settings)
    actions.sign_out(visit.db, visit.actor, visit.request.cookies.get(name, ""))
    response = redirect("/sign-in", _("您已退出登录。"))
    response.delete_cookie(name, secure=visit.settings.secure, httponly=True)
    return response


@page(may_enter=with_account)
def password(visit: Visit) -> Response:
    """Show the form for a new password."""
    return render(visit, "accounts/password.html")


@page(may_enter=with_account, own_transactions=True)
def change_password(visit: Visit) -> Response:
    """Set a new password."""
    form = read(PasswordForm, visit.form)
    token = visit.request.cookies.get(session_cookie(visit.settings), "")
    actions.change_password(
        visit.house.database, visit.actor, form.old, form.new, token, at=visit.at
    )
    return redirect("/", _("密码已修改，其他设备上的登录已退出。"))


@page(may_enter=anyone)
def choose_language(visit: Visit) -> Response:
    """Remember the language in a cookie."""
    form = read(LanguageForm, visit.form)
    response = redirect(_inside(form.next))
    if form.language in LANGUAGES:
        response.set_cookie(
            "language", form.language, max_age=365 * 86400, httponly=True, samesite="lax"
        )
    return response


def _inside(target: str) -> str:
    """Return the address when it is one of ours: a sign-in must not lead away."""
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and target.isprintable() else "/"


routes = [
    Route("/sign-in", door),
    Route("/sign-in", enter, methods=["POST"]),
    Route("/sign-out", leave, methods=["POST"]),
    Route("/password", password),
    Route("/password", change_password, methods=["POST"]),
    Route("/language", choose_language, methods=["POST"]),
]
