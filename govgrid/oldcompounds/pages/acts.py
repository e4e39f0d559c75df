"""Pages of acts: what was imported and taken over at once, and taking it back."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.oldcompounds.actions import undo_act
from govgrid.oldcompounds.forms import UndoForm
from govgrid.oldcompounds.queries import act_covered, acts_page
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page
from govgrid.web.paging import paging_of
from govgrid.web.render import redirect, render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.COVER))
def show_acts(visit: Visit) -> Response:
    """List the imports and takeovers of the actor's areas, the latest first."""
    _lines, total = acts_page(visit.db, visit.actor, limit=1)
    paging = paging_of(visit, total, 20)
    lines, _total = acts_page(visit.db, visit.actor, offset=paging.offset, limit=paging.size)
    return render(visit, "oldcompounds/acts.html", lines=lines, paging=paging)


@page(may_enter=holding(Power.COVER))
def undo(visit: Visit) -> Response:
    """Take an act back as a whole."""
    act, _places = act_covered(visit.db, visit.actor, visit.number("act"))
    form = read(UndoForm, visit.form)
    undo_act(visit.db, visit.actor, act.id, reason=form.reason, at=visit.at)
    return redirect("/coverage-acts", notice=_("已整体撤回，各小区的管理方式恢复到此前的记录。"))


routes = [
    Route("/coverage-acts", show_acts, methods=["GET"]),
    Route("/coverage-acts/{act:int}/undo", undo, methods=["POST"]),
]
