"""The room's page and the server in step: what stands, and entries that are taken once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from govgrid.access import Actor, Power
from govgrid.errors import Invalid, NotFound, Refusal
from govgrid.meetings.actions import room
from govgrid.meetings.actions.clock import run_clock
from govgrid.meetings.actions.guests import add_guest, drop_guest
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.actions.votes import count_vote
from govgrid.meetings.forms import (
    ActionForm,
    CameForm,
    ClockForm,
    GuestForm,
    NotesForm,
    ResolutionForm,
    VoteForm,
)
from govgrid.meetings.models import AgendaItem, Meeting, RoomEntry
from govgrid.meetings.pages.room import assigned, ballot_of, came_of, lists_of
from govgrid.meetings.queries import room as queries
from govgrid.meetings.queries import seen
from govgrid.meetings.rules.room import moment_of, stale, used, word_of
from govgrid.web import static_files
from govgrid.web.forms import clean, read
from govgrid.web.forms import moment_of as moment_written
from govgrid.web.language import clock_text, refusal_text
from govgrid.web.page import anyone, holding, page
from govgrid.web.render import render
from govgrid.web.visit import Visit

MOST = 50  # entries at once
Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes down what: `moment` by the writer's clock, `at` by ours."""

    db: Session
    actor: Actor
    meeting: Meeting
    data: FormData
    moment: datetime
    at: datetime

    @property
    def item(self) -> AgendaItem:
        """Return the agenda item that the entry names. Raise `NotFound`."""
        return seen.agenda_item(self.db, self.meeting, self.number("item"))

    def number(self, name: str) -> int:
        """Return a whole number of the entry. Raise `Invalid`."""
        text = str(self.data.get(name, ""))
        if not text.isdecimal() or len(text) > 9:
            raise Invalid("提交的内容不完整，请刷新页面后重试。")
        return int(text)


def _attendance(hand: Hand) -> Outcome:
    form = read(CameForm, hand.data)
    attendee = next((a for a in attending(hand.meeting) if a.id == form.attendee), None)
    if attendee is None:
        raise NotFound("该参会人员已不在名单中，请刷新页面。")
    now = word_of(attendee)
    if now not in {form.seen, form.word}:
        return {"theirs": {"word": now, "substitute": attendee.substitute or ""}}
    came = {attendee.id: came_of(attendee, form.word, form.substitute)}
    room.take_attendance(hand.db, hand.actor, hand.meeting, came, at=hand.at)
    return {}


def _notes(hand: Hand) -> Outcome:
    item, form = hand.item, read(NotesForm, hand.data)
    if stale(item, form.notes, form.version):
        return {"theirs": _text(item)}
    room.write_notes(hand.db, hand.actor, hand.meeting, item, form.notes, form.version, at=hand.at)
    return {"version": item.notes_version}


def _text(item: AgendaItem) -> Outcome:
    at = clock_text(item.notes_at) if item.notes_at else ""
    return {
        "notes": item.notes, "version": item.notes_version, "by": item.notes_by or "", "at": at,
    }  # fmt: skip


def _resolve(hand: Hand) -> Outcome:
    form = read(ResolutionForm, hand.data)
    made = room.resolve(
        hand.db, hand.actor, hand.meeting, hand.item, form.text, case_id=form.case, at=hand.at
    )
    return {"resolution": made.id}


def _unresolve(hand: Hand) -> Outcome:
    found = seen.resolution(hand.item, hand.number("resolution"))
    room.drop_resolution(hand.db, hand.actor, hand.meeting, found, at=hand.at)
    return {}


def _vote(hand: Hand) -> Outcome:
    form = read(VoteForm, hand.data)
    made = count_vote(
        hand.db, hand.actor, hand.meeting, hand.item, form.question, ballot_of(form), at=hand.at
    )
    return {"resolution": made.resolution_id}


def _assign(hand: Hand) -> Outcome:
    form = read(ActionForm, hand.data)
    made = assigned(hand.db, hand.actor, hand.meeting, hand.item, form, at=hand.at)
    return {"action": made.id}


def _unassign(hand: Hand) -> Outcome:
    number = hand.number("action")
    found = next((a for a in seen.action_items(hand.db, hand.meeting) if a.id == number), None)
    if found is None:
        raise NotFound("该督办事项已不存在，请刷新页面。")
    room.drop_action_item(hand.db, hand.actor, hand.meeting, found, at=hand.at)
    return {}


def _guest(hand: Hand) -> Outcome:
    form = read(GuestForm, hand.data)
    made = add_guest(
        hand.db, hand.actor, hand.meeting, form.name, form.affiliation, form.duty, at=hand.at
    )  # fmt: skip
    return {"guest": made.id}


def _unguest(hand: Hand) -> Outcome:
    found = queries.guest(hand.db, hand.meeting, hand.number("guest"))
    drop_guest(hand.db, hand.actor, hand.meeting, found, at=hand.at)
    return {}


def _clock(hand: Hand) -> Outcome:
    form = read(ClockForm, hand.data)
    room.may_record(hand.db, hand.actor, hand.meeting, at=hand.at)
    run_clock(hand.db, hand.actor, hand.meeting, hand.item, on=form.do == "start", at=hand.moment)
    return {}


