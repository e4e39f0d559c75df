"""One officer: posts with history, contact, times away, calendars outside, substitutes."""

from functools import partial
from typing import Any

from sqlalchemy import select
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Invalid
from govgrid.grid import feeds as outside
from govgrid.grid.actions import absences
from govgrid.grid.imports.busy import CAP, Ours, busy_times, without_ours
from govgrid.grid.models import Officer
from govgrid.grid.people_forms import AbsenceForm, FeedForm, ReasonForm, SubstituteForm
from govgrid.grid.queries import people
from govgrid.grid.queries.people import Holding, officer_seen
from govgrid.outbox.queries import bouncing
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import page, redirect, signed_in
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=signed_in)
def show(visit: Visit) -> Response:
    """Show the officer, the phone masked outside the own area."""
    return _show(visit, _officer(visit))


@page(may_enter=signed_in)
def show_own(visit: Visit) -> Response:
    """Go to one's own page."""
    code = visit.db.scalar(select(Officer.code).where(Officer.id == visit.actor.officer_id))
    return redirect(f"/officers/{code}")


@page(may_enter=signed_in)
def uncover(visit: Visit) -> Response:
    """Show the phone once, for a reason that the journal keeps."""
    officer = _officer(visit)
    reason = read(ReasonForm, visit.form).reason
    absences.uncover_phone(visit.db, visit.actor, officer, reason)
    return _show(visit, officer, uncovered=True)


def _show(visit: Visit, officer: Officer, *, uncovered: bool = False) -> Response:
    db, actor, today = visit.db, visit.actor, visit.today
    held = people.holdings(db, officer.id)
    keeps = people.keeps_calendar(actor, officer, held, today)
    own = people.shows_phone(actor, officer, held, today)
    return render(
        visit,
        "grid/officer.html",
        officer=officer,
        current=[h for h in held if not h.ended(today)],
        past=[h for h in held if h.ended(today)],
        masked=not (own or uncovered),
        uncovered=uncovered and not own,
        bounced=bouncing(db, [officer.email]).get(officer.email) if officer.email else None,
        keeps=keeps,
        open_places={h.post.id for h in held if _opens(visit, h)},
        hands_over={h.post.id for h in held if actor.may(Power.KEEP, h.path)},
        **_stand_ins(visit, held),
        **(_calendar(visit, officer) if keeps else {}),
    )


def _opens(visit: Visit, held: Holding) -> bool:
    """Tell whether the page of the post's place is open to the actor."""
    own = held.post.compound_id in visit.actor.compounds()
    return own or visit.actor.may(Power.SEE, held.path)


def _stand_ins(visit: Visit, held: list[Holding]) -> dict[str, Any]:
    """Return who stands in for the posts of today and later, and for which the actor may say so."""
    by_post: dict[int, list[Any]] = {}
    current = [h for h in held if not h.ended(visit.today)]
    for found in people.substitutes(visit.db, [h.post.id for h in current], visit.today):
        by_post.setdefault(found.post_id, []).append(found)
    may = (Power.CONVENE, Power.KEEP)
    arranges = {h.post.id for h in current if any(visit.actor.may(p, h.path) for p in may)}
    return {"stand_ins": by_post, "arranges": arranges}


def _calendar(visit: Visit, officer: Officer) -> dict[str, Any]:
    read_absences = partial(people.absences, visit.db, officer.id, visit.at)
    return {**stretch(visit, read_absences), "feeds": people.feeds(visit.db, officer.id)}


@page(may_enter=signed_in)
def add_absence(visit: Visit) -> Response:
    """Note a time away."""
    officer, form = _officer(visit), read(AbsenceForm, visit.form)
    absences.add_absence(
        visit.db, visit.actor, officer, form.span, form.reason, at=visit.at, today=visit.today
    )
    return _back(officer, _("已登记请假。"))


@page(may_enter=signed_in)
def end_absence(visit: Visit) -> Response:
    """End a time away now."""
    officer = _officer(visit)
    absences.end_absence(
        visit.db, visit.actor, officer, visit.number("absence"), at=visit.at, today=visit.today
    )
    return _back(officer, _("请假已于现在结束。"))


