"""The call list of a meeting: who is to be rung up, under which number, and what they said."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.grid.actions.absences import uncover_phone
from govgrid.grid.people_forms import ReasonForm
from govgrid.grid.queries.people import holdings_of, shows_phone
from govgrid.meetings import facts
from govgrid.meetings.actions import replies
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.forms import ReplyForm
from govgrid.meetings.models import Attendee, Meeting, Reply, Stage
from govgrid.meetings.pages.meeting import REPLY_TONES, attendee_of
from govgrid.meetings.queries import seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show the list, to print or to work through; phones of other areas are masked."""
    return _show(visit, _meeting(visit))


@page(may_enter=holding(Power.CONVENE))
def uncover(visit: Visit) -> Response:
    """Show the masked phones once, for a reason that the journal keeps."""
    meeting = _meeting(visit)
    reason = read(ReasonForm, visit.form).reason
    shown = _shown(visit, meeting)
    for attendee in attending(meeting):
        if attendee.officer.phone and not shown[attendee.id]:
            uncover_phone(visit.db, visit.actor, attendee.officer, reason)
    return _show(visit, meeting, uncovered=True)


@page(may_enter=holding(Power.CONVENE))
def note(visit: Visit) -> Response:
    """Note an answer given by phone, and go on with the list."""
    meeting, form = _meeting(visit), read(ReplyForm, visit.form)
    attendee = attendee_of(meeting, visit)
    answer = replies.Answer(form.reply, form.note, form.substitute)
    replies.answer_by_phone(visit.db, visit.actor, meeting, attendee, answer, at=visit.at)
    return redirect(f"/meetings/{meeting.id}/calls", _("回执已登记。"))


def _show(visit: Visit, meeting: Meeting, *, uncovered: bool = False) -> Response:
    shown = _shown(visit, meeting)
    silent = [a for a in attending(meeting) if a.reply is Reply.NEEDS_ACTION]
    said = [a for a in attending(meeting) if a.reply is not Reply.NEEDS_ACTION]
    return render(
        visit,
        "meetings/calls.html",
        meeting=meeting,
        when=facts.when(meeting),
        place=facts.place(meeting),
        attendees=[*silent, *said],
        silent=len(silent),
        shown={number: uncovered or own for number, own in shown.items()},
        masked=not uncovered and any(a.officer.phone and not shown[a.id] for a in [*silent, *said]),
        open=meeting.stage is Stage.CONFIRMED and meeting.start > visit.at,
        reply_tones=REPLY_TONES,
    )


def _shown(visit: Visit, meeting: Meeting) -> Mapping[int, bool]:
    """Tell by attendee whether the phone is the actor's to see."""
    people: list[Attendee] = attending(meeting)
    held = holdings_of(visit.db, [a.officer_id for a in people])
    return {
        a.id: shows_phone(visit.actor, a.officer, held.get(a.officer_id, []), visit.today)
        for a in people
    }


def _meeting(visit: Visit) -> Meeting:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    may_convene(visit.actor, meeting.community.path)
    return meeting


_ONE = "/meetings/{meeting:int}/calls"
routes = [
    Route(_ONE, show),
    Route(_ONE, uncover, methods=["POST"]),
    Route(_ONE + "/{attendee:int}", note, methods=["POST"]),
]
