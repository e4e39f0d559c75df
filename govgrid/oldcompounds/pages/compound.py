"""Pages of one compound: its history, what was put right, and the forms that change it."""

from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.access import Power
from govgrid.errors import NotFound
from govgrid.grid.models import Compound
from govgrid.grid.queries import compound_seen, crumbs
from govgrid.oldcompounds.actions import (
    correct_coverage,
    keep_scan,
    record_coverage,
    remove_coverage,
)
from govgrid.oldcompounds.actions.scans import MOST
from govgrid.oldcompounds.forms import ChangeForm, CorrectionForm, RemovalForm
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode
from govgrid.oldcompounds.pages.areas import TONES
from govgrid.oldcompounds.queries import (
    history,
    known_operators,
    last_act,
    replaced_periods,
    scan_of,
    standing,
)
from govgrid.web.forms import read
from govgrid.web.language import day_text
from govgrid.web.language import gettext as _
from govgrid.web.page import holding, page, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import file, part, redirect, render
from govgrid.web.visit import Visit

ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


def _seen(visit: Visit) -> Compound:
    return compound_seen(visit.db, visit.actor, visit.path("code"))


@page(may_enter=with_post)
def show_compound(visit: Visit) -> Response:
    compound = _seen(visit)
    periods = history(visit.db, compound.id)
    may_cover = visit.actor.may(Power.COVER, compound.community.path)
    replaced, total = replaced_periods(visit.db, compound.id)
    paging = paging_of(visit, total, 20)
    if paging.offset:
        replaced, _total = replaced_periods(visit.db, compound.id, paging.offset)
    return render(
        visit,
        "oldcompounds/compound.html",
        compound=compound,
        above=crumbs(visit.db, visit.actor, compound.community),
        periods=periods,
        replaced=replaced,
        paging=paging,
        standing=standing(periods, visit.today),
        may_cover=may_cover,
        tones=TONES,
        **(_offered(visit, compound) if may_cover else {}),
    )


def _offered(visit: Visit, compound: Compound) -> dict[str, Any]:
    """Return what the forms offer."""
    return {
        "seen": last_act(visit.db, compound.id),
        "operators": known_operators(visit.db, compound.community),
        "modes": [(mode.value, _(mode.word)) for mode in Mode],
        "fee_units": [(unit.value, _(unit.word)) for unit in FeeUnit],
        "fee_models": [(model.value, _(model.word)) for model in FeeModel],
    }


@page(may_enter=holding(Power.COVER))
def change_compound(visit: Visit) -> Response:
    compound, form = _seen(visit), read(ChangeForm, visit.form)
    terms = form.terms(_scan(visit))
    record_coverage(
        visit.db, visit.actor, compound, terms, at=visit.at, seen=form.seen, fill=form.fill
    )
    notice = _(
        "已登记：%(name)s自%(day)s起为“%(mode)s”。",
        name=compound.name,
        day=day_text(terms.since),
        mode=_(terms.mode.word),
    )
    return redirect(_address(compound), notice=notice)


@page(may_enter=holding(Power.COVER))
def show_correction(visit: Visit) -> Response:
    """Show the form that puts one period right."""
    compound = _seen(visit)
    periods = history(visit.db, compound.id)
    asked = visit.path("since")
    wrong = next((p for p in periods if p.since.isoformat() == asked and not p.gap), None)
    if wrong is None or not visit.actor.may(Power.COVER, compound.community.path):
        raise NotFound("没有这段管理记录，或不由您更正。")
    return render(
        visit,
        "oldcompounds/correction.html",
        compound=compound,
        above=crumbs(visit.db, visit.actor, compound.community),
        period=wrong,
        **_offered(visit, compound),
    )


@page(may_enter=holding(Power.COVER))
def correct(visit: Visit) -> Response:
    compound, form = _seen(visit), read(CorrectionForm, visit.form)
    scan = _scan(visit)
    if scan is None and form.mode is not Mode.NONE:
        scan = next((p.scan for p in history(visit.db, compound.id) if p.since == form.of), None)
    correct_coverage(
        visit.db,
        visit.actor,
        compound,
        form.of,
        form.terms(scan),
        seen=form.seen,
        reason=form.reason,
        at=visit.at,
    )
    return redirect(_address(compound), notice=_("已更正，原记录保留在“更正记录”中。"))


@page(may_enter=holding(Power.COVER))
def remove(visit: Visit) -> Response:
    compound, form = _seen(visit), read(RemovalForm, visit.form)
    remove_coverage(
        visit.db,
        visit.actor,
        compound,
        form.of,
        seen=form.seen,
        reason=form.reason,
        at=visit.at,
    )
    return redirect(_address(compound), notice=_("已删除这段记录，原记录保留在“更正记录”中。"))


@page(may_enter=with_post)
def show_scan(visit: Visit) -> Response:
    """Answer with the scan of an agreement of this compound."""
    compound = _seen(visit)
    scan = scan_of(visit.db, compound.id, visit.path("sha256"))
    data = archive.fetch(visit.settings.archive, scan.sha256)
    return file(data, scan.media_type, f"agreement.{ENDINGS[scan.media_type]}")


def panel(visit: Visit, compound: Compound) -> Markup:
    """Return who manages the compound today and what came before, for its page."""
    periods = history(visit.db, compound.id)
    return part(
        visit,
        "oldcompounds/panel.html",
        compound=compound,
        periods=periods,
        standing=standing(periods, visit.today),
        may_cover=visit.actor.may(Power.COVER, compound.community.path),
        tones=TONES,
    )


def _scan(visit: Visit) -> str | None:
    sent = visit.form.get("scan")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    data = sent.file.read(MOST + 1)
    return keep_scan(visit.db, visit.actor, sent.filename, data, at=visit.at)


def _address(compound: Compound) -> str:
    return f"/compounds/{quote(compound.code)}/coverage"


routes = [
    Route("/compounds/{code}/coverage", show_compound, methods=["GET"]),
    Route("/compounds/{code}/coverage", change_compound, methods=["POST"]),
    Route("/compounds/{code}/coverage/corrections", correct, methods=["POST"]),
    Route("/compounds/{code}/coverage/corrections/{since}", show_correction, methods=["GET"]),
    Route("/compounds/{code}/coverage/removals", remove, methods=["POST"]),
    Route("/compounds/{code}/coverage/scans/{sha256}", show_scan, methods=["GET"]),
]
