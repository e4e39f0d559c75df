"""Answers by mail that wait for somebody: the list, one mail, and what is done with it."""

from contextlib import suppress

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Conflict
from govgrid.meetings import facts
from govgrid.meetings.actions import plan, review
from govgrid.meetings.actions.replies import Answer
from govgrid.meetings.forms import AssignForm, VersionForm
from govgrid.meetings.inbox.mail import read_mail
from govgrid.meetings.models import IncomingMail, Meeting, Outcome, Reply
from govgrid.meetings.queries import inbox, seen
from govgrid.meetings.rules.replies import REPLIES
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.workdays import calendar


@page(may_enter=holding(Power.CONVENE))
def listed(visit: Visit) -> Response:
    """List what waits."""
    paging = paging_of(visit, inbox.count_waiting(visit.db, visit.actor), 50)
    rows = visit.db.scalars(
        inbox.waiting(visit.actor).offset(paging.offset).limit(paging.size)
    ).all()
    return render(visit, "meetings/replies.html", rows=rows, paging=paging)


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show one mail, and what speaks against a time that it proposes."""
    meeting, mail = _mail(visit)
    text = ""
    with suppress(ValueError):
        text = read_mail(mail.raw or b"").text[:4000]
    return render(
        visit,
        "meetings/mail.html",
        meeting=meeting,
        mail=mail,
        text=text,
        when=facts.when(meeting),
        attendees=plan.attending(meeting),
        reply=REPLIES.get(mail.status),
        proposal=inbox.proposal(visit.db, meeting, mail, at=visit.at),
        open=mail.outcome is Outcome.REVIEW and mail.handled_at is None,
        Reply=Reply,
    )


@page(may_enter=holding(Power.CONVENE))
def apply(visit: Visit) -> Response:
    """Take the mail as it is."""
    meeting, mail = _mail(visit)
    _refuse_old(mail, read(VersionForm, visit.form).version)
    days = calendar(visit.db)
    sent = review.apply(visit.db, visit.actor, meeting, mail, days, at=visit.at)
    if mail.method == "COUNTER":
        return redirect("/replies", _("会议已改期，%(n)s 封变更通知即将发出。", n=sent))
    return redirect("/replies", _("回执已登记。"))


@page(may_enter=holding(Power.CONVENE))
def assign(visit: Visit) -> Response:
    """Note the mail as an attendee's answer."""
    meeting, mail = _mail(visit)
    form = read(AssignForm, visit.form)
    _refuse_old(mail, form.version)
    answer = Answer(form.reply, form.note, form.substitute)
    review.assign(visit.db, visit.actor, meeting, mail, form.attendee, answer, at=visit.at)
    return redirect("/replies", _("回执已登记。"))


@page(may_enter=holding(Power.CONVENE))
def refuse(visit: Visit) -> Response:
    """Leave everything as it is."""
    meeting, mail = _mail(visit)
    _refuse_old(mail, read(VersionForm, visit.form).version)
    told = review.refuse(visit.db, visit.actor, meeting, mail, at=visit.at)
    return redirect(
        "/replies", _("已拒绝，并已答复提议人。") if told else _("已拒绝，未作任何改动。")
    )


def _mail(visit: Visit) -> tuple[Meeting, IncomingMail]:
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    plan.may_convene(visit.actor, meeting.community.path)
    return meeting, inbox.mail_of(visit.db, meeting, visit.number("mail"))


def _refuse_old(mail: IncomingMail, version: int) -> None:
    if mail.version != version:
        raise Conflict("这封邮件已处理，请刷新页面。")


_ONE = "/meetings/{meeting:int}/replies/{mail:int}"
routes = [
    Route("/replies", listed),
    Route(_ONE, show),
    Route(_ONE + "/apply", apply, methods=["POST"]),
    Route(_ONE + "/assign", assign, methods=["POST"]),
    Route(_ONE + "/refuse", refuse, methods=["POST"]),
]
