"""The minutes of a meeting: read, hand in, approve, send back, sign, correct, print."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import NotFound
from govgrid.meetings import drafting
from govgrid.meetings.actions import minutes as verbs
from govgrid.meetings.forms import VersionForm
from govgrid.meetings.minutes_forms import ApproveForm, CorrectForm, SendBackForm
from govgrid.meetings.models import Meeting, Minutes, MinutesStage, Reviewer
from govgrid.meetings.papers.docx import written
from govgrid.meetings.papers.from_record import document_of
from govgrid.meetings.papers.minutes import minutes_sheet
from govgrid.meetings.papers.store import draft_of, paper
from govgrid.meetings.queries import minutes as queries
from govgrid.meetings.queries import seen
from govgrid.meetings.rules import minutes as rules
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
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A meeting, its versions of minutes, the newest first, and the one that is meant."""

    meeting: Meeting
    all: list[Minutes]
    minutes: Minutes

    @property
    def newest(self) -> bool:
        return self.minutes is self.all[0]


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show what the minutes say, who approved them, and their other versions."""
    one = chosen(visit)
    meeting, minutes = one.meeting, one.minutes
    record = drafting.drafted(visit.db, meeting, minutes)
    path, house = meeting.community.path, queries.house_of(visit.db, meeting.community.path)
    before, after = queries.beside(visit.db, meeting)
    asked = rules.lacking(minutes, house) if minutes.stage is MinutesStage.IN_REVIEW else []
    given = {a.officer_id for a in rules.standing(minutes).values()}
    return render(
        visit,
        "meetings/minutes.html",
        meeting=meeting,
        minutes=minutes,
        versions=one.all,
        newest=one.newest,
        document=document_of(record, visit.settings.public_url, visit.settings.mailbox),
        Stage=MinutesStage,
        tones=TONES,
        convenes=visit.actor.may(Power.CONVENE, path),
        signs=visit.actor.may(Power.SIGN, path),
        required=rules.required(house),
        standing=rules.standing(minutes),
        lacking=asked,
        mine=[
            r for r in asked
            if visit.actor.officer_id not in given
            and rules.may_approve(visit.actor, r, path, meeting.convenor_id)
        ],
        retracted=[a for a in minutes.approvals if a.retracted_at is not None],
        reviews=any(
            rules.may_approve(visit.actor, r, path, meeting.convenor_id) for r in Reviewer
        ),
        before=before,
        after=after,
    )  # fmt: skip


@page(may_enter=signed_in)
def pdf(visit: Visit) -> Response:
    """Print: the archived paper once signed, a marked draft before."""
    one = chosen(visit, signed=True)
    minutes, name = one.minutes, _name(one)
    if minutes.stage is MinutesStage.SIGNED:
        return file(paper(press_of(visit), visit.settings, minutes), "application/pdf", name)
    record = drafting.drafted(visit.db, one.meeting, minutes)
    data = draft_of(press_of(visit), visit.settings, record, minutes.stage.word)
    return file(data, "application/pdf", f"draft-{name}")


@page(may_enter=signed_in)
def docx(visit: Visit) -> Response:
    """Give the same content as a document that offices can edit; it proves nothing."""
    one = chosen(visit, signed=True)
    record = drafting.drafted(visit.db, one.meeting, one.minutes)
    stage = "" if one.minutes.stage is MinutesStage.SIGNED else one.minutes.stage.word
    settings = visit.settings
    folder = settings.archive
    document = document_of(record, settings.public_url, settings.mailbox, stage, folder)
    return file(written(document), DOCX, _name(one).replace(".pdf", ".docx"), download=True)


@page(may_enter=holding(Power.CONVENE))
def submit(visit: Visit) -> Response:
    """Hand in for approval; what cannot be printed is refused now, not after signing."""
    one = _current(visit)
    record = drafting.drafted(visit.db, one.meeting, one.minutes)
    settings = visit.settings
    minutes_sheet(press_of(visit).fonts, document_of(record, settings.public_url, settings.mailbox))
    agenda = seen.agenda(visit.db, one.meeting)
    verbs.submit(visit.db, visit.actor, one.meeting, one.minutes, agenda, at=visit.at)
    return _back(one.meeting, _("纪要已提交审核。"))


@page(may_enter=signed_in)
def approve(visit: Visit) -> Response:
    """Approve for the convenor or for the street."""
    one, form = chosen(visit), read(ApproveForm, visit.form)
    verbs.refuse_stale(one.minutes, form.version)
    verbs.approve(
        visit.db, visit.actor, one.meeting, one.minutes, form.reviewer, at=visit.at
    )  # fmt: skip
    return _back(one.meeting, _("已审核通过。"))


@page(may_enter=signed_in)
def send_back(visit: Visit) -> Response:
    """Return to draft."""
    one, form = chosen(visit), read(SendBackForm, visit.form)
    verbs.refuse_stale(one.minutes, form.version)
    verbs.send_back(visit.db, visit.actor, one.meeting, one.minutes, form.reason, at=visit.at)
    return _back(one.meeting, _("纪要已退回修改，已有的审核意见作废。"))


@page(may_enter=holding(Power.SIGN))
def sign(visit: Visit) -> Response:
    """Sign."""
    one = _current(visit)
    verbs.sign(visit.db, visit.actor, one.meeting, one.minutes, at=visit.at)
    return _back(one.meeting, _("纪要已签发，可以打印。签发后的纪要不能再修改。"))


@page(may_enter=holding(Power.CONVENE))
def correct(visit: Visit) -> Response:
    """Begin a correction of what is signed."""
    one, form = chosen(visit), read(CorrectForm, visit.form)
    verbs.refuse_stale(one.minutes, form.version)
    verbs.correct(visit.db, visit.actor, one.meeting, one.all[0], form.reason)
    return redirect(
        f"/meetings/{one.meeting.id}/minutes/edit", _("更正版已建立，请修改后提交审核。")
    )


@page(may_enter=holding(Power.CONVENE))
def drop(visit: Visit) -> Response:
    """Give a correction up."""
    one = _current(visit)
    verbs.drop_correction(visit.db, visit.actor, one.meeting, one.minutes)
    return _back(one.meeting, _("更正版已放弃，原纪要不变。"))


def press_of(visit: Visit) -> Press:
    """Return the installation's press."""
    press: Press = visit.request.app.state.press
    return press