@page(may_enter=signed_in)
def delete_absence(visit: Visit) -> Response:
    """Take back a time away."""
    officer = _officer(visit)
    absences.delete_absence(
        visit.db, visit.actor, officer, visit.number("absence"), today=visit.today
    )
    return _back(officer, _("已删除。"))


@page(may_enter=signed_in)
def add_feed(visit: Visit) -> Response:
    """Take the address of a calendar outside."""
    officer, form = _officer(visit), read(FeedForm, visit.form)
    outside.add_feed(visit.db, visit.actor, officer, form.address, at=visit.at, today=visit.today)
    return _back(officer, _("已添加，忙碌时间将在几分钟内读入，此后每小时更新。"))


@page(may_enter=signed_in)
def delete_feed(visit: Visit) -> Response:
    """Drop a calendar outside."""
    officer = _officer(visit)
    outside.delete_feed(visit.db, visit.actor, officer, visit.number("feed"), today=visit.today)
    return _back(officer, _("已取消订阅，并删除由它读入的忙碌时间。"))


@page(may_enter=signed_in)
def add_substitute(visit: Visit) -> Response:
    """Let somebody stand in for a post."""
    held = people.holding_seen(visit.db, visit.actor, visit.number("post"), lock=True)
    absences.may_stand_in(visit.actor, held)
    form = read(SubstituteForm, visit.form)
    who = officer_seen(visit.db, visit.actor, form.officer)
    absences.add_substitute(
        visit.db, visit.actor, held, who, form.since, form.until, today=visit.today
    )
    return _back(held.post.officer, _("已安排%(name)s代理。", name=who.name))


@page(may_enter=signed_in)
def delete_substitute(visit: Visit) -> Response:
    """Take a substitute off."""
    held = people.holding_seen(visit.db, visit.actor, visit.number("post"), lock=True)
    absences.delete_substitute(visit.db, visit.actor, held, visit.number("substitute"))
    return _back(held.post.officer, _("已撤销代理。"))


def make_routes(ours: Ours) -> list[Route]:
    """Return the routes; `ours` knows which events are meetings of ours."""

    @page(may_enter=signed_in, own_transactions=True)
    def add_busy(visit: Visit) -> Response:
        """Take the busy times of a calendar file."""
        officer = _officer(visit)
        absences.may_keep(visit.db, visit.actor, officer, visit.today)
        spans = without_ours(visit.db, busy_times(_file(visit), visit.at), ours)
        visit.db.rollback()
        with visit.house.database.writing() as db:
            new = absences.take_busy(
                db, visit.actor, officer_seen(db, visit.actor, officer_code(visit)), spans,
                at=visit.at, today=visit.today,
            )  # fmt: skip
        return redirect(f"/officers/{officer_code(visit)}", _("已读入 %(n)s 段忙碌时间。", n=new))

    one = "/officers/{code}"
    post = "/posts/{post:int}/substitutes"
    return [
        Route("/officers/me", show_own),
        Route(one, show),
        Route(one + "/phone", uncover, methods=["POST"]),
        Route(one + "/absences", add_absence, methods=["POST"]),
        Route(one + "/absences/{absence:int}/end", end_absence, methods=["POST"]),
        Route(one + "/absences/{absence:int}/delete", delete_absence, methods=["POST"]),
        Route(one + "/busy", add_busy, methods=["POST"]),
        Route(one + "/feeds", add_feed, methods=["POST"]),
        Route(one + "/feeds/{feed:int}/delete", delete_feed, methods=["POST"]),
        Route(post, add_substitute, methods=["POST"]),
        Route(post + "/{substitute:int}/delete", delete_substitute, methods=["POST"]),
    ]


def officer_code(visit: Visit) -> str:
    """Return the officer's number in the address."""
    return visit.path("code")


def _officer(visit: Visit) -> Officer:
    return officer_seen(visit.db, visit.actor, officer_code(visit))


def _file(visit: Visit) -> bytes:
    posted = visit.form.get("file")
    if not isinstance(posted, UploadFile) or not posted.size:
        raise Invalid("请选择日历文件（.ics）。")
    return posted.file.read(CAP + 1)


def _back(officer: Officer, notice: str) -> Response:
    return redirect(f"/officers/{officer.code}", notice)
