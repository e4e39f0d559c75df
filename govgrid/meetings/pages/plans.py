"""One run of the planner: its progress, its result as calendar and list, changes by hand."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.clock import HERE
from govgrid.errors import Conflict, Invalid, Refusal
from govgrid.exchange.refusals import untold
from govgrid.meetings.actions import runs as actions
from govgrid.meetings.actions import ways as way_actions
from govgrid.meetings.models import UNDER_WAY, PlanLine, PlanRun, RunState
from govgrid.meetings.pages.planning import RUN_TONES, month_address
from govgrid.meetings.queries import runs as queries
from govgrid.meetings.queries.moving import Answer, answers
from govgrid.meetings.rules import days
from govgrid.meetings.runs_forms import PinForm, PlaceForm, WayForm
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.language import refusal_text
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.workdays import calendar as workday_calendar

DRAWN = 200  # lines a calendar draws; above that it counts
LISTED = 30
VIEWS = ("calendar", "list", "left")


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the calendar: its lines by minute of the day."""

    day: date
    rest: bool
    cells: dict[int, list[PlanLine]]


@page(may_enter=holding(Power.PLAN))
def show(visit: Visit) -> Response:
    """Show the run: its progress while it is under way, then what came of it."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    context: dict[str, Any] = {
        "run": run,
        "back": month_address(run.month, run.area),
        "whole": queries.whole(visit.actor, run),
        "tones": RUN_TONES,
        "failure": untold(run.failure),
        "UNDER_WAY": UNDER_WAY,
    }
    if run.state is not RunState.DONE:
        return render(visit, "meetings/plan.html", **context)
    counts = queries.counts(visit.db, visit.actor, run)
    view = visit.query("view") if visit.query("view") in VIEWS else _first_view(run, counts)
    return render(
        visit,
        "meetings/plan_result.html",
        view=view,
        counts=counts,
        kept=_kept(visit, run),
        convenes=visit.actor.has(Power.CONVENE),
        **context,
        **_view(visit, run, view),
    )


def _first_view(run: PlanRun, counts: dict[str, int]) -> str:
    if run.repair:
        return "list"
    return "left" if counts["unplanned"] and counts["unplanned"] == counts["total"] else "calendar"


def _kept(visit: Visit, run: PlanRun) -> int:
    """Count the lines at last month's weekday and hour."""
    columns = queries.lines(visit.actor, run).with_only_columns(PlanLine.start, PlanLine.before)
    rows = visit.db.execute(columns.where(PlanLine.before.is_not(None)).order_by(None))
    known = ((start, before) for start, before in rows if start and before)
    return sum(_hour(start) == _hour(before) for start, before in known)


def _hour(when: datetime) -> tuple[int, int, int]:
    local = when.astimezone(HERE)
    return local.weekday(), local.hour, local.minute


def _view(visit: Visit, run: PlanRun, view: str) -> dict[str, Any]:
    if view == "calendar":
        return _calendar(visit, run)
    chosen = queries.lines(visit.actor, run)
    if view == "left":
        chosen = chosen.where(PlanLine.start.is_(None))
    elif run.repair:
        moved = (PlanLine.start.is_(None)) | (PlanLine.start != PlanLine.stood)
        chosen = chosen.where(moved | (PlanLine.venue_id != PlanLine.stood_venue_id))
    total = queries.count(visit.db, chosen)
    paging = paging_of(visit, total, LISTED)
    rows = list(visit.db.scalars(queries.in_order(chosen).offset(paging.offset).limit(paging.size)))
    return {"rows": rows, "paging": paging, "hour": _hour, "told": _told, "ways": _ways}


def _calendar(visit: Visit, run: PlanRun) -> dict[str, Any]:
    chosen = queries.lines(visit.actor, run).where(PlanLine.start.is_not(None))
    total = queries.count(visit.db, chosen)
    if total > DRAWN and not visit.query("within"):
        return {"crowd": _crowd(visit, run), "parts": queries.parts(visit.db, visit.actor, run)}
    if within := visit.query("within"):
        chosen = chosen.where(queries.under_code(within))
    found = list(visit.db.scalars(queries.in_order(chosen)))
    people, rooms = _people(visit, found), {(line.venue_id, line.venue.name) for line in found}
    shown = _filtered(visit, found)
    return {
        "crowd": None,
        "weeks": _rows(visit, run, shown),
        "minutes": sorted({_minute(line) for line in found} | set(_usual(found))),
        "people": people,
        "rooms": sorted(rooms, key=lambda r: r[1]),
        "shown": len(shown),
        "within": visit.query("within"),
        "parts": [],
    }