TAKERS: Mapping[str, Callable[[Hand], Outcome]] = {
    "attendance": _attendance,
    "notes": _notes,
    "resolve": _resolve,
    "unresolve": _unresolve,
    "vote": _vote,
    "assign": _assign,
    "unassign": _unassign,
    "clock": _clock,
    "guest": _guest,
    "unguest": _unguest,
}


@page(may_enter=holding(Power.CONVENE), own_transactions=True)
def take(visit: Visit) -> Response:
    """Take entries in their order, each in a transaction of its own."""
    meeting = _meeting(visit)
    results = [_taken(visit, meeting.id, entry) for entry in _entries(visit)]
    return JSONResponse({"results": results, "saved": clock_text(visit.at)})


def _entries(visit: Visit) -> list[dict[str, Any]]:
    wrong = Invalid("提交的内容无法识别，请刷新页面后重试。")
    try:
        found = json.loads(str(visit.form.get("entries", "")))
    except ValueError:
        raise wrong from None
    if not isinstance(found, list) or len(found) > MOST:
        raise wrong
    for one in found:
        key = one.get("key") if isinstance(one, dict) else None
        if not isinstance(key, str) or not 8 <= len(key) <= 36 or not key.isascii():
            raise wrong
    return found


def _taken(visit: Visit, number: int, entry: dict[str, Any]) -> Outcome:
    key = {"key": entry["key"]}
    try:
        with visit.house.database.writing() as db:
            return {**key, **_take(db, visit, number, entry)}
    except Refusal as refusal:
        return {**key, "status": "refused", "why": refusal_text(refusal)}
    except (StaleDataError, IntegrityError):  # somebody else came first: asked again, it is seen
        return {**key, "status": "again"}


def _take(db: Session, visit: Visit, number: int, entry: dict[str, Any]) -> Outcome:
    known = queries.entry_of(db, number, entry["key"])
    if known is not None:
        return {"status": "taken", **known.outcome}
    taker = TAKERS.get(str(entry.get("kind")))
    if taker is None:
        raise Invalid("提交的内容无法识别，请刷新页面后重试。")
    meeting = seen.meeting_seen(db, visit.actor, number)
    written = moment_written(str(entry.get("written", "")))
    moment = moment_of(written, meeting, at=visit.at)
    outcome = taker(Hand(db, visit.actor, meeting, _data(entry), moment, visit.at))
    if "theirs" in outcome:
        return {"status": "conflict", **outcome}
    db.add(
        RoomEntry(
            meeting_id=number, key=entry["key"], kind=str(entry["kind"]),
            account_id=visit.actor.account_id, written_at=moment, taken_at=visit.at,
            outcome=outcome,
        )
    )  # fmt: skip
    return {"status": "taken", **outcome}


def _data(entry: dict[str, Any]) -> FormData:
    given = entry.get("fields")
    fields = given.items() if isinstance(given, dict) else ()
    return FormData(
        [
            (str(name), clean(str(one)))
            for name, value in fields
            for one in (value if isinstance(value, list) else [value])
        ]
    )


@page(may_enter=holding(Power.CONVENE))
def state(visit: Visit) -> Response:
    """Tell what stands now, and the token with which entries come."""
    meeting = _meeting(visit)
    heard = queries.times(visit.db, meeting)
    running = next((t.agenda_item_id for t in heard if t.stopped_at is None), None)
    return JSONResponse(
        {
            "account": visit.actor.account_id,
            "csrf": visit.csrf_token,
            "now": visit.at.isoformat(),
            "stage": meeting.stage.value,
            "attendance": {a.id: [word_of(a), a.substitute or ""] for a in attending(meeting)},
            "guests": [one.id for one in queries.guests(visit.db, meeting)],
            "items": queries.written(visit.db, meeting),
            "running": running,
            "used": used(heard, at=visit.at),
        }
    )


@page(may_enter=holding(Power.CONVENE))
def lists(visit: Visit) -> Response:
    """Show what was decided and given to do on one item, as a part of the page."""
    meeting = _meeting(visit)
    item = seen.agenda_item(visit.db, meeting, visit.number("item"))
    return render(visit, "meetings/room_lists.html", **lists_of(visit, meeting, item))


@page(may_enter=holding(Power.CONVENE))
def notes(visit: Visit) -> Response:
    """Tell an item's notes as they stand."""
    return JSONResponse(_text(seen.agenda_item(visit.db, _meeting(visit), visit.number("item"))))


@page(may_enter=anyone)
def worker(_visit: Visit) -> Response:
    """Give the script that shows the room without a network; its scope is where it lies."""
    text = (static_files.OURS / "room" / "worker.js").read_text(encoding="utf-8")
    return Response(text, media_type="text/javascript")


def _meeting(visit: Visit) -> Meeting:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    may_convene(visit.actor, meeting.community.path)
    return meeting


_ONE = "/meetings/{meeting:int}/room"
routes = [
    Route("/meetings/room-worker.js", worker),
    Route(_ONE + "/state.json", state),
    Route(_ONE + "/entries", take, methods=["POST"]),
    Route(_ONE + "/items/{item:int}", lists),
    Route(_ONE + "/items/{item:int}/notes.json", notes),
]
