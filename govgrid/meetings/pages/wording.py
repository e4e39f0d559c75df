"""Edit what minutes say beside the meeting's records; a correction; the house's style."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.meetings import drafting
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.actions.wording import set_house, write
from govgrid.meetings.minutes_forms import HouseForm, WordsForm
from govgrid.meetings.models import Attendance, MinutesStage, Retention
from govgrid.meetings.pages.minutes import chosen
from govgrid.meetings.queries import minutes as queries
from govgrid.meetings.queries.settings import kept_area
from govgrid.meetings.rules.minutes import MOST_ANNEXES, House
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show the form."""
    one = chosen(visit)
    may_convene(visit.actor, one.meeting.community.path)
    if one.minutes.stage is MinutesStage.SIGNED:
        told = _("纪要已签发，不能再修改。如有错误，请起草更正版。")
        return redirect(f"/meetings/{one.meeting.id}/minutes", told)
    record = drafting.drafted(visit.db, one.meeting, one.minutes)
    annexes = [(a["title"], "\n".join(a["text"])) for a in record["annexes"]]
    return render(
        visit,
        "meetings/minutes_edit.html",
        meeting=one.meeting,
        minutes=one.minutes,
        record=record,
        annexes=[*annexes, ("", "")][:MOST_ANNEXES],
        retentions=[(r.value, _(r.word)) for r in Retention],
        came=[(a.value, _(a.word)) for a in Attendance],
    )


@page(may_enter=holding(Power.CONVENE))
def save(visit: Visit) -> Response:
    """Save it."""
    one, form = chosen(visit), read(WordsForm, visit.form)
    edits = form.edits(visit.form) if one.minutes.number > 1 else None
    write(
        visit.db, visit.actor, one.meeting, one.minutes, form.words(visit.form), form.version,
        at=visit.at, edits=edits,
    )  # fmt: skip
    return redirect(f"/meetings/{one.meeting.id}/minutes", _("纪要内容已保存。"))


@page(may_enter=holding(Power.CONVENE))
def show_house(visit: Visit) -> Response:
    """Show how an area's minutes look and who approves them."""
    area = kept_area(visit.db, visit.actor, visit.path("code"))
    row = queries.house_style(visit.db, area)
    return render(
        visit,
        "meetings/house.html",
        area=area,
        own=row,
        holds=queries.house_of(visit.db, area.path),
        standard=House(),
        retentions=[(r.value, _(r.word)) for r in Retention],
        answers=[("true", _("是")), ("false", _("否"))],
        version=row.version if row else 0,
    )


@page(may_enter=holding(Power.CONVENE))
def save_house(visit: Visit) -> Response:
    """Set it."""
    area = kept_area(visit.db, visit.actor, visit.path("code"))
    form = read(HouseForm, visit.form)
    set_house(visit.db, visit.actor, area, form.model_dump(exclude={"version"}), form.version)
    return redirect(
        f"/planning/settings/{area.code}/house", _("纪要格式已保存，用于此后提交的纪要。")
    )


routes = [
    Route("/meetings/{meeting:int}/minutes/edit", show),
    Route("/meetings/{meeting:int}/minutes/edit", save, methods=["POST"]),
    Route("/planning/settings/{code}/house", show_house),
    Route("/planning/settings/{code}/house", save_house, methods=["POST"]),
]
