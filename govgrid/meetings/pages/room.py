"""The room: attendance, clock, notes, decisions, votes and action items while the meeting runs."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Actor, Power
from govgrid.clock import HERE
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Officer
from govgrid.meetings import rules
from govgrid.meetings.actions import room
from govgrid.meetings.actions.clock import run_clock
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.actions.votes import count_vote
from govgrid.meetings.forms import ActionForm, ClockForm, NotesForm, ResolutionForm, VoteForm
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    Attendee,
    Kind,
    Meeting,
    MinutesStage,
    Stage,
    VoteRule,
)
from govgrid.meetings.queries import room as queries
from govgrid.meetings.queries import seen
from govgrid.meetings.rules.deadlines import deadline_of
from govgrid.meetings.rules.room import OBSERVER, used, word_of
from govgrid.meetings.rules.votes import Ballot, Share
from govgrid.web.forms import clean, read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.words import N_
from govgrid.workdays import calendar

FIRST_DEADLINE = timedelta(days=14)
DM2 = 100  # in a square metre
WORDS = {**{a.value: a.word for a in Attendance}, OBSERVER: N_("列席")}


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show the room."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    may_convene(visit.actor, meeting.community.path)
    minutes = seen.minutes_of(visit.db, meeting)
    if minutes and minutes.stage is not MinutesStage.DRAFT:
        return redirect(f"/meetings/{meeting.id}/minutes")
    items = seen.agenda(visit.db, meeting)
    heard = queries.times(visit.db, meeting)
    since = _day_of(meeting)
    return render(
        visit,
        "meetings/room.html",
        meeting=meeting,
        attendees=attending(meeting),
        words=WORDS,
        word_of=word_of,
        quorum=room.quorum_now(visit.db, meeting),
        guests=queries.guests(visit.db, meeting),
        items=items,
        given=seen.action_items(visit.db, meeting),
        votes=queries.votes(visit.db, meeting),
        carried=seen.open_before(visit.db, meeting),
        deadline=deadline_of(str(since + FIRST_DEADLINE), since, calendar(visit.db)),
        open_doors=visit.at >= meeting.start - rules.DOORS,
        minutes=minutes,
        shares={item.id: item.allotted for item in items},
        used=used(heard, at=visit.at),
        running=next((t.agenda_item_id for t in heard if t.stopped_at is None), None),
        chosen=_chosen(visit, items),
        vote_rules=_vote_rules(meeting),
        runs=meeting.stage is Stage.CONFIRMED,
    )


def _day_of(meeting: Meeting) -> date:
    return meeting.start.astimezone(HERE).date()


def _chosen(visit: Visit, items: list[AgendaItem]) -> int:
    """Return the item for which the shared forms are: the one asked for, at first the first."""
    asked = visit.query("item")
    numbers = [item.id for item in items]
    return int(asked) if asked.isdecimal() and int(asked) in numbers else next(iter(numbers), 0)


def _vote_rules(meeting: Meeting) -> list[VoteRule]:
    """Return by which rules this meeting may vote; owners' ones first where owners meet."""
    if meeting.unit.compound_id is None:
        return [VoteRule.MEMBERS]
    owners = [VoteRule.OWNERS, VoteRule.OWNERS_SPECIAL]
    joint = meeting.unit.kind is Kind.JOINT
    return [VoteRule.MEMBERS, *owners] if joint else [*owners, VoteRule.MEMBERS]


def lists_of(visit: Visit, meeting: Meeting, item: AgendaItem) -> dict[str, Any]:
    """Return what the lists of one item show."""
    given = [a for a in seen.action_items(visit.db, meeting) if a.agenda_item_id == item.id]
    return {
        "meeting": meeting, "item": item, "given": given, "votes": queries.votes(visit.db, meeting),
    }  # fmt: skip


