"""The administrators' pages of accounts: list, invite, new link, lock, unlock, lost factor."""

import segno
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Office
from govgrid.accounts import actions
from govgrid.accounts.actions.keeping import Issued, clear_factor, invite, renew_link
from govgrid.accounts.forms import InviteForm
from govgrid.accounts.letters import link
from govgrid.accounts.queries.accounts import (
    State,
    account_line,
    accounts,
    count_accounts,
    without_account,
)
from govgrid.web.forms import read
from govgrid.web.house import serving
from govgrid.web.language import gettext as _
from govgrid.web.page import page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit

keepers = serving(Office.SYSTEM, Office.SECURITY)
TONES = {State.OPEN: "good", State.INVITED: "info", State.BARRED: "warn", State.LOCKED: "bad"}


@page(may_enter=keepers)
def show_all(visit: Visit) -> Response:
    """List the accounts, found by login, name or officer number."""
    text = visit.query("text")[:40]
    paging = paging_of(visit, count_accounts(visit.db, text))
    lines = accounts(visit.db, text, at=visit.at, offset=paging.offset, limit=paging.size)
    return render(
        visit, "accounts/list.html", lines=lines, paging=paging, text=text, tones=TONES,
        invites=visit.actor.office is Office.SYSTEM,
    )  # fmt: skip


@page(may_enter=keepers)
def show(visit: Visit) -> Response:
    """Show one account with what this administrator may do to it."""
    line = account_line(visit.db, visit.number("account"), visit.at)
    return render(visit, "accounts/account.html", line=line, tones=TONES, Office=Office)


@page(may_enter=serving(Office.SYSTEM))
def choose(visit: Visit) -> Response:
    """Find officers without an account, to invite them."""
    text = visit.query("text")[:40]
    found = without_account(visit.db, text)
    return render(visit, "accounts/invite.html", text=text, officers=found)


@page(may_enter=serving(Office.SYSTEM))
def send_invitation(visit: Visit) -> Response:
    """Make the account; show the link where no letter carries it."""
    form = read(InviteForm, visit.form)
    return _issued(visit, invite(visit.db, visit.actor, form.officer, form.login, at=visit.at))


@page(may_enter=serving(Office.SYSTEM))
def send_again(visit: Visit) -> Response:
    """Take the password away and make a new link."""
    number = visit.number("account")
    return _issued(visit, renew_link(visit.db, visit.actor, number, at=visit.at))


@page(may_enter=serving(Office.SECURITY))
def lock(visit: Visit) -> Response:
    """Shut the account."""
    account = account_line(visit.db, visit.number("account"), visit.at).account
    actions.lock_account(visit.db, visit.actor, account.login, at=visit.at)
    return redirect(f"/accounts/{account.id}", _("账号已停用，其所有登录已退出。"))


@page(may_enter=serving(Office.SECURITY))
def unlock(visit: Visit) -> Response:
    """Open the account again."""
    account = account_line(visit.db, visit.number("account"), visit.at).account
    actions.unlock_account(visit.db, visit.actor, account.login)
    return redirect(f"/accounts/{account.id}", _("账号已恢复使用。"))


@page(may_enter=serving(Office.SECURITY))
def clear(visit: Visit) -> Response:
    """Drop a lost second factor."""
    account = account_line(visit.db, visit.number("account"), visit.at).account
    clear_factor(visit.db, visit.actor, account.login)
    return redirect(f"/accounts/{account.id}", _("二次验证已清除，其所有登录已退出。"))


def _issued(visit: Visit, issued: Issued) -> Response:
    address = "" if issued.mailed else link(visit.settings, issued.token)
    code = segno.make(address, error="m").svg_data_uri(scale=5, border=2) if address else ""
    return render(visit, "accounts/issued.html", issued=issued, address=address, code=code)


_ONE = "/accounts/{account:int}"
routes = [
    Route("/accounts", show_all),
    Route("/accounts/invite", choose),
    Route("/accounts/invite", send_invitation, methods=["POST"]),
    Route(_ONE, show),
    Route(_ONE + "/link", send_again, methods=["POST"]),
    Route(_ONE + "/lock", lock, methods=["POST"]),
    Route(_ONE + "/unlock", unlock, methods=["POST"]),
    Route(_ONE + "/factor/clear", clear, methods=["POST"]),
]
