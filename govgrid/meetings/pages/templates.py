"""The standing items of agendas: of a street's, a community's or one unit's."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.meetings.actions import templates
from govgrid.meetings.forms import StandingForm
from govgrid.meetings.models import AgendaKind, AreaSettings, Kind, Unit
from govgrid.meetings.queries import settings
from govgrid.meetings.rules.agenda import MOST_STANDING, template
from govgrid.meetings.rules.settings import HEARD, Setup, Standing
from govgrid.meetings.settings_forms import KindForm
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit

FREE = 2  # empty rows below the standing items
OFFERED = tuple(kind for kind in AgendaKind if kind is not AgendaKind.CARRY_OVER)


@page(may_enter=holding(Power.CONVENE))
def show_area(visit: Visit) -> Response:
    """Show the standing items of an area's agendas."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    kind = read(KindForm, visit.request.query_params).kind
    row = settings.settings_row(visit.db, area, kind)
    setup = settings.setup_of_area(visit.db, area, kind)
    return render(
        visit,
        "meetings/standing.html",
        name=area.name,
        area=area,
        back=f"/planning/settings/{area.code}?kind={kind}",
        here=f"/planning/settings/{area.code}/agenda",
        tabs=Kind,
        **_context(kind, row, setup),
    )


@page(may_enter=holding(Power.CONVENE))
def set_area(visit: Visit) -> Response:
    """Set them."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    form = read(StandingForm, visit.form)
    setup = settings.setup_of_area(visit.db, area, form.joint)
    templates.set_agenda_of_area(
        visit.db, visit.actor, area, form.joint, _items(form, setup), form.version
    )
    here = f"/planning/settings/{area.code}/agenda?kind={form.joint}"
    return redirect(here, _("议程模板已保存，今后排定的会议按新模板生成议程。"))


@page(may_enter=holding(Power.CONVENE))
def show_unit(visit: Visit) -> Response:
    """Show the standing items of one unit's agendas."""
    unit = settings.kept_unit(visit.db, visit.actor, visit.number("unit"))
    return render(
        visit,
        "meetings/standing.html",
        name=unit.name,
        area=unit.community,
        back=f"/units/{unit.id}/settings",
        here=f"/units/{unit.id}/agenda",
        tabs=None,
        **_context(unit.kind, unit, settings.setup_of_unit(visit.db, unit)),
    )


@page(may_enter=holding(Power.CONVENE))
def set_unit(visit: Visit) -> Response:
    """Set them."""
    unit = settings.kept_unit(visit.db, visit.actor, visit.number("unit"))
    form = read(StandingForm, visit.form)
    setup = settings.setup_of_unit(visit.db, unit)
    templates.set_agenda_of_unit(visit.db, visit.actor, unit, _items(form, setup), form.version)
    told = _("议程模板已保存，今后排定的会议按新模板生成议程。")
    return redirect(f"/units/{unit.id}/agenda", told)


def _items(form: StandingForm, setup: Setup) -> list[Standing] | None:
    return template(setup.kind, form.rows, setup.minutes_long) if form.own else None


def _context(kind: Kind, row: AreaSettings | Unit | None, setup: Setup) -> dict[str, Any]:
    return {
        "kind": kind,
        "own": row is not None and row.agenda is not None,
        "items": setup.agenda,
        "empty": range(min(FREE, MOST_STANDING - len(setup.agenda))),
        "source": setup.sources["agenda"],
        "length": setup.minutes_long,
        "total": sum(item.minutes for item in setup.agenda),
        "offered": OFFERED,
        "heard": [one for one in AgendaKind if one in HEARD[kind]],
        "version": row.version if row else 0,
    }


routes = [
    Route("/planning/settings/{code}/agenda", show_area),
    Route("/planning/settings/{code}/agenda", set_area, methods=["POST"]),
    Route("/units/{unit:int}/agenda", show_unit),
    Route("/units/{unit:int}/agenda", set_unit, methods=["POST"]),
]
