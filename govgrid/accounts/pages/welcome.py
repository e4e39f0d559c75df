"""The page behind a one-time link: whoever was invited sets a password."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.accounts.actions.keeping import accept
from govgrid.accounts.forms import WelcomeForm
from govgrid.accounts.queries import invited
from govgrid.errors import Invalid
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import anyone, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=anyone)
def show(visit: Visit) -> Response:
    """Ask for a password; opening the link changes nothing."""
    found = invited(visit.db, visit.path("token"), visit.at)
    return render(visit, "accounts/welcome.html", invitation=found, token=visit.path("token"))


@page(may_enter=anyone, own_transactions=True)
def set_password(visit: Visit) -> Response:
    """Set the password; the link is used up."""
    token = visit.path("token")
    invited(visit.db, token, visit.at)
    form = read(WelcomeForm, visit.form)
    if form.new != form.again:
        different = Invalid("两次输入的密码不一致。")
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={"again": different}, n=1)
    accept(visit.house.database, token, form.new, at=visit.at)
    return redirect("/sign-in", _("密码已设置，请用登录名和新密码登录。"))


routes = [
    Route("/welcome/{token}", show),
    Route("/welcome/{token}", set_password, methods=["POST"]),
]