@page(may_enter=holding(Power.CONVENE))
def attendance(visit: Visit) -> Response:
    """Set who came."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    came = {a.id: found for a in attending(meeting) if (found := _came(visit, a))}
    room.take_attendance(visit.db, visit.actor, meeting, came, at=visit.at)
    return _back(meeting, _("考勤已保存。"))


def _came(visit: Visit, attendee: Attendee) -> room.Came | None:
    word = visit.form.get(f"came-{attendee.id}")
    substitute = clean(str(visit.form.get(f"substitute-{attendee.id}", ""))).strip()[:40]
    return came_of(attendee, str(word), substitute) if word else None


def came_of(attendee: Attendee, word: str, substitute: str) -> room.Came:
    """Return what a ticked word says. Raise `Invalid` for none of ours."""
    if word not in WORDS:
        raise Invalid("考勤选项无效，请刷新页面后重试。")
    if word == OBSERVER:
        return room.Came(Attendance.PRESENT, observer=True)
    counted = False if word == Attendance.PRESENT.value and attendee.observer else None
    return room.Came(Attendance.of_key(word), substitute, counted)


@page(may_enter=holding(Power.CONVENE))
def clock(visit: Visit) -> Response:
    """Begin or stop hearing an item."""
    meeting, item = _item(visit)
    form = read(ClockForm, visit.form)
    room.may_record(visit.db, visit.actor, meeting, at=visit.at)
    run_clock(visit.db, visit.actor, meeting, item, on=form.do == "start", at=visit.at)
    return _back(meeting, item=item)


@page(may_enter=holding(Power.CONVENE))
def notes(visit: Visit) -> Response:
    """Save an item's notes."""
    meeting, item = _item(visit)
    form = read(NotesForm, visit.form)
    room.write_notes(visit.db, visit.actor, meeting, item, form.notes, form.version, at=visit.at)
    return _back(meeting, _("记录已保存。"), item)


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
def vote(visit: Visit) -> Response:
    """Write a counted vote down."""
    meeting, item = _item(visit)
    form = read(VoteForm, visit.form)
    ballot = ballot_of(form)
    count_vote(visit.db, visit.actor, meeting, item, form.question, ballot, at=visit.at)
    return _back(
        meeting, _("表决通过，已记录。") if ballot.passed else _("表决未通过，已记录。"), item
    )


def ballot_of(form: VoteForm) -> Ballot:
    """Return the ballot that a form counts; areas from m² to dm²."""
    return Ballot(
        form.rule,
        Share(form.persons, int(form.area * DM2)),
        Share(form.yes_persons, int(form.yes_area * DM2)),
        Share(form.no_persons, int(form.no_area * DM2)),
        Share(form.abstained_persons, int(form.abstained_area * DM2)),
    )


@page(may_enter=holding(Power.CONVENE))
def assign(visit: Visit) -> Response:
    """Give an action item."""
    meeting, item = _item(visit)
    form = read(ActionForm, visit.form)
    made = assigned(visit.db, visit.actor, meeting, item, form, at=visit.at)
    if made.deadline.isoformat() != form.deadline:
        day = made.deadline.isoformat()
        return _back(meeting, _("督办事项已记录，时限为 %(day)s（工作日）。", day=day), item)
    return _back(meeting, _("督办事项已记录。"), item)


def assigned(
    db: Session, actor: Actor, meeting: Meeting, item: AgendaItem, form: ActionForm, *, at: datetime
) -> ActionItem:
    """Give what the form says to do. Raise `Invalid` for people who are not at the meeting."""
    owner = db.get(Officer, form.owner)
    if owner is None:
        raise Invalid("责任人不存在，请重新选择。")
    people = {a.officer_id: a for a in attending(meeting)}
    if not set(form.beside) <= people.keys():
        raise Invalid("配合人员应为本次会议的参会人员；其他单位请填在“其他配合单位”中。")
    beside = [people[number] for number in dict.fromkeys(form.beside) if number != owner.id]
    deadline = deadline_of(form.deadline, _day_of(meeting), calendar(db))
    return room.assign(
        db, actor, meeting, item, form.matter, owner, form.co_owners, deadline, beside=beside, at=at
    )


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


def _back(meeting: Meeting, notice: str = "", item: AgendaItem | None = None) -> Response:
    anchor = f"#item-{item.id}" if item else ""
    return redirect(f"/meetings/{meeting.id}/room{anchor}", notice)


_ONE = "/meetings/{meeting:int}/room"
_ITEM = _ONE + "/items/{item:int}"
routes = [
    Route(_ONE, show),
    Route(_ONE + "/attendance", attendance, methods=["POST"]),
    Route(_ITEM + "/clock", clock, methods=["POST"]),
    Route(_ITEM + "/notes", notes, methods=["POST"]),
    Route(_ITEM + "/resolutions", resolve, methods=["POST"]),
    Route(_ITEM + "/resolutions/{resolution:int}/remove", unresolve, methods=["POST"]),
    Route(_ITEM + "/votes", vote, methods=["POST"]),
    Route(_ITEM + "/actions", assign, methods=["POST"]),
    Route(_ONE + "/actions/{action:int}/remove", unassign, methods=["POST"]),
    Route(_ONE + "/end", hold, methods=["POST"]),
]
