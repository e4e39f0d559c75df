"""Change a meeting's agenda before it is held: items, order, files, what attendees propose."""

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.access import Power
from govgrid.errors import Invalid
from govgrid.meetings.actions import agenda, attachments, proposals
from govgrid.meetings.forms import AnswerForm, ItemForm, PlaceInOrderForm
from govgrid.meetings.models import AgendaItem, AgendaKind, Attachment, Meeting, ProposalStage
from govgrid.meetings.queries import agenda as queries
from govgrid.meetings.queries import seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect, signed_in
from govgrid.web.paging import paging_of
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

SHOWN, FEW = 50, 10  # items a page; old tasks shown beside them
ADDABLE = (
    AgendaKind.PROPOSAL,
    AgendaKind.REQUIREMENT,
    AgendaKind.CASE,
    AgendaKind.SHOWCASE,
    AgendaKind.COVERAGE,
)


@page(may_enter=holding(Power.CONVENE))
def edit(visit: Visit) -> Response:
    """Show the agenda as forms."""
    meeting = _meeting(visit)
    agenda.may_write(visit.actor, meeting)
    count, minutes = queries.tally(visit.db, meeting)
    paging = paging_of(visit, count, SHOWN)
    items = queries.page_of_items(visit.db, meeting, paging.offset, paging.size)
    shown = [item.id for item in items]
    return render(
        visit,
        "meetings/agenda.html",
        meeting=meeting,
        items=items,
        paging=paging,
        count=count,
        minutes=minutes,
        length=int((meeting.end - meeting.start).total_seconds()) // 60,
        Kind=AgendaKind,
        addable=ADDABLE,
        standing=agenda.fixed_kinds(meeting.unit),
        marks=queries.marks(visit.db, meeting),
        cases=queries.count_cases(visit.db, shown),
        points=queries.points_of(visit.db, shown),
        files=queries.attachments(visit.db, meeting),
        owed=queries.owed(visit.db, meeting, at=visit.at, limit=FEW),
        owed_count=queries.count_owed(visit.db, meeting),
        proposals=queries.proposals(visit.db, meeting),
        Proposed=ProposalStage,
    )


@page(may_enter=holding(Power.CONVENE))
def add(visit: Visit) -> Response:
    """Add an item."""
    meeting = _meeting(visit)
    form = read(ItemForm, visit.form)
    item = agenda.add_item(visit.db, visit.actor, meeting, form.kind, _wording(form))
    return _back(meeting, item, _("议题已添加。"))


@page(may_enter=holding(Power.CONVENE))
def save(visit: Visit) -> Response:
    """Save or remove an item, by the button pressed."""
    meeting, item = _item(visit)
    if visit.form.get("do") == "remove":
        agenda.remove_item(visit.db, visit.actor, meeting, item)
        return redirect(f"/meetings/{meeting.id}/agenda", _("议题已删除。"))
    form = read(ItemForm, visit.form)
    agenda.edit_item(visit.db, visit.actor, meeting, item, _wording(form), form.version)
    return _back(meeting, item, _("议题已保存。"))


@page(may_enter=holding(Power.CONVENE))
def place(visit: Visit) -> Response:
    """Move an item to a place in the order."""
    meeting, item = _item(visit)
    to = read(PlaceInOrderForm, visit.form).to
    stands = agenda.move_item(visit.db, visit.actor, meeting, item, to)
    told = _("“%(title)s”现为第 %(n)s 项。", title=_(item.title), n=stands)
    return _back(meeting, item, told)


@page(may_enter=holding(Power.CONVENE))
def attach(visit: Visit) -> Response:
    """Take in a file."""
    meeting, item = _item(visit)
    sent = visit.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Invalid("请选择要上传的文件。")
    data = sent.file.read()
    attachments.attach(visit.db, visit.actor, meeting, item, sent.filename, data, at=visit.at)
    return _back(meeting, item, _("附件已上传。"))


@page(may_enter=holding(Power.CONVENE))
def detach(visit: Visit) -> Response:
    """Take a file off."""
    meeting = _meeting(visit)
    found = queries.attachment(visit.db, meeting, visit.number("attachment"))
    item = seen.agenda_item(visit.db, meeting, found.agenda_item_id)
    attachments.detach(visit.db, visit.actor, meeting, found)
    return _back(meeting, item, _("附件已移除。"))


@page(may_enter=signed_in)
def attachment(visit: Visit) -> Response:
    """Give a file to whoever sees the meeting."""
    found = queries.attachment(visit.db, _meeting(visit), visit.number("attachment"))
    return given(visit, found)


def given(visit: Visit, found: Attachment) -> Response:
    """Answer with an attachment's bytes."""
    data = archive.fetch(visit.settings.archive, found.sha256)
    return file(data, found.media.type, f"attachment-{found.id}.{found.media}")


@page(may_enter=holding(Power.CONVENE))
def answer(visit: Visit) -> Response:
    """Take a proposal up, or leave it out with a reason."""
    meeting = _meeting(visit)
    found = queries.proposal(visit.db, meeting, visit.number("proposal"))
    form = read(AnswerForm, visit.form)
    if form.do == "decline":
        proposals.turn_down(visit.db, visit.actor, meeting, found, form.reason, at=visit.at)
        told = _("已告知提议人不列入的原因。")
        return redirect(f"/meetings/{meeting.id}/agenda#proposals", told)
    brief = _("%(name)s提议：%(text)s", name=found.attendee.officer.name, text=found.text)
    wording = agenda.Wording(form.title or found.text[:40], brief, form.allotted)
    item = proposals.take_up(visit.db, visit.actor, meeting, found, wording, at=visit.at)
    return _back(meeting, item, _("提议已列入议程。"))


def _wording(form: ItemForm) -> agenda.Wording:
    return agenda.Wording(form.title, form.brief, form.allotted)


def _meeting(visit: Visit) -> Meeting:
    return seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))


def _item(visit: Visit) -> tuple[Meeting, AgendaItem]:
    meeting = _meeting(visit)
    return meeting, seen.agenda_item(visit.db, meeting, visit.number("item"))


def _back(meeting: Meeting, item: AgendaItem, notice: str) -> Response:
    """Return to the page of the list on which the item stands."""
    number = (item.position - 1) // SHOWN + 1
    page_ = f"?page={number}" if number > 1 else ""
    return redirect(f"/meetings/{meeting.id}/agenda{page_}#item-{item.id}", notice)


_ONE = "/meetings/{meeting:int}/agenda"
_FILE = "/meetings/{meeting:int}/attachments/{attachment:int}"
routes = [
    Route(_ONE, edit),
    Route(_ONE, add, methods=["POST"]),
    Route(_ONE + "/{item:int}", save, methods=["POST"]),
    Route(_ONE + "/{item:int}/place", place, methods=["POST"]),
    Route(_ONE + "/{item:int}/attachments", attach, methods=["POST"]),
    Route(_FILE, attachment),
    Route(_FILE + "/remove", detach, methods=["POST"]),
    Route("/meetings/{meeting:int}/proposals/{proposal:int}", answer, methods=["POST"]),
]