def _usual(found: Sequence[PlanLine]) -> tuple[int, ...]:
    """Return slots that are drawn although nobody meets at them, to drag to."""
    return (540, 630, 840, 930) if found else ()


def _crowd(visit: Visit, run: PlanRun) -> dict[date, dict[int, int]]:
    """Count the lines by day and minute, where there are too many to draw."""
    columns = queries.lines(visit.actor, run).with_only_columns(PlanLine.start)
    found: dict[date, dict[int, int]] = defaultdict(Counter)
    for start in visit.db.scalars(columns.where(PlanLine.start.is_not(None)).order_by(None)):
        assert start is not None
        local = start.astimezone(HERE)
        found[local.date()][local.hour * 60 + local.minute] += 1
    return dict(sorted(found.items()))


def _people(visit: Visit, found: Sequence[PlanLine]) -> list[tuple[int, str, int]]:
    """Return who sits in several of the meetings: number, name, how many."""
    times = Counter(officer for line in found for officer, _role, _part in line.due)
    often = [(officer, n) for officer, n in times.most_common(200) if n > 1]
    names = queries.names(visit.db, [officer for officer, _n in often])
    return [(officer, names.get(officer, ""), n) for officer, n in often]


def _filtered(visit: Visit, found: Sequence[PlanLine]) -> list[PlanLine]:
    who, where = visit.query("person"), visit.query("venue")
    if who.isdecimal():
        found = [line for line in found if any(officer == int(who) for officer, _r, _p in line.due)]
    if where.isdecimal():
        found = [line for line in found if line.venue_id == int(where)]
    return list(found)


def _rows(visit: Visit, run: PlanRun, shown: Sequence[PlanLine]) -> list[Row]:
    works = workday_calendar(visit.db)
    by_day: dict[date, dict[int, list[PlanLine]]] = defaultdict(lambda: defaultdict(list))
    for line in shown:
        assert line.start is not None
        by_day[line.start.astimezone(HERE).date()][_minute(line)].append(line)
    return [
        Row(day, not works.is_workday(day), by_day[day])
        for day in days(run.month)
        if works.is_workday(day) or day in by_day
    ]


def _minute(line: PlanLine) -> int:
    assert line.start is not None
    local = line.start.astimezone(HERE)
    return local.hour * 60 + local.minute


def _told(line: PlanLine) -> list[Refusal]:
    return [one for reason in line.reasons if (one := untold(reason)) is not None]


def _ways(line: PlanLine) -> list[Refusal]:
    return [one for way in line.ways if (one := untold(way["told"])) is not None]


@page(may_enter=holding(Power.PLAN))
def progress(visit: Visit) -> Response:
    """Show how far it is; once it is through, the page comes anew."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    if run.finished_at is not None:
        return Response(headers={"HX-Refresh": "true"})
    return render(
        visit, "meetings/plan_progress.html", run=run, whole=queries.whole(visit.actor, run)
    )


@page(may_enter=holding(Power.PLAN))
def stop(visit: Visit) -> Response:
    """End the search with the best plan so far."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    actions.stop(visit.db, visit.actor, run)
    return redirect(f"/plans/{run.id}", _("将以目前最好的方案结束。"))


@page(may_enter=holding(Power.PLAN))
def again(visit: Visit) -> Response:
    """Plan once more around what was changed by hand."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    made = way_actions.replan(visit.db, visit.actor, run, at=visit.at)
    return redirect(f"/plans/{made.id}")


@page(may_enter=holding(Power.PLAN))
def show_line(visit: Visit) -> Response:
    """Show one meeting: who is due, why it has no place, where it could go."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    line = queries.line_seen(visit.db, visit.actor, run, visit.number("line"))
    calendar = workday_calendar(visit.db)
    return render(
        visit,
        "meetings/plan_line.html" if visit.partial else "meetings/plan_line_page.html",
        run=run,
        line=line,
        names=queries.names(visit.db, [officer for officer, _role, _part in line.due]),
        answers=answers(visit.db, run, line, calendar, at=visit.at),
        reasons=_told(line),
        ways=_ways(line),
        roles=way_actions.role_words(),
        parts=way_actions.part_words(),
    )


