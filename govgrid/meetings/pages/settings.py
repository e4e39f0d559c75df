"""Settings of a street, a community or a unit, each value with where it comes from."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power, Role
from govgrid.grid.models import Area, Level
from govgrid.grid.queries import crumbs
from govgrid.grid.queries.officers import ORDER
from govgrid.meetings.actions import bots as bot_actions
from govgrid.meetings.actions import settings as actions
from govgrid.meetings.models import AreaSettings, Kind, Part, Reminder, Unit
from govgrid.meetings.queries import bots as bot_queries
from govgrid.meetings.queries import settings
from govgrid.meetings.queries.units import who_meets
from govgrid.meetings.rules.settings import HALVES, SCOPES, Setup
from govgrid.meetings.settings_forms import BotForm, KindForm, SettingsForm
from govgrid.outbox import bots
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.words import N_
from govgrid.workdays import calendar as workday_calendar

WEEK = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
HALF_WORDS = {"am": N_("上午"), "pm": N_("下午"), "eve": N_("晚间")}


@page(may_enter=holding(Power.CONVENE))
def show_area(visit: Visit) -> Response:
    """Show what holds for an area's units."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    kind = read(KindForm, visit.request.query_params).kind
    row = settings.settings_row(visit.db, area, kind)
    setup = settings.setup_of_area(visit.db, area, kind)
    lacking = [m for m in who_meets(visit.db, area.path) if m.unit_id is None]
    return render(
        visit,
        "meetings/settings_area.html",
        area=area,
        lacking=len(lacking),
        alike=settings.likeable(visit.db, visit.actor, area),
        kinds=Kind,
        travels=area.level is Level.STREET,
        crumbs=crumbs(visit.db, visit.actor, area),
        **_bot(visit, area),
        **stretch(visit, _units(visit, area)),
        **_context(visit, area, kind, row, setup),
    )


def _bot(visit: Visit, area: Area) -> dict[str, Any]:
    own = bot_queries.own_bot(visit.db, area)
    found = bot_queries.speaker(visit.db, area)
    return {
        "bot": own,
        "bot_address": bots.masked(own.address) if own else "",
        "bot_area": found[1] if found else None,
        "bot_said": bot_queries.last_said(visit.db, own.name) if own else None,
    }


@page(may_enter=holding(Power.CONVENE))
def set_bot(visit: Visit) -> Response:
    """Give the area a group's bot."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    form = read(BotForm, visit.form)
    bot_actions.set_bot(visit.db, visit.actor, area, form.address, at=visit.at)
    return _back_to_bot(area, _("群机器人已保存。请发送测试消息，并在群里查看。"))


@page(may_enter=holding(Power.CONVENE))
def remove_bot(visit: Visit) -> Response:
    """Take it away."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    bot_actions.remove_bot(visit.db, visit.actor, area, at=visit.at)
    return _back_to_bot(area, _("群机器人已停用。"))


@page(may_enter=holding(Power.CONVENE))
def try_bot(visit: Visit) -> Response:
    """Send a test."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    bot_actions.try_bot(visit.db, visit.actor, area, at=visit.at)
    return _back_to_bot(area, _("测试消息已排队发送，请在群里查看。"))


def _back_to_bot(area: Area, notice: str) -> Response:
    return redirect(f"/planning/settings/{area.code}", notice)


def _units(visit: Visit, area: Area) -> Any:
    def units(offset: int, limit: int) -> tuple[list[Unit], int]:
        return settings.units_in(visit.db, visit.actor, area, offset=offset, limit=limit)

    return units


@page(may_enter=holding(Power.CONVENE))
def set_area(visit: Visit) -> Response:
    """Set them."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    form = read(SettingsForm, visit.form)
    actions.set_for_area(
        visit.db, visit.actor, area, form.kind, form.values(), form.version,
        calendar=workday_calendar(visit.db), today=visit.today,
    )  # fmt: skip
    return redirect(f"/planning/settings/{area.code}?kind={form.kind}", _("会议设置已保存。"))


@page(may_enter=holding(Power.CONVENE))
def register(visit: Visit) -> Response:
    """Make units of what meets by the settings."""
    area = settings.kept_area(visit.db, visit.actor, visit.path("code"))
    made = actions.register_units(visit.db, visit.actor, area)
    return redirect(f"/planning/settings/{area.code}", _("已登记 %(n)s 个会议单元。", n=len(made)))


@page(may_enter=holding(Power.CONVENE))
def show_unit(visit: Visit) -> Response:
    """Show what holds for one unit."""
    unit = settings.kept_unit(visit.db, visit.actor, visit.number("unit"))
    setup = settings.setup_of_unit(visit.db, unit)
    return render(
        visit,
        "meetings/settings_unit.html",
        unit=unit,
        alike=[],
        travels=False,
        **_context(visit, unit.community, unit.kind, unit, setup),
    )


@page(may_enter=holding(Power.CONVENE))
def set_unit(visit: Visit) -> Response:
    """Set it."""
    unit = settings.kept_unit(visit.db, visit.actor, visit.number("unit"))
    form = read(SettingsForm, visit.form)
    actions.set_for_unit(
        visit.db, visit.actor, unit, form.values(), form.version,
        calendar=workday_calendar(visit.db), today=visit.today,
    )  # fmt: skip
    return redirect(f"/units/{unit.id}/settings", _("会议设置已保存。"))


def _context(
    visit: Visit, area: Area, kind: Kind, row: AreaSettings | Unit | None, setup: Setup
) -> dict[str, Any]:
    rooms = settings.rooms_near(visit.db, area)
    return {
        "kind": kind,
        "own": row,
        "setup": setup,
        "rooms": rooms,
        "room": next((r for r in rooms if r.id == setup.venue_id), None),
        "week": WEEK,
        "halves": HALVES,
        "half_words": HALF_WORDS,
        "roles": [role for role in ORDER if role is not Role.HEAD_OFFICE],
        "Part": Part,
        "Reminder": Reminder,
        "scopes": SCOPES[kind],
        "version": row.version if row else 0,
    }


routes = [
    Route("/planning/settings/{code}", show_area),
    Route("/planning/settings/{code}", set_area, methods=["POST"]),
    Route("/planning/settings/{code}/units", register, methods=["POST"]),
    Route("/planning/settings/{code}/bot", set_bot, methods=["POST"]),
    Route("/planning/settings/{code}/bot/remove", remove_bot, methods=["POST"]),
    Route("/planning/settings/{code}/bot/test", try_bot, methods=["POST"]),
    Route("/units/{unit:int}/settings", show_unit),
    Route("/units/{unit:int}/settings", set_unit, methods=["POST"]),
]
