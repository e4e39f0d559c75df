"""The minutes of a meeting: read, submit, send back, sign, print."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import NotFound
from govgrid.meetings.actions import minutes as verbs
from govgrid.meetings.forms import VersionForm
from govgrid.meetings.models import Meeting, Minutes, MinutesStage
from govgrid.meetings.papers.from_record import document_of
from govgrid.meetings.papers.minutes import print_minutes
from govgrid.meetings.papers.store import paper
from govgrid.meetings.queries import seen
from govgrid.meetings.record import record_of
from govgrid.press.press import Press
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect, signed_in
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

TONES = {
    MinutesStage.DRAFT: "neutral",
    MinutesStage.IN_REVIEW: "warn",
    MinutesStage.SIGNED: "good",
}


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show what the minutes say."""
    meeting, minutes = _minutes(visit)
    record = minutes.record or record_of(visit.db, meeting, minutes)
    path = meeting.community.path
    return render(
        visit,
        "meetings/minutes.html",
        meeting=meeting,
        minutes=minutes,
        document=document_of(record, visit.settings.public_url, visit.settings.mailbox),
        Stage=MinutesStage,
        tones=TONES,
        convenes=visit.actor.may(Power.CONVENE, path),
        signs=visit.actor.may(Power.SIGN, path),
    )


@page(may_enter=signed_in)
def pdf(visit: Visit) -> Response:
    """Print: the archived paper once signed, a marked draft before."""
    meeting, minutes = _minutes(visit)
    name = f"minutes-{meeting.month:%Y%m}-{meeting.id}.pdf"
    if minutes.stage is MinutesStage.SIGNED:
        return file(paper(press_of(visit), visit.settings, minutes), "application/pdf", name)
    record = record_of(visit.db, meeting, minutes)
    document = document_of(
        record, visit.settings.public_url, visit.settings.mailbox, stage=minutes.stage.word
    )
    return file(print_minutes(press_of(visit), document), "application/pdf", f"draft-{name}")


@page(may_enter=holding(Power.CONVENE))
def submit(visit: Visit) -> Response:
    """Hand in for signing."""
    meeting, minutes = _current(visit)
    agenda = seen.agenda(visit.db, meeting)
    verbs.submit(visit.db, visit.actor, meeting, minutes, agenda, at=visit.at)
    return _back(meeting, _("纪要已提交，等待签发。"))


@page(may_enter=holding(Power.CONVENE))
def send_back(visit: Visit) -> Response:
    """Return to draft."""
    meeting, minutes = _current(visit)
    verbs.send_back(visit.db, visit.actor, meeting, minutes)
    return _back(meeting, _("纪要已退回修改。"))


@page(may_enter=holding(Power.SIGN))
def sign(visit: Visit) -> Response:
    """Sign."""
    meeting, minutes = _current(visit)
    verbs.sign(visit.db, visit.actor, meeting, minutes, at=visit.at)
    return _back(meeting, _("纪要已签发，可以打印。签发后的纪要不能再修改。"))


def press_of(visit: Visit) -> Press:
    """Return the installation's press."""
    press: Press = visit.request.app.state.press
    return press


def _minutes(visit: Visit) -> tuple[Meeting, Minutes]:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    minutes = seen.minutes_of(visit.db, meeting)
    if minutes is None:
        raise NotFound("会议尚未结束，还没有纪要。请先在会议页面完成记录并结束会议。")
    return meeting, minutes


def _current(visit: Visit) -> tuple[Meeting, Minutes]:
    meeting, minutes = _minutes(visit)
    verbs.refuse_stale(minutes, read(VersionForm, visit.form).version)
    return meeting, minutes


def _back(meeting: Meeting, notice: str) -> Response:
    return redirect(f"/meetings/{meeting.id}/minutes", notice)


_ONE = "/meetings/{meeting:int}/minutes"
routes = [
    Route(_ONE, show),
    Route(_ONE + ".pdf", pdf),
    Route(_ONE + "/submit", submit, methods=["POST"]),
    Route(_ONE + "/send-back", send_back, methods=["POST"]),
    Route(_ONE + "/sign", sign, methods=["POST"]),
]
