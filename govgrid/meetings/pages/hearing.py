"""What a meeting hears: the secretary's choice, the material as everybody due sees it, old tasks."""

from datetime import date, datetime
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.rules import PARTS, RATES
from govgrid.exchange.refusals import untold
from govgrid.meetings import material
from govgrid.meetings.actions import agenda
from govgrid.meetings.forms import HearForm
from govgrid.meetings.models import AgendaItem, AgendaKind, Meeting, Stage
from govgrid.meetings.queries import agenda as queries
from govgrid.meetings.queries import material as readings
from govgrid.meetings.queries import seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect, signed_in
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit

SHOWN = 50
Homes = dict[str, AgendaItem | None]


@page(may_enter=holding(Power.CONVENE))
def offer(visit: Visit) -> Response:
    """Show what can be heard, each with its reason, and what is chosen."""
    meeting = _meeting(visit)
    agenda.may_write(visit.actor, meeting)
    homes = _homes(visit, meeting)
    since = readings.since_last(visit.db, meeting)
    total = readings.count_candidates(visit.db, meeting, since, at=visit.at)
    paging = paging_of(visit, total, SHOWN)
    listed = [home.id for home in homes.values() if home]
    points = [one for some in queries.points_of(visit.db, listed).values() for one in some]
    raised = readings.steps_raised(visit.db, points)
    lately = readings.steps(visit.db, meeting, since, at=visit.at)
    return render(
        visit,
        "meetings/hear.html",
        meeting=meeting,
        since=since,
        homes=homes,
        rows=readings.candidates(
            visit.db, meeting, since, at=visit.at, offset=paging.offset, limit=paging.size
        ),
        paging=paging,
        chosen={one.case_id for one in homes["cases"].cases} if homes["cases"] else set(),
        rates=material.rates(visit.db, meeting, at=min(visit.at, meeting.start)),
        panels=readings.showcases(visit.db, meeting, at=visit.at),
        steps=[*raised.values(), *(one for one in lately if one.id not in raised)],
        steps_chosen=set(raised),
        compounds_chosen={point.compound_id for point in points},
        **_words(),
    )


@page(may_enter=holding(Power.CONVENE))
def choose(visit: Visit) -> Response:
    """Set what is heard."""
    meeting = _meeting(visit)
    form = read(HearForm, visit.form)
    homes = _homes(visit, meeting)
    db, actor = visit.db, visit.actor
    if (item := homes["cases"]) is not None:
        agenda.choose_cases(db, actor, meeting, item, form.cases, form.offered)
    if (item := homes["steps"]) is not None:
        agenda.choose_points(db, actor, meeting, item, steps=form.steps, at=visit.at)
    if (item := homes["showcases"]) is not None:
        agenda.choose_points(db, actor, meeting, item, compounds=form.compounds, at=visit.at)
    number = visit.query("page")
    more = f"?page={number}" if number.isdecimal() else ""
    return redirect(f"/meetings/{meeting.id}/agenda/hear{more}", _("听取内容已更新。"))


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show what the meeting hears now, or what it heard."""
    meeting = _meeting(visit)
    items = seen.agenda(visit.db, meeting)
    return render(
        visit,
        "meetings/material.html",
        meeting=meeting,
        items=items,
        shown=material.of_meeting(visit.db, meeting, items, at=visit.at),
        held=meeting.stage is Stage.HELD,
        files=queries.attachments(visit.db, meeting),
        convenes=visit.actor.may(Power.CONVENE, meeting.community.path),
        Stage=Stage,
        untold=untold,
        **_words(),
    )


@page(may_enter=signed_in)
def carried(visit: Visit) -> Response:
    """List the tasks that earlier meetings left open."""
    meeting = _meeting(visit)
    paging = paging_of(visit, queries.count_owed(visit.db, meeting), SHOWN)
    return render(
        visit,
        "meetings/carried.html",
        meeting=meeting,
        owed=queries.owed(visit.db, meeting, at=visit.at, offset=paging.offset, limit=paging.size),
        paging=paging,
    )


def _words() -> dict[str, Any]:
    """Return what both pages need to show the JSON of the material."""
    return {
        "parts": PARTS,
        "words": RATES,
        "as_day": date.fromisoformat,
        "as_moment": datetime.fromisoformat,
        "said": lambda words: _("、").join(map(_, words)),
    }


def _homes(visit: Visit, meeting: Meeting) -> Homes:
    """Return under which items cases, supervision steps and showcases are heard."""
    items = seen.agenda(visit.db, meeting)

    def first(*kinds: AgendaKind) -> AgendaItem | None:
        return next((item for kind in kinds for item in items if item.kind is kind), None)

    return {
        "cases": first(AgendaKind.CASE),
        "steps": first(AgendaKind.REQUIREMENT, AgendaKind.SHOWCASE),
        "showcases": first(AgendaKind.SHOWCASE),
    }


def _meeting(visit: Visit) -> Meeting:
    return seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))


_ONE = "/meetings/{meeting:int}"
routes = [
    Route(_ONE + "/agenda/hear", offer),
    Route(_ONE + "/agenda/hear", choose, methods=["POST"]),
    Route(_ONE + "/material", show),
    Route(_ONE + "/carried", carried),
]
