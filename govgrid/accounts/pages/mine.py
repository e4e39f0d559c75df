"""My sign-ins: open sessions, the password, the second factor."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from govgrid.accounts import actions
from govgrid.accounts.actions.factor import give_up, renew_codes, set_up
from govgrid.accounts.actions.sessions import end_other_sessions, end_own_session
from govgrid.accounts.forms import CodeForm, PasswordForm
from govgrid.accounts.models import Account
from govgrid.accounts.pages.door import offer, offered, session_of
from govgrid.accounts.queries import MARK, codes_left, own_sessions, started_at, token_hash
from govgrid.accounts.rules import RECENT, device
from govgrid.errors import Conflict
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import page, redirect, with_account
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=with_account)
def show(visit: Visit) -> Response:
    """Show the person's own sessions and second factor."""
    account = visit.db.get_one(Account, visit.actor.account_id)
    return render(
        visit,
        "accounts/mine.html",
        account=account,
        sessions=own_sessions(visit.db, visit.settings, visit.actor, visit.at),
        here=token_hash(session_of(visit)),
        mark=MARK,
        device=device,
        codes=codes_left(visit.db, account.id),
    )


def after_signing_in(handler: Callable[[Visit], Response]) -> Callable[[Visit], Response]:
    """Let the handler answer whoever signed in just now; others are sent to do so once more.

    A browser left open must not be enough to shut its owner out.
    """

    @wraps(handler)
    def answer(visit: Visit) -> Response:
        begun = started_at(visit.db, session_of(visit))
        if begun is not None and visit.at - begun < RECENT:
            return handler(visit)
        told = _("请先重新登录以确认身份，然后再进行这项操作。")
        return redirect(f"/sign-in?again=1&next={quote(_MINE)}", told)

    return answer


@page(may_enter=with_account)
@after_signing_in
def end(visit: Visit) -> Response:
    """End one of the sessions."""
    end_own_session(visit.db, visit.actor, visit.path("mark"))
    return redirect("/me/sign-ins", _("该登录已退出。"))


@page(may_enter=with_account)
@after_signing_in
def end_others(visit: Visit) -> Response:
    """End all sessions but this one."""
    end_other_sessions(visit.db, visit.actor, session_of(visit))
    return redirect("/me/sign-ins", _("其他设备上的登录已全部退出。"))


@page(may_enter=with_account)
def password(visit: Visit) -> Response:
    """Show the form for a new password."""
    return render(visit, "accounts/password.html")


@page(may_enter=with_account, own_transactions=True)
def change_password(visit: Visit) -> Response:
    """Set a new password."""
    form = read(PasswordForm, visit.form)
    actions.change_password(
        visit.house.database, visit.actor, form.old, form.new, session_of(visit), at=visit.at
    )
    return redirect("/me/sign-ins", _("密码已修改，其他设备上的登录已退出。"))


@page(may_enter=with_account)
@after_signing_in
def show_factor(visit: Visit) -> Response:
    """Show how to set up the second factor."""
    account = visit.db.get_one(Account, visit.actor.account_id)
    if account.secret is not None:
        return redirect("/me/sign-ins", _("二次验证已经开启。"))
    return render(visit, "accounts/set_up.html", target="", **offer(visit, account))


@page(may_enter=with_account)
@after_signing_in
def set_up_factor(visit: Visit) -> Response:
    """Set up the second factor, and show the recovery codes once."""
    form = read(CodeForm, visit.form)
    account = visit.db.get_one(Account, visit.actor.account_id)
    if account.secret is not None:
        raise Conflict("二次验证已经开启，请刷新页面。")
    codes = set_up(visit.db, account, offered(visit, form.offer), form.code, at=visit.at)
    return render(visit, "accounts/recovery.html", codes=codes, target="/me/sign-ins")


@page(may_enter=with_account)
@after_signing_in
def new_codes(visit: Visit) -> Response:
    """Show fresh recovery codes once."""
    account = visit.db.get_one(Account, visit.actor.account_id)
    if account.secret is None:
        raise Conflict("尚未开启二次验证，请先开启。")
    codes = renew_codes(visit.db, visit.actor, account)
    return render(visit, "accounts/recovery.html", codes=codes, target="/me/sign-ins")


@page(may_enter=with_account)
def drop_factor(visit: Visit) -> Response:
    """Turn the second factor off, proved by a code."""
    form = read(CodeForm, visit.form)
    give_up(visit.db, visit.actor, form.code, at=visit.at)
    return redirect("/me/sign-ins", _("二次验证已关闭。"))


_MINE = "/me/sign-ins"
routes = [
    Route(_MINE, show),
    Route(_MINE + "/end-others", end_others, methods=["POST"]),
    Route(_MINE + "/{mark}/end", end, methods=["POST"]),
    Route("/password", password),
    Route("/password", change_password, methods=["POST"]),
    Route("/me/factor", show_factor),
    Route("/me/factor", set_up_factor, methods=["POST"]),
    Route("/me/factor/codes", new_codes, methods=["POST"]),
    Route("/me/factor/off", drop_factor, methods=["POST"]),
]
