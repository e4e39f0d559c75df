"""Ways in without an account: reply link, calendar feed, check of a printed minutes."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import NotFound
from govgrid.meetings import calendar, facts, feeds, letters, rules
from govgrid.meetings.actions import proposals, replies
from govgrid.meetings.forms import ProposalForm, ReplyForm
from govgrid.meetings.models import Minutes, MinutesStage, Reply, Stage
from govgrid.meetings.pages.agenda import given
from govgrid.meetings.pages.entrance import keep_seat
from govgrid.meetings.queries import agenda as agendas
from govgrid.meetings.queries import seen
from govgrid.meetings.queries.feeds import attendee_of_link, feed_of
from govgrid.meetings.queries.minutes import shown_by
from govgrid.meetings.queries.tasks import count_owed
from govgrid.meetings.rules.agenda import PROPOSALS
from govgrid.origin import origin
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.language import speaking
from govgrid.web.limits import Limit, sender
from govgrid.web.page import anyone, page, redirect
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

HOURLY = 20  # proposals from one address within an hour: an office may share it


@page(may_enter=anyone)
def show(visit: Visit) -> Response:
    """Show the meeting to whoever holds the link; nothing changes."""
    meeting, attendee = attendee_of_link(visit.db, visit.path("token"), at=visit.at)
    answer = render(
        visit,
        "meetings/reply.html",
        meeting=meeting,
        attendee=attendee,
        agenda=seen.agenda(visit.db, meeting),
        marks=agendas.marks(visit.db, meeting),
        files=agendas.attachments(visit.db, meeting),
        proposals=agendas.proposals(visit.db, meeting, attendee=attendee),
        most=PROPOSALS,
        tasks=count_owed(visit.db, meeting, attendee),
        minutes=shown_by(visit.db, visit.path("token"), at=visit.at),
        token=visit.path("token"),
        when=facts.when(meeting),
        place=facts.place(meeting),
        open=meeting.stage is Stage.CONFIRMED and meeting.start > visit.at,
        cancelled=meeting.stage is Stage.CANCELLED,
        Reply=Reply,
        entering=meeting.stage is Stage.CONFIRMED
        and meeting.start - rules.DOORS <= visit.at < meeting.end,
    )
    return keep_seat(visit, answer, meeting)


@page(may_enter=anyone)
def answer(visit: Visit) -> Response:
    """Note the answer."""
    token = visit.path("token")
    meeting, attendee = attendee_of_link(visit.db, token, at=visit.at)
    form = read(ReplyForm, visit.form)
    given = replies.Answer(form.reply, form.note, form.substitute)
    replies.answer_by_link(visit.db, meeting, attendee, given, at=visit.at)
    return redirect(f"/r/{token}", _("已收到您的回执，谢谢。会议开始前可以随时更改。"))


@page(may_enter=anyone)
def propose(visit: Visit) -> Response:
    """Note what the holder of the link proposes for the agenda."""
    token = visit.path("token")
    limit_of(visit).take(sender(origin() or ""), visit.at)
    meeting, attendee = attendee_of_link(visit.db, token, at=visit.at)
    form = read(ProposalForm, visit.form)
    proposals.propose(visit.db, meeting, attendee, form.text, at=visit.at)
    return redirect(f"/r/{token}", _("已收到您的提议，处理结果会显示在本页。"))


@page(may_enter=anyone)
def attachment(visit: Visit) -> Response:
    """Give an agenda's file to whoever holds the link."""
    meeting, _attendee = attendee_of_link(visit.db, visit.path("token"), at=visit.at)
    return given(visit, agendas.attachment(visit.db, meeting, visit.number("attachment")))


def limit_of(visit: Visit) -> Limit:
    """Return the installation's count of proposals by address."""
    app: Starlette = visit.request.app
    if not hasattr(app.state, "proposals"):
        app.state.proposals = Limit(HOURLY, timedelta(hours=1))
    found: Limit = app.state.proposals
    return found


@page(may_enter=anyone)
def event(visit: Visit) -> Response:
    """Give the one meeting as a file for a phone's calendar."""
    found, _attendee = attendee_of_link(visit.db, visit.path("token"), at=visit.at)
    meeting = seen.load_meeting(visit.db, found.id)
    titles = [item.title for item in seen.agenda(visit.db, meeting)]
    shown = letters.event(visit.settings, meeting, titles)
    return file(
        calendar.publish(shown, visit.at), "text/calendar; charset=utf-8", "meeting.ics",
        download=True,
    )  # fmt: skip


def _kept_feed(visit: Visit) -> Response | None:
    """Give the feed where all its events are kept."""
    asked = visit.request.headers.get("if-none-match", "")
    tag = _feed(visit, text=False).tag() if asked else None
    if tag is not None and feeds.names(tag, asked):
        return _answered(b"", tag, asked)
    found = _feed(visit).kept()
    return _answered(*found, asked) if found else None


@page(may_enter=anyone, glance=_kept_feed)
def feed(visit: Visit) -> Response:
    """Give the meetings of an address as a calendar feed; 304 where nothing changed."""
    made = _feed(visit).made(visit.house.database, visit.db)
    return _answered(*made, visit.request.headers.get("if-none-match", ""))


def _feed(visit: Visit, *, text: bool = True) -> feeds.Feed:
    settings = visit.settings
    found = feed_of(visit.db, visit.path("token"), at=visit.at, text=text)
    with speaking(settings.locale):  # calendar programs have chosen none
        title = _("%(name)s联席会议", name=found.name) if found.name else _("联席会议")
    manner = feeds.Manner(settings.mailbox, settings.locale, found.address.notices)
    return feeds.Feed(title, found.subject, manner, visit.at, found.address)


def _answered(data: bytes, tag: str, asked: str) -> Response:
    headers = {"ETag": tag, "Cache-Control": "private, max-age=900"}
    if feeds.names(tag, asked):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="text/calendar; charset=utf-8", headers=headers)


@page(may_enter=anyone)
def check(visit: Visit) -> Response:
    """Tell whoever holds a printed minutes whether it is the one that was signed."""
    code = visit.path("code").upper()
    minutes = visit.db.scalar(
        select(Minutes)
        .where(Minutes.code == code, Minutes.stage == MinutesStage.SIGNED)
        .options(joinedload(Minutes.meeting), joinedload(Minutes.signer))
    )
    if minutes is None:
        raise NotFound("没有核验码为“%(code)s”的纪要，请核对纸面上的核验码。", code=code[:20])
    newer = visit.db.scalar(
        select(Minutes)
        .where(
            Minutes.meeting_id == minutes.meeting_id,
            Minutes.stage == MinutesStage.SIGNED,
            Minutes.number > minutes.number,
        )
        .order_by(Minutes.number.desc())
        .limit(1)
    )
    return render(visit, "meetings/check.html", minutes=minutes, record=minutes.record, newer=newer)


routes = [
    Route("/r/{token}", show),
    Route("/r/{token}", answer, methods=["POST"]),
    Route("/r/{token}/meeting.ics", event),
    Route("/r/{token}/proposals", propose, methods=["POST"]),
    Route("/r/{token}/attachments/{attachment:int}", attachment),
    Route("/feeds/{token}.ics", feed),
    Route("/v/{code}", check),
]
