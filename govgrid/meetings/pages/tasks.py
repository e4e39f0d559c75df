"""Action items followed up: lists, one item with its reports, a month's figures by area."""

from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.access import Power
from govgrid.errors import Forbidden, Invalid
from govgrid.grid.models import Compound, Level
from govgrid.grid.queries import compound_seen, crumbs
from govgrid.meetings.actions import follow_up
from govgrid.meetings.forms import EvidenceForm, ReturnForm
from govgrid.meetings.models import ActionItem
from govgrid.meetings.pages.board import area_of
from govgrid.meetings.queries import tasks as queries
from govgrid.meetings.queries.tasks import FIGURES, Figures, Wanted
from govgrid.meetings.rules import last_month, month_start, next_month
from govgrid.meetings.rules.follow_up import (
    MIB,
    MOST_BYTES,
    MOST_PHOTOS,
    Picture,
    TaskList,
    TaskState,
    pictures_of,
    state_of,
)
from govgrid.web.forms import month_of, read
from govgrid.web.language import gettext as _
from govgrid.web.page import anyone, holding, page, redirect, signed_in, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import part, render
from govgrid.web.visit import Visit
from govgrid.words import N_

TASK_TONES = {
    TaskState.OPEN: "info",
    TaskState.DUE: "warn",
    TaskState.OVERDUE: "bad",
    TaskState.REPORTED: "other",
    TaskState.DONE: "good",
    TaskState.DONE_LATE: "neutral",
}
FIGURE_WORDS = {
    "due": N_("到期"),
    "on_time": N_("按时办结"),
    "late": N_("逾期办结"),
    "open": N_("未办结"),
    "carried": N_("曾结转"),
    "escalated": N_("曾报街道"),
}
IN_PANEL = 8


@page(may_enter=signed_in)
def show_tasks(visit: Visit) -> Response:
    """Show a list of action items."""
    wanted = _wanted(visit)
    total = queries.count_tasks(visit.db, visit.actor, wanted, today=visit.today)
    paging = paging_of(visit, total)
    rows = queries.tasks(
        visit.db, visit.actor, wanted, today=visit.today, offset=paging.offset, limit=paging.size
    )
    drilled = bool(wanted.figure or wanted.month)
    return render(
        visit,
        "meetings/tasks.html",
        wanted=wanted,
        tabs=[] if drilled else _tabs(visit, wanted),
        rows=rows,
        paging=paging,
        state_of=state_of,
        tones=TASK_TONES,
        figures=FIGURE_WORDS,
    )


def _tabs(visit: Visit, wanted: Wanted) -> list[tuple[TaskList, int | None]]:
    counts = queries.count_lists(visit.db, visit.actor, wanted, today=visit.today)
    return [(kind, counts.get(kind)) for kind in TaskList]