@page(may_enter=holding(Power.PLAN))
def slots(visit: Visit) -> Response:
    """Say of every slot whether the meeting could go there, and why not."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    line = queries.line_seen(visit.db, visit.actor, run, visit.number("line"))
    found = answers(visit.db, run, line, workday_calendar(visit.db), at=visit.at)
    return JSONResponse(
        {
            "name": line.unit.name,
            "free": _("空闲，可以移到这里"),
            "closed": _("该会议单元不在这个时段开会"),
            "slots": {_stamp(a.slot.start): [refusal_text(o) for o in a.obstacles] for a in found},
        }
    )


def _stamp(start: datetime) -> str:
    return f"{start.astimezone(HERE):%Y-%m-%dT%H:%M}"


@page(may_enter=holding(Power.PLAN))
def place(visit: Visit) -> Response:
    """Put the meeting at another slot, if that is free."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    line = queries.line_seen(visit.db, visit.actor, run, visit.number("line"))
    form = read(PlaceForm, visit.form)
    if form.version and form.version != line.version:
        raise Conflict("这场会议刚被其他人调整，请刷新页面核对后再改。")
    found = answers(visit.db, run, line, workday_calendar(visit.db), at=visit.at)
    answer = next((a for a in found if a.slot.start == form.start), None)
    actions.place_line(visit.db, visit.actor, run, line, _checked(line, answer))
    return redirect(
        f"/plans/{run.id}?view=calendar", _("已移动并固定“%(unit)s”。", unit=line.unit.name)
    )


def _checked(line: PlanLine, answer: Answer | None) -> Answer:
    """Return the slot. Raise `Conflict` with everything that stands in its way."""
    if answer is None:
        raise Invalid(
            "“%(unit)s”不在这个时段开会：超出窗口、时刻表，或未开放。", unit=line.unit.name
        )
    if answer.obstacles:
        raise Conflict(
            "“%(unit)s”不能移到这里：%(why)s。", unit=line.unit.name, why=list(answer.obstacles)
        )
    return answer


@page(may_enter=holding(Power.PLAN))
def pin(visit: Visit) -> Response:
    """Keep the meeting where it is when the month is planned again, or let it go."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    line = queries.line_seen(visit.db, visit.actor, run, visit.number("line"))
    form = read(PinForm, visit.form)
    actions.pin(visit.db, visit.actor, run, line, pinned=form.pinned)
    return redirect(
        f"/plans/{run.id}?view=calendar", _("已固定。") if form.pinned else _("已取消固定。")
    )


@page(may_enter=holding(Power.PLAN))
def way(visit: Visit) -> Response:
    """Take one way out and plan again."""
    run = queries.run_seen(visit.db, visit.actor, visit.number("run"))
    line = queries.line_seen(visit.db, visit.actor, run, visit.number("line"))
    number = read(WayForm, visit.form).way
    made = way_actions.take_way(
        visit.db, visit.actor, run, line, number, at=visit.at, today=visit.today
    )
    return redirect(f"/plans/{made.id}")


_ONE = "/plans/{run:int}"
routes = [
    Route(_ONE, show),
    Route(_ONE + "/progress", progress),
    Route(_ONE + "/stop", stop, methods=["POST"]),
    Route(_ONE + "/again", again, methods=["POST"]),
    Route(_ONE + "/lines/{line:int}", show_line),
    Route(_ONE + "/lines/{line:int}/slots.json", slots),
    Route(_ONE + "/lines/{line:int}/place", place, methods=["POST"]),
    Route(_ONE + "/lines/{line:int}/pin", pin, methods=["POST"]),
    Route(_ONE + "/lines/{line:int}/way", way, methods=["POST"]),
]
