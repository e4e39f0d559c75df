"""Choose when and where: a month's slots with who is free, for a new or a moved meeting."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.clock import HERE
from govgrid.errors import Conflict, Invalid
from govgrid.meetings import rules
from govgrid.meetings.actions import plan
from govgrid.meetings.forms import PlaceForm
from govgrid.meetings.models import Meeting, Unit, Venue
from govgrid.meetings.queries.availability import Choice, choices, last_held, venues
from govgrid.meetings.queries.people import Due, due, due_at_unit
from govgrid.meetings.queries.seen import meeting_seen, unit_seen
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.web.forms import month_of, read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.workdays import DayKind
from govgrid.workdays import calendar as workday_calendar

RECOMMENDED = 3


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be placed, and where the page lives."""

    unit: Unit
    month: date
    holders: list[Due]
    path: str
    meeting: Meeting | None = None


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show the slots for a unit's meeting of a month."""
    return _show(visit, _new(visit))


@page(may_enter=holding(Power.CONVENE))
def show_move(visit: Visit) -> Response:
    """Show the slots to which a meeting may move."""
    return _show(visit, _move(visit))


@page(may_enter=holding(Power.CONVENE))
def schedule(visit: Visit) -> Response:
    """Plan the meeting at the chosen slot."""
    wish, form = _new(visit), read(PlaceForm, visit.form)
    meeting = plan.schedule(
        visit.db,
        visit.actor,
        wish.unit,
        _place(visit, wish, form),
        wish.holders,
        workday_calendar(visit.db),
        at=visit.at,
    )
    return redirect(
        f"/meetings/{meeting.id}", _("会议已排定。请核对参会人员和议程，然后确认并发出通知。")
    )


@page(may_enter=holding(Power.CONVENE))
def move(visit: Visit) -> Response:
    """Move the meeting to the chosen slot."""
    wish, form = _move(visit), read(PlaceForm, visit.form)
    meeting = wish.meeting
    if meeting is None or meeting.version != form.version:
        raise Conflict("会议刚被其他人修改，请刷新页面核对后再改期。")
    place = _place(visit, wish, form)
    sent = plan.reschedule(
        visit.db, visit.actor, meeting, place, workday_calendar(visit.db), at=visit.at
    )
    return redirect(f"/meetings/{meeting.id}", _("会议已改期，%(n)s 封变更通知即将发出。", n=sent))


def _new(visit: Visit) -> _Wish:
    unit = unit_seen(visit.db, visit.actor, visit.number("unit"))
    plan.may_convene(visit.actor, unit.community.path)
    month = month_of(visit.path("month"))
    holders = due_at_unit(visit.db, unit, month)
    return _Wish(unit, month, holders, f"/units/{unit.id}/schedule/{month:%Y-%m}")


def _move(visit: Visit) -> _Wish:
    meeting = meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    plan.may_convene(visit.actor, meeting.community.path)
    plan.refuse_past(meeting)
    holders = due(meeting)
    return _Wish(meeting.unit, meeting.month, holders, f"/meetings/{meeting.id}/move", meeting)


def _show(visit: Visit, wish: _Wish) -> Response:
    rooms, setup = _rooms(visit, wish), setup_of_unit(visit.db, wish.unit)
    room = _room(
        rooms, visit.query("venue"), wish.meeting.venue_id if wish.meeting else setup.venue_id
    )
    calendar = workday_calendar(visit.db)
    found = choices(
        visit.db,
        wish.month,
        setup,
        wish.holders,
        room,
        calendar,
        after=visit.at,
        besides=wish.meeting.id if wish.meeting else None,
    )
    chosen = _chosen(found, visit.query("start"))
    before = last_held(visit.db, wish.unit.id, rules.month_span(wish.month)[0])
    context: dict[str, Any] = {
        "wish": wish,
        "rooms": rooms,
        "room": room,
        "chosen": chosen,
        "minutes": setup.minutes_long,
    }
    if visit.partial:
        return render(visit, "meetings/slot.html", **context)
    return render(
        visit,
        "meetings/schedule.html",
        days=_by_day(found),
        starts=[time(minute // 60, minute % 60) for minute in setup.starts],
        found=found,
        advised=_advised(found, before),
        before=before,
        kind=calendar.kind,
        DayKind=DayKind,
        **context,
    )


def _rooms(visit: Visit, wish: _Wish) -> list[Venue]:
    """Return the community's rooms, and where it meets elsewhere in the street, that room too."""
    rooms = venues(visit.db, wish.unit.community_id)
    held = wish.meeting.venue_id if wish.meeting else setup_of_unit(visit.db, wish.unit).venue_id
    if held is not None and all(room.id != held for room in rooms):
        rooms.append(visit.db.get_one(Venue, held))
    return rooms


def _room(rooms: list[Venue], asked: str, held: int | None) -> Venue | None:
    wanted = int(asked) if asked.isdecimal() else 0
    for number in (wanted, held):
        if room := next((r for r in rooms if r.id == number), None):
            return room
    return rooms[0] if rooms else None


def _chosen(found: list[Choice], asked: str) -> Choice | None:
    return next((c for c in found if c.slot.start.isoformat() == asked), None)


def _by_day(found: list[Choice]) -> dict[date, dict[str, Choice]]:
    days: dict[date, dict[str, Choice]] = {}
    for choice in found:
        start = choice.slot.start.astimezone(HERE)
        days.setdefault(start.date(), {})[f"{start:%H:%M}"] = choice
    return days


def _advised(found: list[Choice], before: Meeting | None) -> list[Choice]:
    """Return the best slots: everybody free, last month's weekday and hour, early in the month."""
    usual = before.start.astimezone(HERE) if before else None

    def rank(choice: Choice) -> tuple[bool, int, bool, bool, datetime]:
        start = choice.slot.start.astimezone(HERE)
        other = usual is None or (start.weekday(), start.hour) != (usual.weekday(), usual.hour)
        missing = sum(p.holder.required for p in choice.missing)
        return bool(choice.room), missing, start.hour >= 18, other, choice.slot.start

    return sorted((c for c in found if not c.room), key=rank)[:RECOMMENDED]


def _place(visit: Visit, wish: _Wish, form: PlaceForm) -> plan.Place:
    room = next((r for r in _rooms(visit, wish) if r.id == form.venue), None)
    if room is None:
        raise Invalid("所选会议室不存在，请重新选择。")
    if rules.month_start(form.start.astimezone(HERE).date()) != wish.month:
        raise Invalid("所选时间不在该月份内，请重新选择。")
    return plan.Place(form.start, room, frozenset(form.accepted))


routes = [
    Route("/units/{unit:int}/schedule/{month}", show),
    Route("/units/{unit:int}/schedule/{month}", schedule, methods=["POST"]),
    Route("/meetings/{meeting:int}/move", show_move),
    Route("/meetings/{meeting:int}/move", move, methods=["POST"]),
]
