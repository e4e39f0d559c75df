"""The journal: a filtered list, one line, an export."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from govgrid.access import Power
from govgrid.audit import export as exports
from govgrid.audit import told
from govgrid.audit.forms import ExportForm, LeafForm, WantedForm
from govgrid.audit.queries import entry_seen, leaf
from govgrid.audit.words import SUBJECTS, VERBS
from govgrid.web.forms import read
from govgrid.web.language import gettext
from govgrid.web.page import holding, page
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(may_enter=holding(Power.AUDIT))
def show_journal(visit: Visit) -> Response:
    """List the lines found, the newest first."""
    form = read(WantedForm, visit.request.query_params)
    place = read(LeafForm, visit.request.query_params)
    found = leaf(visit.db, visit.actor, form.wanted(), before=place.before, after=place.after)
    return render(
        visit,
        "audit/journal.html",
        form=form,
        found=found,
        told=told,
        verbs=_choices(VERBS),
        subjects=_choices(SUBJECTS),
        asked=urlencode(_asked(form)),
    )


@page(may_enter=holding(Power.AUDIT))
def show_line(visit: Visit) -> Response:
    """Show one line with what it changed, before and after."""
    entry = entry_seen(visit.db, visit.actor, visit.number("number"))
    return render(visit, "audit/line.html", entry=entry, told=told)


@page(may_enter=holding(Power.AUDIT))
def export(visit: Visit) -> Response:
    """Answer with the lines found as a sheet; this is journalled too."""
    form = read(ExportForm, visit.form)
    data = exports.export(visit.db, visit.actor, form.wanted(), form.format)
    kind = "text/csv; charset=utf-8" if form.format == "csv" else SHEET
    return file(data, kind, f"journal-{visit.today:%Y%m%d}.{form.format}", download=True)


def _choices(table: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return keys with their words, in the order of the words."""
    return sorted(((key, gettext(word)) for key, word in table.items()), key=lambda pair: pair[1])


def _asked(form: WantedForm) -> dict[str, str]:
    values: dict[str, str | date | None] = form.model_dump()
    return {name: str(value) for name, value in values.items() if value is not None}


routes = [
    Route("/journal", show_journal, methods=["GET"]),
    Route("/journal/export", export, methods=["POST"]),
    Route("/journal/{number:int}", show_line, methods=["GET"]),
]
