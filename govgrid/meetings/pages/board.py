"""The month board: an area's units, each with the state of its month, as list and calendar."""

from collections import defaultdict
from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.clock import HERE
from govgrid.errors import NotFound
from govgrid.grid.models import Area
from govgrid.grid.queries import area_seen, starts
from govgrid.meetings import rules
from govgrid.meetings.queries import rest_days
from govgrid.meetings.queries.board import BoardRow, board, count_units, tally
from govgrid.meetings.queries.hits import hits
from govgrid.web.forms import month_of
from govgrid.web.page import page, redirect, signed_in
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.workdays import DayKind
from govgrid.workdays import calendar as workday_calendar

CALENDAR_ROWS = 400
TONES = {
    rules.State.UNPLANNED: "neutral",
    rules.State.PLANNED: "warn",
    rules.State.CONFIRMED: "info",
    rules.State.INVITED: "info",
    rules.State.HELD: "warn",
    rules.State.MINUTES_DUE: "bad",
    rules.State.SIGNED: "good",
}


@page(may_enter=signed_in)
def months(visit: Visit) -> Response:
    """Go to the month that is to be planned: the coming one from the 15th on."""
    month = rules.month_start(visit.today)
    if visit.today.day >= 15:
        month = rules.next_month(month)
    return redirect(f"/months/{month:%Y-%m}")


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show the board of one month."""
    month = month_of(visit.path("month"))
    area, choices = area_of(visit)
    total = count_units(visit.db, visit.actor, area)
    as_calendar = visit.query("view") == "calendar"
    paging = paging_of(visit, total, CALENDAR_ROWS if as_calendar else 50)
    rows = board(
        visit.db, visit.actor, area, month, at=visit.at, offset=paging.offset, limit=paging.size
    )
    met = [row.meeting.id for row in rows if row.meeting]
    return render(
        visit,
        "meetings/board.html",
        area=area,
        choices=choices,
        month=month,
        before=rules.last_month(month),
        after=rules.next_month(month),
        rows=rows,
        paging=paging,
        tally=tally(visit.db, visit.actor, area, month, at=visit.at),
        tones=TONES,
        hits=hits(visit.db, met, at=visit.at),
        State=rules.State,
        plans=visit.actor.may(Power.PLAN, area.path),
        convenes=visit.actor.may(Power.CONVENE, area.path),
        weeks=_weeks(visit, month, rows) if as_calendar else None,
        lost=rest_days.lost_day,
        closed=rest_days.closed(visit.db, visit.at),
        DayKind=DayKind,
    )


def area_of(visit: Visit, power: Power = Power.SEE) -> tuple[Area, list[Area]]:
    """Return the area asked for, or the actor's first, and those to choose from."""
    choices = starts(visit.db, visit.actor)
    if code := visit.query("area"):
        return area_seen(visit.db, visit.actor, code), choices
    held = [a for a in choices if visit.actor.may(power, a.path)] or choices
    if not held:
        raise NotFound("您的任职中没有可查看的区域；您参加的会议请见“我的工作”。")
    return held[0], choices


def _weeks(visit: Visit, month: date, rows: list[BoardRow]) -> list[list[dict[str, object]]]:
    calendar = workday_calendar(visit.db)
    held: dict[date, list[BoardRow]] = defaultdict(list)
    for row in sorted((r for r in rows if r.meeting), key=_begin):
        if row.meeting:
            held[row.meeting.start.astimezone(HERE).date()].append(row)
    first = month - timedelta(days=month.weekday())
    last = rules.next_month(month)
    return [
        [
            {
                "day": day,
                "inside": day.month == month.month,
                "today": day == visit.today,
                "rest": not calendar.is_workday(day),
                "kind": calendar.kind(day),
                "name": calendar.name(day),
                "rows": held[day],
            }
            for day in (week + timedelta(days=n) for n in range(7))
        ]
        for week in (first + timedelta(days=7 * n) for n in range((last - first).days // 7 + 1))
        if week < last
    ]


def _begin(row: BoardRow) -> float:
    return row.meeting.start.timestamp() if row.meeting else 0


routes = [
    Route("/months", months),
    Route("/months/{month}", show),
]
