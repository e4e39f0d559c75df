"""My work: coming meetings, what I have to do."""

from collections.abc import Iterator, Mapping
from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.cases.queries import count_pressing
from govgrid.cases.queries.due_times import count_unseen
from govgrid.grid.models import Area
from govgrid.meetings import links, rules
from govgrid.meetings.pages.board import TONES, area_of
from govgrid.meetings.pages.meeting import REPLY_TONES
from govgrid.meetings.pages.tasks import TASK_TONES
from govgrid.meetings.queries import rest_days
from govgrid.meetings.queries.board import open_action_items, own_meetings, tally
from govgrid.meetings.queries.inbox import count_waiting
from govgrid.meetings.queries.sending import count_troubled
from govgrid.meetings.rules.follow_up import state_of
from govgrid.showcase.letters import period_text
from govgrid.showcase.queries.late import to_publish
from govgrid.web.page import page, redirect, with_account
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=with_account)
def home(visit: Visit) -> Response:
    """Show what the actor has before them; administrators go to their own work."""
    if visit.actor.office is not None:
        return redirect(visit.nav[0].path if visit.nav else "/me/sign-ins")
    meetings = own_meetings(visit.db, visit.actor, at=visit.at)
    closed = rest_days.closed(visit.db, visit.at)
    return render(
        visit,
        "meetings/home.html",
        meetings=meetings,
        items=open_action_items(visit.db, visit.actor),
        state_of=state_of,
        task_tones=TASK_TONES,
        tones=REPLY_TONES,
        token={a.id: links.token(visit.settings.secret, a.nonce) for a in meetings},
        convenes=visit.actor.has(Power.CONVENE),
        progress=list(_progress(visit)),
        State=rules.State,
        state_tones=TONES,
        lost=rest_days.lost_day,
        closed=closed,
        waiting=_waiting(visit, closed),
        troubled=_troubled(visit),
        pressing=_pressing(visit),
        unpublished=[
            (one, period_text(one.plan, one.period))
            for one in to_publish(visit.db, visit.actor, visit.today)
        ],
        mails=count_waiting(visit.db, visit.actor) if visit.actor.has(Power.CONVENE) else 0,
    )


def _troubled(visit: Visit) -> int:
    """Count the letters that did not leave, for who convenes there."""
    convenes = visit.actor.has(Power.CONVENE)
    return count_troubled(visit.db, visit.actor, at=visit.at) if convenes else 0


def _pressing(visit: Visit) -> int:
    """Count the cases that come due soon, for who handles them: many of them read no mail."""
    if not (visit.actor.has(Power.HANDLE) or visit.actor.compounds()):
        return 0
    return count_pressing(visit.db, visit.actor, visit.settings.case_close_lead, at=visit.at)


def _waiting(visit: Visit, closed: Mapping[date, str]) -> tuple[int, int]:
    """Count meetings on rest days and moved due times, for who convenes there."""
    if not visit.actor.has(Power.CONVENE):
        return 0, 0
    meetings = rest_days.count_hit(visit.db, visit.actor, closed, Power.CONVENE)
    return meetings, count_unseen(visit.db, visit.actor, Power.CONVENE)


def _progress(visit: Visit) -> Iterator[tuple[Area, date, dict[rules.State, int]]]:
    """Yield how far this month and the next have come where the actor plans or prints."""
    if not visit.actor.has(Power.PRINT):
        return
    area, _choices = area_of(visit, Power.PRINT)
    this = rules.month_start(visit.today)
    for month in (this, rules.next_month(this)):
        yield area, month, tally(visit.db, visit.actor, area, month, at=visit.at)


routes = [
    Route("/", home),
]
