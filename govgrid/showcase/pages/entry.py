"""The form of a compound's period: write, keep as a draft, add photos, publish, correct."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import Conflict, Invalid
from govgrid.grid.models import Compound
from govgrid.grid.queries import compound_seen
from govgrid.showcase.actions.photos import MOST, add_photo, remove_photo
from govgrid.showcase.actions.versions import (
    check_may_write,
    check_period,
    drop_draft,
    publish,
    save_draft,
)
from govgrid.showcase.forms import PhotoForm, read_entry
from govgrid.showcase.letters import period_text
from govgrid.showcase.models import ShowcaseVersion
from govgrid.showcase.pictures import MOST_BYTES, develop
from govgrid.showcase.queries.plans import plan_at
from govgrid.showcase.queries.versions import draft_of, latest_of, photos_of, said_now
from govgrid.showcase.rules import Flow, Line, Panel, PanelText, Plan, opened, restored
from govgrid.web.forms import month_of, read
from govgrid.web.language import gettext as _
from govgrid.web.page import page, redirect, with_post
from govgrid.web.render import render
from govgrid.web.visit import Visit

SPARE = 2
"""Empty rows at the end of each panel."""


class Desk(NamedTuple):
    """What the form is about, and what there is of it."""

    compound: Compound
    plan: Plan
    period: date
    draft: ShowcaseVersion | None

    @property
    def path(self) -> str:
        return f"/compounds/{quote(self.compound.code, safe='')}/showcase/{self.period:%Y-%m}"


def desk(visit: Visit) -> Desk:
    """Return what the address names. Raise where the visitor may not write there."""
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    check_may_write(visit.actor, compound)
    plan, period = plan_at(visit.db, compound), month_of(visit.path("period"))
    check_period(visit.db, compound, plan, period, visit.today)
    return Desk(compound, plan, period, draft_of(visit.db, compound.id, period))


@page(may_enter=with_post)
def show_entry(visit: Visit) -> Response:
    """Show the draft, or what it would begin from."""
    at = desk(visit)
    known = said_now(visit.db, at.compound.id, at.period, at.plan)
    written = restored(at.draft.panels) if at.draft else known
    before = said_now(visit.db, at.compound.id, at.plan.before(at.period), at.plan)
    latest = latest_of(visit.db, at.compound.id, at.period)
    return render(
        visit,
        "showcase/entry.html",
        desk=at,
        period_name=period_text(at.plan, at.period),
        panels=_carried(opened(at.plan, written), before),
        correcting=bool(known),
        draft=at.draft,
        photos=photos_of(visit.db, at.draft or latest),
        most=MOST,
        most_mb=MOST_BYTES // 1024 // 1024,
        blank=Line(""),
        spare=SPARE,
        Panel=Panel,
        flows=[(flow.value, _(flow.word)) for flow in Flow],
        ends=at.plan.end(at.period),
        due=at.plan.due(at.period),
    )


@page(may_enter=with_post)
def save_entry(visit: Visit) -> Response:
    """Keep what was typed; with `do=publish` let residents see it."""
    at, entry = desk(visit), read_entry(visit.form)
    draft = save_draft(
        visit.db, visit.actor, at.compound, at.period, entry.panels, entry.note, entry.version,
        at=visit.at,
    )  # fmt: skip
    if visit.form.get("do") != "publish":
        return redirect(f"{at.path}/entry", _("草稿已保存，尚未公示。"))
    try:
        publish(visit.db, visit.actor, at.compound, draft, at=visit.at)
    except Invalid as refusal:
        raise entry.placed(refusal) from None
    return redirect(at.path, _("已公示，居民扫码即可查看。"))


@page(may_enter=with_post)
def drop(visit: Visit) -> Response:
    """Give the draft up."""
    at = desk(visit)
    if at.draft is None:
        raise Conflict("没有草稿，可能已经公示或放弃。")
    drop_draft(visit.db, visit.actor, at.compound, at.draft, at=visit.at)
    return redirect(at.path, _("草稿已放弃，已公示的内容没有变化。"))


@page(may_enter=with_post, own_transactions=True)
def upload(visit: Visit) -> Response:
    """Add photos; they are read before anything is written, since that takes a while."""
    at, form = desk(visit), read(PhotoForm, visit.form)
    sent = [one for one in visit.form.getlist("file") if isinstance(one, UploadFile)]
    files = [one for one in sent if one.filename]
    if not files:
        raise Invalid("请先选择照片。", fields={"file": Invalid("请先选择照片。")})
    pictures = [develop(one.file.read(MOST_BYTES + 1)) for one in files]
    code, path = at.compound.code, at.path
    visit.db.rollback()  # SQLite: whoever writes must not read beside it
    with visit.house.database.writing() as db:
        compound = compound_seen(db, visit.actor, code)
        for picture in pictures:
            add_photo(
                db, visit.actor, compound, at.period, picture, panel=form.panel,
                caption=form.caption, at=visit.at,
            )  # fmt: skip
    return redirect(f"{path}/entry#photos", _("已加入 %(n)s 张照片。", n=len(pictures)))


@page(may_enter=with_post)
def remove(visit: Visit) -> Response:
    """Take a photo out of the draft."""
    at = desk(visit)
    remove_photo(visit.db, visit.actor, at.compound, at.period, visit.number("photo"), at=visit.at)
    return redirect(f"{at.path}/entry#photos", _("照片已从草稿中删去。"))


def _carried(panels: list[PanelText], before: list[PanelText]) -> list[PanelText]:
    """Begin each panel of accounts with what was left at the end of the period before."""
    left = {panel.word: panel.closing for panel in before}
    return [
        replace(panel, opening=left.get(panel.word)) if panel.opening is None else panel
        for panel in panels
    ]


_ENTRY = "/compounds/{code}/showcase/{period}/entry"
routes = [
    Route(_ENTRY, show_entry, methods=["GET"]),
    Route(_ENTRY, save_entry, methods=["POST"]),
    Route(f"{_ENTRY}/drop", drop, methods=["POST"]),
    Route(f"{_ENTRY}/photos", upload, methods=["POST"]),
    Route(f"{_ENTRY}/photos/{{photo:int}}/remove", remove, methods=["POST"]),
]
