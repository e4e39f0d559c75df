"""Handing a post over: choose who and when, see what moves, do it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.errors import Conflict, Invalid
from govgrid.grid.actions import posts
from govgrid.grid.actions.posts import Followers, Handover, Move
from govgrid.grid.imports.officers import mail_address, phone
from govgrid.grid.models import Officer
from govgrid.grid.people_forms import HandoverForm
from govgrid.grid.queries.people import Holding, candidates, holding_seen, officer_seen
from govgrid.web.forms import read
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, redirect
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@page(may_enter=holding(Power.KEEP))
def choose(visit: Visit) -> Response:
    """Show the post, with a search for who takes it over."""
    held = _held(visit)
    posts.check(visit.db, visit.actor, Handover(held, None, visit.today), visit.today)
    text = visit.query("find")

    def found(offset: int, limit: int) -> tuple[list[object], int]:
        if not text:
            return [], 0
        rows, total = candidates(visit.db, visit.actor, text, offset=offset, limit=limit)
        return [(o, h) for o, h in rows if o.id != held.post.officer_id], total

    return render(
        visit,
        "grid/handover.html",
        held=held,
        find=text,
        today=visit.today,
        **stretch(visit, found),
    )


def make_routes(followers: Followers) -> list[Route]:
    """Return the routes; `followers` know what hangs on a post."""

    @page(may_enter=holding(Power.KEEP))
    def hand_over(visit: Visit) -> Response:
        """Show what would move; at the second step, move it."""
        held, form = _held(visit, lock=True), read(HandoverForm, visit.form)
        change = _change(visit, held, form)
        posts.check(visit.db, visit.actor, change, visit.today)
        moves = followers.list(visit.db, change, visit.at)
        if form.step == "preview":
            return _preview(visit, form, change, moves)
        if form.listed != _listed(moves):
            raise Conflict("要移交的事项刚有变化，请返回重新核对清单后再交接。")
        posts.hand_over(visit.db, visit.actor, change, followers, at=visit.at, today=visit.today)
        assert change.to is not None
        notice = _("已交接给%(name)s，共移交 %(n)s 项。", name=change.to.name, n=_moving(moves))
        return redirect(f"/officers/{change.to.code}", notice)

    return [
        Route("/posts/{post:int}/hand-over", choose),
        Route("/posts/{post:int}/hand-over", hand_over, methods=["POST"]),
    ]


def _held(visit: Visit, *, lock: bool = False) -> Holding:
    held = holding_seen(visit.db, visit.actor, visit.number("post"), lock=lock)
    posts.may_change(visit.actor, held)
    return held


def _change(visit: Visit, held: Holding, form: HandoverForm) -> Handover:
    if held.post.version != form.version:
        raise Conflict("该任职刚被其他人修改，请刷新页面核对后再交接。")
    change = Handover(held, None, form.on)
    return replace(change, to=_chosen(visit, form, change))


def _chosen(visit: Visit, form: HandoverForm, change: Handover) -> Officer:
    if form.to:
        return officer_seen(visit.db, visit.actor, form.to)
    if not form.name:
        raise Invalid("请选择接任人，或填写新人员的姓名。")
    return posts.new_officer(
        visit.db,
        change,
        form.name,
        phone(form.phone) if form.phone else None,
        mail_address(form.email) if form.email else None,
        form.code,
    )


def _preview(visit: Visit, form: HandoverForm, change: Handover, moves: Sequence[Move]) -> Response:
    return render(
        visit,
        "grid/handover_check.html",
        change=change,
        form=form,
        moves=moves,
        moving=_moving(moves),
        listed=_listed(moves),
        Follow=posts.Follow,
        tones={
            posts.Follow.MOVES: "good",
            posts.Follow.CANCELLED: "warn",
            posts.Follow.STAYS: "neutral",
        },
    )


def _moving(moves: Sequence[Move]) -> int:
    return sum(move.follow is posts.Follow.MOVES for move in moves)


def _listed(moves: Sequence[Move]) -> str:
    """Return what tells this list of things from another."""
    return hashlib.sha256(repr(list(moves)).encode()).hexdigest()
