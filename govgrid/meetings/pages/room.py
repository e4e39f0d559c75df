"""The room: attendance, notes, resolutions and action items while the meeting runs."""

from datetime import timedelta

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.clock import HERE
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Officer
from govgrid.meetings import rules
from govgrid.meetings.actions import room
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.forms import ActionForm, NotesForm, ResolutionForm
from govgrid.meetings.models import AgendaItem, Attendance, Meeting, MinutesStage
from govgrid.meetings.queries import seen
from govgrid.web.forms import clean, read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit

FIRST_DEADLINE = timedelta(days=14)


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show the room."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    may_convene(visit.actor, meeting.community.path)
    minutes = seen.minutes_of(visit.db, meeting)
    if minutes and minutes.stage is not MinutesStage.DRAFT:
        return redirect(f"/meetings/{meeting.id}/minutes")
    attendees = attending(meeting)
    required = [a for a in attendees if a.required and not a.observer]
    given = seen.action_items(visit.db, meeting)
    return render(
        visit,
        "meetings/room.html",
        meeting=meeting,
        attendees=attendees,
        Attendance=Attendance,
        there=sum(a.attendance in {Attendance.PRESENT, Attendance.SUBSTITUTE} for a in required),
        required=len(required),
        needed=rules.quorum(len(required)),
        items=seen.agenda(visit.db, meeting),
        given=given,
        carried=seen.open_before(visit.db, meeting),
        deadline=meeting.start.astimezone(HERE).date() + FIRST_DEADLINE,
        open_doors=visit.at >= meeting.start - rules.DOORS,
        minutes=minutes,
    )


@page(may_enter=holding(Power.CONVENE))
def attendance(visit: Visit) -> Response:
    """Set who came."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    came = {a.id: found for a in attending(meeting) if (found := _came(visit, a.id))}
    room.take_attendance(visit.db, visit.actor, meeting, came, at=visit.at)
    return _back(meeting, _("考勤已保存。"))


def _came(visit: Visit, attendee: int) -> room.Came | None:
    word = visit.form.get(f"came-{attendee}")
    if not word:
        return None
    if word not in {a.value for a in Attendance}:
        raise Invalid("考勤选项无效，请刷新页面后重试。")
    substitute = clean(str(visit.form.get(f"substitute-{attendee}", ""))).strip()[:40]
    return room.Came(next(a for a in Attendance if a.value == word), substitute)


@page(may_enter=holding(Power.CONVENE))
def notes(visit: Visit) -> Response:
    """Save an item's notes; asked by htmx, answer with the new version alone."""
    meeting, item = _item(visit)
    form = read(NotesForm, visit.form)
    room.write_notes(visit.db, visit.actor, meeting, item, form.notes, form.version, at=visit.at)
    visit.db.flush()
    if visit.partial:
        return render(visit, "meetings/saved.html", item=item)
    return _back(meeting, _("记录已保存。"))


@page(may_enter=holding(Power.CONVENE))
def resolve(visit: Visit) -> Response:
    """Add a resolution."""
    meeting, item = _item(visit)
    form = read(ResolutionForm, visit.form)
    room.resolve(visit.db, visit.actor, meeting, item, form.text, case_id=form.case, at=visit.at)
    return _back(meeting, _("决议已记录。"), item)


@page(may_enter=holding(Power.CONVENE))
def unresolve(visit: Visit) -> Response:
    """Take a resolution back."""
    meeting, item = _item(visit)
    found = seen.resolution(item, visit.number("resolution"))
    room.drop_resolution(visit.db, visit.actor, meeting, found, at=visit.at)
    return _back(meeting, _("决议已删除。"), item)


@page(may_enter=holding(Power.CONVENE))
def assign(visit: Visit) -> Response:
    """Give an action item."""
    meeting, item = _item(visit)
    form = read(ActionForm, visit.form)
    owner = visit.db.get(Officer, form.owner)
    if owner is None:
        raise Invalid("责任人不存在，请重新选择。")
    room.assign(
        visit.db,
        visit.actor,
        meeting,
        item,
        form.matter,
        owner,
        form.co_owners,
        form.deadline,
        at=visit.at,
    )
    return _back(meeting, _("督办事项已记录。"), item)


@page(may_enter=holding(Power.CONVENE))
def unassign(visit: Visit) -> Response:
    """Take an action item back."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    number = visit.number("action")
    found = next((a for a in seen.action_items(visit.db, meeting) if a.id == number), None)
    if found is None:
        raise NotFound("该督办事项已不存在，请刷新页面。")
    room.drop_action_item(visit.db, visit.actor, meeting, found, at=visit.at)
    return _back(meeting, _("督办事项已删除。"))


@page(may_enter=holding(Power.CONVENE))
def hold(visit: Visit) -> Response:
    """End the meeting; its minutes begin."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    room.hold(visit.db, visit.actor, meeting, seen.agenda(visit.db, meeting), at=visit.at)
    return redirect(
        f"/meetings/{meeting.id}/minutes", _("会议已结束，纪要草稿已生成，请核对后提交。")
    )


def _item(visit: Visit) -> tuple[Meeting, AgendaItem]:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    return meeting, seen.agenda_item(visit.db, meeting, visit.number("item"))


def _back(meeting: Meeting, notice: str, item: AgendaItem | None = None) -> Response:
    anchor = f"#item-{item.id}" if item else ""
    return redirect(f"/meetings/{meeting.id}/room{anchor}", notice)


_ONE = "/meetings/{meeting:int}/room"
_ITEM = _ONE + "/items/{item:int}"
routes = [
    Route(_ONE, show),
    Route(_ONE + "/attendance", attendance, methods=["POST"]),
    Route(_ITEM + "/notes", notes, methods=["POST"]),
    Route(_ITEM + "/resolutions", resolve, methods=["POST"]),
    Route(_ITEM + "/resolutions/{resolution:int}/remove", unresolve, methods=["POST"]),
    Route(_ITEM + "/actions", assign, methods=["POST"]),
    Route(_ONE + "/actions/{action:int}/remove", unassign, methods=["POST"]),
    Route(_ONE + "/end", hold, methods=["POST"]),
]