def _wanted(visit: Visit) -> Wanted:
    compound, month, figure = visit.query("compound"), visit.query("month"), visit.query("figure")
    if figure and figure not in FIGURES:
        raise Invalid("没有“%(value)s”这种统计数字，请从督办统计页面进入。", value=figure[:20])
    shown = visit.query("show")
    which = next((kind for kind in TaskList if kind.value == shown), None)
    if shown and which is None:
        raise Invalid("没有“%(value)s”这种督办状态，请从列表中选择。", value=shown[:20])
    return Wanted(
        which=which if month or figure else which or TaskList.OPEN,
        area=area_of(visit)[0] if visit.query("area") else None,
        compound=compound_seen(visit.db, visit.actor, compound) if compound else None,
        person=visit.query("person")[:40],
        month=month_of(month) if month else None,
        figure=figure,
    )


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show one item: what is asked, what was reported, what can be done now."""
    item = _item(visit)
    path = item.unit.community.path
    return render(
        visit,
        "meetings/task.html",
        item=item,
        state=state_of(item, visit.today),
        tones=TASK_TONES,
        helpers=queries.helpers_of(visit.db, item),
        waiting=queries.waiting_report(item),
        decides=visit.actor.may(Power.CONVENE, path),
        reports=item.done_on is None and _may_report(visit, item),
        **limits(),
    )


def limits() -> dict[str, int]:
    """Return what the form for reports says of pictures."""
    return {"most_photos": MOST_PHOTOS, "most_mib": MOST_BYTES // MIB}


@page(may_enter=signed_in)
def report(visit: Visit) -> Response:
    """Say that the item is done: its owner, whoever helps, or whoever convenes there."""
    item = _item(visit)
    if not _may_report(visit, item):
        raise Forbidden("只有责任人、配合人员或会议召集单位可以报送办结情况。")
    form = read(EvidenceForm, visit.form)
    follow_up.report_done(
        visit.db, visit.actor, item, visit.actor.name, form.evidence, pictures(visit), at=visit.at
    )
    return redirect(f"/actions/{item.id}", _("办结情况已报送，等待召集人验收。"))


def pictures(visit: Visit) -> list[Picture]:
    """Return the posted pictures. Raise `Invalid` for anything else."""
    files = [f for f in visit.form.getlist("photo") if isinstance(f, UploadFile) and f.size]
    return pictures_of([one.file.read() for one in files])


def _may_report(visit: Visit, item: ActionItem) -> bool:
    own = {item.owner_id, *(officer.id for officer in queries.helpers_of(visit.db, item))}
    convenes = visit.actor.may(Power.CONVENE, item.unit.community.path)
    return item.closed_at is None and (visit.actor.officer_id in own or convenes)


@page(may_enter=holding(Power.CONVENE))
def accept(visit: Visit) -> Response:
    """Accept what was reported."""
    item = _item(visit)
    waiting, path = queries.waiting_report(item), item.unit.community.path
    follow_up.accept(visit.db, visit.actor, item, waiting, path, at=visit.at)
    return redirect(f"/actions/{item.id}", _("已验收，督办事项办结。"))


@page(may_enter=holding(Power.CONVENE))
def send_back(visit: Visit) -> Response:
    """Send back what was reported, with a reason."""
    item = _item(visit)
    form = read(ReturnForm, visit.form)
    waiting, path = queries.waiting_report(item), item.unit.community.path
    follow_up.return_report(visit.db, visit.actor, item, waiting, path, form.reason, at=visit.at)
    return redirect(f"/actions/{item.id}", _("已退回，并通知责任人。"))


@page(may_enter=holding(Power.CONVENE))
def close(visit: Visit) -> Response:
    """Close an item at once with evidence."""
    item = _item(visit)
    form = read(EvidenceForm, visit.form)
    path = item.unit.community.path
    follow_up.close_action_item(visit.db, visit.actor, item, path, form.evidence, at=visit.at)
    return redirect(f"/actions/{item.id}", _("督办事项已办结。"))


@page(may_enter=signed_in)
def photo(visit: Visit) -> Response:
    """Show a picture of a report."""
    found = queries.photo_of(_item(visit), visit.number("photo"))
    data = archive.fetch(visit.settings.archive, found.sha256)
    headers = {"Cache-Control": "private, max-age=86400"}
    return Response(data, media_type=found.media_type, headers=headers)


def _item(visit: Visit) -> ActionItem:
    return queries.task_seen(visit.db, visit.actor, visit.number("item"))


@page(may_enter=with_post)
def figures(visit: Visit) -> Response:
    """Show a month's figures of the areas one level below."""
    area, choices = area_of(visit)
    written = visit.query("month")
    month = month_of(written) if written else month_start(visit.today)
    rows = queries.figures(visit.db, visit.actor, area, month)
    total = Figures(area.path, area.name, area.code)
    for row in rows:
        total = total.plus(row)
    return render(
        visit,
        "meetings/task_figures.html",
        area=area,
        choices=choices,
        above=crumbs(visit.db, visit.actor, area)[:-1],
        month=month,
        before=last_month(month),
        after=next_month(month),
        rows=rows,
        total=total,
        figures=FIGURE_WORDS,
        deeper=area.level in {Level.CITY, Level.DISTRICT, Level.STREET},
    )


def panel(visit: Visit, compound: Compound) -> Markup:
    """Return the compound's open action items, for its page."""
    wanted = Wanted(compound=compound)
    rows = queries.tasks(visit.db, visit.actor, wanted, today=visit.today, limit=IN_PANEL)
    return part(
        visit, "meetings/task_panel.html", compound=compound, rows=rows, state_of=state_of,
        tones=TASK_TONES,
    )  # fmt: skip


@page(may_enter=anyone)
def by_link(visit: Visit) -> Response:
    """Show what the holder of a private link has to do."""
    token = visit.path("token")
    meeting, attendee, found = queries.tasks_of_link(visit.db, token, at=visit.at)
    return render(
        visit, "meetings/task_link.html", meeting=meeting, attendee=attendee, items=found,
        token=token, state_of=state_of, tones=TASK_TONES, waiting=queries.waiting_report, **limits(),
    )  # fmt: skip


@page(may_enter=anyone)
def report_by_link(visit: Visit) -> Response:
    """Say that an item is done, without an account."""
    token = visit.path("token")
    _meeting, attendee, found = queries.tasks_of_link(visit.db, token, at=visit.at)
    item = next((one for one in found if one.id == visit.number("item")), None)
    if item is None:
        raise Invalid("该事项已办结或已改由他人负责，请刷新页面查看。")
    form, name = read(EvidenceForm, visit.form), attendee.officer.name
    follow_up.report_done(visit.db, None, item, name, form.evidence, pictures(visit), at=visit.at)
    return redirect(f"/r/{token}/actions", _("办结情况已报送，等待召集人验收。"))


_ONE = "/actions/{item:int}"
routes = [
    Route("/actions", show_tasks),
    Route("/actions/figures", figures),
    Route(_ONE, show),
    Route(_ONE + "/report", report, methods=["POST"]),
    Route(_ONE + "/accept", accept, methods=["POST"]),
    Route(_ONE + "/return", send_back, methods=["POST"]),
    Route(_ONE + "/close", close, methods=["POST"]),
    Route(_ONE + "/photos/{photo:int}", photo),
    Route("/r/{token}/actions", by_link),
    Route("/r/{token}/actions/{item:int}/report", report_by_link, methods=["POST"]),
]
