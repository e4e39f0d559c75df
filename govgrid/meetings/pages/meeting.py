"""One meeting before it is held: facts, who attends, confirm, cancel, replies by phone."""

from typing import TypeVar

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Conflict, NotFound
from govgrid.grid.queries.changes import stood_on
from govgrid.meetings import facts, letters, rules
from govgrid.meetings.actions import plan, replies
from govgrid.meetings.forms import AttendeeForm, CancelForm, ReplyForm, VersionForm
from govgrid.meetings.models import Attendee, Meeting, Reply, Stage
from govgrid.meetings.pages.board import TONES
from govgrid.meetings.papers import qr
from govgrid.meetings.queries import agenda as agendas
from govgrid.meetings.queries import rest_days, seen
from govgrid.meetings.queries.hits import hits
from govgrid.meetings.queries.inbox import count_waiting
from govgrid.meetings.queries.people import addable, officer_of_code
from govgrid.meetings.queries.sending import paused
from govgrid.meetings.record import unit_name
from govgrid.outbox.queries import bouncing
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.language import local
from govgrid.web.page import holding, page, redirect, signed_in
from govgrid.web.render import render
from govgrid.web.visit import Visit

AnyForm = TypeVar("AnyForm", VersionForm, CancelForm)
CARRIED = 5  # old tasks on the page; the rest have their own
REPLY_TONES = {
    Reply.NEEDS_ACTION: "neutral",
    Reply.ACCEPTED: "good",
    Reply.TENTATIVE: "warn",
    Reply.DECLINED: "bad",
    Reply.SUBSTITUTE: "info",
}


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show the meeting."""
    meeting = _meeting(visit)
    convenes = visit.actor.may(Power.CONVENE, meeting.community.path)
    minutes = seen.minutes_of(visit.db, meeting)
    then = stood_on(visit.db, meeting.community, local(meeting.start).date())
    changes = convenes and meeting.stage in {Stage.PLANNED, Stage.CONFIRMED}
    return render(
        visit,
        "meetings/meeting.html",
        meeting=meeting,
        community=then.community,
        unit=unit_name(meeting, then),
        attendees=plan.attending(meeting),
        agenda=seen.agenda(visit.db, meeting),
        marks=agendas.marks(visit.db, meeting),
        files=agendas.attachments(visit.db, meeting),
        owed=agendas.owed(visit.db, meeting, at=visit.at, limit=CARRIED),
        owed_count=agendas.count_owed(visit.db, meeting),
        proposed=agendas.count_waiting(visit.db, meeting) if changes else 0,
        minutes=minutes,
        state=rules.state(meeting, minutes, visit.at),
        tones=TONES,
        reply_tones=REPLY_TONES,
        convenes=convenes,
        changes=changes,
        hits=hits(visit.db, [meeting.id], at=visit.at).get(meeting.id, []),
        addable=addable(visit.db, meeting, visit.today) if changes else [],
        paused=paused(visit.db, meeting.community.path) if changes else None,
        mails=count_waiting(visit.db, visit.actor, meeting.id) if convenes else 0,
        bouncing=bouncing(
            visit.db, [a.officer.email for a in meeting.attendees if a.officer.email]
        ),
        Stage=Stage,
        Reply=Reply,
        doors=meeting.start - rules.DOORS <= visit.at,
        when=facts.when(meeting),
        lost=rest_days.lost_day(meeting, rest_days.closed(visit.db, visit.at)),
        own=next((a for a in meeting.attendees if a.officer_id == visit.actor.officer_id), None),
    )


@page(may_enter=holding(Power.CONVENE))
def confirm(visit: Visit) -> Response:
    """Confirm and send the invitations."""
    meeting, _form = _current(visit, VersionForm)
    sent = plan.confirm(visit.db, visit.actor, meeting, at=visit.at)
    return redirect(f"/meetings/{meeting.id}", _("会议已确认，已发出 %(n)s 封通知。", n=sent))


@page(may_enter=holding(Power.CONVENE))
def cancel(visit: Visit) -> Response:
    """Cancel with a reason."""
    meeting, form = _current(visit, CancelForm)
    sent = plan.cancel(visit.db, visit.actor, meeting, form.reason, at=visit.at)
    return redirect(f"/meetings/{meeting.id}", _("会议已取消，已发出 %(n)s 封取消通知。", n=sent))


@page(may_enter=holding(Power.CONVENE))
def resend(visit: Visit) -> Response:
    """Send the meeting as it stands to everybody once more."""
    meeting = _meeting(visit)
    sent = plan.resend(visit.db, visit.actor, meeting, at=visit.at)
    return redirect(f"/meetings/{meeting.id}", _("已重新发送 %(n)s 封通知。", n=sent))


@page(may_enter=holding(Power.CONVENE))
def add(visit: Visit) -> Response:
    """Add a person to the attendees."""
    meeting, form = _meeting(visit), read(AttendeeForm, visit.form)
    officer = officer_of_code(visit.db, form.officer)
    plan.add_attendee(
        visit.db,
        visit.actor,
        meeting,
        officer,
        form.role,
        required=form.part == "required",
        observer=form.part == "observer",
        at=visit.at,
    )
    return redirect(f"/meetings/{meeting.id}", _("已添加%(name)s。", name=officer.name))


@page(may_enter=holding(Power.CONVENE))
def remove(visit: Visit) -> Response:
    """Take a person off."""
    meeting = _meeting(visit)
    attendee = attendee_of(meeting, visit)
    plan.remove_attendee(visit.db, visit.actor, meeting, attendee, at=visit.at)
    return redirect(f"/meetings/{meeting.id}", _("已移出%(name)s。", name=attendee.officer.name))


@page(may_enter=holding(Power.CONVENE))
def note_reply(visit: Visit) -> Response:
    """Note an answer given by phone."""
    meeting, form = _meeting(visit), read(ReplyForm, visit.form)
    answer = replies.Answer(form.reply, form.note, form.substitute)
    attendee = attendee_of(meeting, visit)
    replies.answer_by_phone(visit.db, visit.actor, meeting, attendee, answer, at=visit.at)
    return redirect(f"/meetings/{meeting.id}", _("回执已登记。"))


@page(may_enter=holding(Power.CONVENE))
def link(visit: Visit) -> Response:
    """Show one attendee's private link and its QR, to pass on where there is no mail."""
    meeting = _meeting(visit)
    plan.may_convene(visit.actor, meeting.community.path)
    attendee = attendee_of(meeting, visit)
    address = letters.reply_link(visit.settings, attendee)
    return render(
        visit,
        "meetings/link.html",
        meeting=meeting,
        attendee=attendee,
        address=address,
        code=qr.data_uri(address),
    )