def chosen(visit: Visit, *, signed: bool = False) -> Chosen:
    """Return the version asked for, else the newest, or with `signed` the one in force."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    found = queries.versions(visit.db, meeting)
    if not found:
        raise NotFound("会议尚未结束，还没有纪要。请先在会议页面完成记录并结束会议。")
    wanted = visit.query("number")
    if not wanted:
        holds = queries.in_force(found) if signed else None
        return Chosen(meeting, found, holds or found[0])
    one = next((one for one in found if str(one.number) == wanted), None)
    if one is None:
        raise NotFound("没有这一版纪要。")
    return Chosen(meeting, found, one)


def _current(visit: Visit) -> Chosen:
    one = chosen(visit)
    verbs.refuse_stale(one.minutes, read(VersionForm, visit.form).version)
    return one


def _back(meeting: Meeting, notice: str) -> Response:
    return redirect(f"/meetings/{meeting.id}/minutes", notice)


def _name(one: Chosen) -> str:
    mark = f"-v{one.minutes.number}" if one.minutes.number > 1 else ""
    return f"minutes-{one.meeting.month:%Y%m}-{one.meeting.id}{mark}.pdf"


_ONE = "/meetings/{meeting:int}/minutes"
routes = [
    Route(_ONE, show),
    Route(_ONE + ".pdf", pdf),
    Route(_ONE + ".docx", docx),
    Route(_ONE + "/submit", submit, methods=["POST"]),
    Route(_ONE + "/approve", approve, methods=["POST"]),
    Route(_ONE + "/send-back", send_back, methods=["POST"]),
    Route(_ONE + "/sign", sign, methods=["POST"]),
    Route(_ONE + "/correct", correct, methods=["POST"]),
    Route(_ONE + "/drop", drop, methods=["POST"]),
]
