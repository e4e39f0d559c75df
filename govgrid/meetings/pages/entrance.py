"""The door: a code on the screen that changes, and the page that whoever scans it gets."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import NotFound, Refusal
from govgrid.meetings.actions import entrance
from govgrid.meetings.actions.plan import attending, may_convene
from govgrid.meetings.forms import CodeForm
from govgrid.meetings.models import Attendee, Meeting
from govgrid.meetings.papers import qr
from govgrid.meetings.queries import seen
from govgrid.meetings.queries.feeds import attendee_of_link
from govgrid.meetings.rules.entrance import DIGITS, STEP, code
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import anyone, holding, page, redirect
from govgrid.web.render import render
from govgrid.web.visit import Visit

SEAT = "seat"


@page(may_enter=holding(Power.CONVENE))
def show(visit: Visit) -> Response:
    """Show the code of this half minute; asked by htmx, the code alone."""
    meeting = seen.meeting_seen(visit.db, visit.actor, visit.number("meeting"))
    may_convene(visit.actor, meeting.community.path)
    now = code(visit.settings.secret, meeting.uid, visit.at)
    people = attending(meeting)
    return render(
        visit,
        "meetings/entrance_code.html" if visit.partial else "meetings/entrance.html",
        meeting=meeting,
        code=f"{now[:4]} {now[4:]}",
        image=qr.data_uri(f"{visit.settings.public_url}/entrance/{meeting.id}/{now}"),
        left=STEP - int(visit.at.timestamp()) % STEP,
        there=sum(a.attendance in entrance.CAME for a in people),
        due=len(people),
        closed=_closed(visit, meeting),
    )


@page(may_enter=anyone)
def scanned(visit: Visit) -> Response:
    """Ask whoever scanned the code to sign in; nothing changes."""
    meeting, attendee, given = _scanned(visit)
    return render(
        visit, "meetings/entrance_scanned.html", meeting=meeting, attendee=attendee, code=given,
        there=attendee is not None and attendee.attendance in entrance.CAME,
    )  # fmt: skip


@page(may_enter=anyone)
def sign_in(visit: Visit) -> Response:
    """Note that the one who scanned is there."""
    meeting, attendee, given = _scanned(visit)
    if attendee is None:
        raise NotFound("无法识别您的身份：请先打开您的会议链接或登录，再扫描会场二维码。")
    entrance.sign_in(visit.db, meeting, attendee, given, at=visit.at)
    own = f"/meetings/{meeting.id}" if _by_seat(visit, meeting) is None else f"/r/{_seat(visit)}"
    return redirect(own, _("签到成功。"))


@page(may_enter=anyone)
def by_link(visit: Visit) -> Response:
    """Note that the holder of a private link is there, by the digits on the screen."""
    token = visit.path("token")
    meeting, attendee = attendee_of_link(visit.db, token, at=visit.at)
    form = read(CodeForm, visit.form)
    entrance.sign_in(visit.db, meeting, attendee, form.code, at=visit.at)
    return redirect(f"/r/{token}", _("签到成功。"))


def keep_seat(visit: Visit, answer: Response, meeting: Meeting) -> Response:
    """Let this browser be known at this meeting's door, and nowhere else, by the link it opened."""
    answer.set_cookie(
        SEAT, visit.path("token"), max_age=7 * 24 * 3600, path=f"/entrance/{meeting.id}",
        httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


def _closed(visit: Visit, meeting: Meeting) -> Refusal | None:
    """Return why nobody signs in now; None while people do."""
    try:
        entrance.check_open(meeting, at=visit.at)
    except Refusal as refusal:
        return refusal
    return None


def _scanned(visit: Visit) -> tuple[Meeting, Attendee | None, str]:
    """Return meeting, who scanned where that is known, and the code, which fits."""
    given = visit.path("code")[: 2 * DIGITS]
    meeting = seen.load_meeting(visit.db, visit.number("meeting"))
    entrance.check_code(visit.db, meeting, given, at=visit.at)
    return meeting, _by_seat(visit, meeting) or _by_account(visit, meeting), given


def _seat(visit: Visit) -> str:
    return visit.request.cookies.get(SEAT, "")


def _by_seat(visit: Visit, meeting: Meeting) -> Attendee | None:
    try:
        found, attendee = attendee_of_link(visit.db, _seat(visit), at=visit.at)
    except Refusal:
        return None
    return attendee if found.id == meeting.id else None


def _by_account(visit: Visit, meeting: Meeting) -> Attendee | None:
    officer = visit.visitor.officer_id if visit.visitor else 0
    return next((a for a in attending(meeting) if officer and a.officer_id == officer), None)


routes = [
    Route("/meetings/{meeting:int}/entrance", show),
    Route("/entrance/{meeting:int}/{code}", scanned),
    Route("/entrance/{meeting:int}/{code}", sign_in, methods=["POST"]),
    Route("/r/{token}/sign-in", by_link, methods=["POST"]),
]