def _meeting(visit: Visit) -> Meeting:
    return seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))


def _current(visit: Visit, kind: type[AnyForm]) -> tuple[Meeting, AnyForm]:
    """Return the meeting, looked for before the form is read, and the form."""
    meeting, form = _meeting(visit), read(kind, visit.form)
    if meeting.version != form.version:
        raise Conflict("会议刚被其他人修改，请刷新页面核对后再操作。")
    return meeting, form


def attendee_of(meeting: Meeting, visit: Visit) -> Attendee:
    """Return the attendee whom the path names. Raise `NotFound`."""
    number = visit.number("attendee")
    found = next((a for a in plan.attending(meeting) if a.id == number), None)
    if found is None:
        raise NotFound("该参会人员已不在名单中，请刷新页面。")
    return found


_ONE = "/meetings/{meeting:int}"
routes = [
    Route(_ONE, show),
    Route(_ONE + "/confirm", confirm, methods=["POST"]),
    Route(_ONE + "/cancel", cancel, methods=["POST"]),
    Route(_ONE + "/resend", resend, methods=["POST"]),
    Route(_ONE + "/attendees", add, methods=["POST"]),
    Route(_ONE + "/attendees/{attendee:int}/remove", remove, methods=["POST"]),
    Route(_ONE + "/attendees/{attendee:int}/reply", note_reply, methods=["POST"]),
    Route(_ONE + "/attendees/{attendee:int}/link", link),
]
