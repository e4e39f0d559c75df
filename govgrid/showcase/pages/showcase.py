"""A compound's panels of a period with photos and versions; its posters; the panel on its page."""

from datetime import date
from itertools import pairwise

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.errors import NotFound
from govgrid.grid.models import Compound
from govgrid.grid.queries import compound_seen
from govgrid.press.press import Press
from govgrid.showcase.actions.posters import note_poster
from govgrid.showcase.actions.versions import may_write
from govgrid.showcase.forms import PrintForm
from govgrid.showcase.letters import period_text
from govgrid.showcase.papers.code import code_sheet, one_click, picture_of, residents
from govgrid.showcase.papers.poster import poster_sheet
from govgrid.showcase.queries import latest_period, panels, periods, plan_at, showcase_of
from govgrid.showcase.queries.public import district_of
from govgrid.showcase.queries.versions import draft_of, photo_of, photos_of, versions_of
from govgrid.showcase.rules import changes, restored
from govgrid.web.forms import month_of, read
from govgrid.web.page import page, signed_in
from govgrid.web.render import file, part, render
from govgrid.web.visit import Visit


@page(may_enter=signed_in)
def show_showcase(visit: Visit) -> Response:
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    period, plan = month_of(visit.path("period")), plan_at(visit.db, compound)
    known = versions_of(visit.db, compound.id, period)
    writes = may_write(visit.actor, compound)
    said = [restored(one.panels) for one in known]
    due = plan.due(period)
    return render(
        visit,
        "showcase/showcase.html",
        compound=compound,
        period=period,
        period_name=period_text(plan, period),
        panels=panels(
            showcase_of(visit.db, [compound.id], period), [one.word for one in plan.panels]
        ),
        said={panel.word: panel for panel in said[0]} if said else {},
        periods=periods(visit.db, compound.id),
        versions=known,
        told=[changes(old, new) for new, old in pairwise(said)],
        photos=photos_of(visit.db, known[0] if known else None),
        draft=draft_of(visit.db, compound.id, period) if writes else None,
        writes=writes and period <= visit.today,
        due=due,
        overdue=due < visit.today,
        address=residents(visit.settings.public_url, compound),
        code=picture_of(residents(visit.settings.public_url, compound)),
    )


@page(may_enter=signed_in)
def show_photo(visit: Visit) -> Response:
    """Answer with a photo; one of a draft only to whoever writes it."""
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    drafts = may_write(visit.actor, compound)
    photo = photo_of(visit.db, compound, visit.number("photo"), drafts=drafts)
    if photo.showcase.period != month_of(visit.path("period")):
        raise NotFound("没有这张照片，或尚未公示。")
    kept = photo.small if visit.query("size") == "small" else photo.digest
    return file(archive.fetch(visit.settings.archive, kept), "image/jpeg", f"{photo.id}.jpg")


@page(may_enter=signed_in, own_transactions=True)
def print_showcase(visit: Visit) -> Response:
    """Print what is published as an A3 poster, or the sheet with the code of residents' page."""
    compound = compound_seen(visit.db, visit.actor, visit.path("code"))
    period, what = month_of(visit.path("period")), read(PrintForm, visit.form).what
    press: Press = visit.request.app.state.press
    district = district_of(visit.db, compound)
    address = residents(visit.settings.public_url, compound)
    help_address = one_click(visit.settings.public_url, district)
    if what == "code":
        sheet = code_sheet(press.fonts, compound, district, address, help_address, visit.at)
    else:
        sheet = poster_sheet(
            visit.db, press.fonts, compound, district, period, (address, help_address), visit.at
        )
    data = press.print(sheet)
    with visit.house.database.writing() as db:
        note_poster(db, visit.actor, compound, period, code=what == "code")
    return file(data, "application/pdf", f"showcase-{what}-{period:%Y-%m}.pdf")


def panel(visit: Visit, compound: Compound) -> Markup:
    """Return the figures of the latest showcase, and whether the last one due is missing."""
    plan = plan_at(visit.db, compound)
    due = plan.before(plan.period_of(visit.today))
    period = latest_period(visit.db, compound.id, visit.today)
    items = showcase_of(visit.db, [compound.id], period) if period else []
    return part(
        visit,
        "showcase/panel.html",
        compound=compound,
        due=due,
        due_name=period_text(plan, due),
        due_on=plan.due(due),
        missing=_is_missing(period, due),
        period=period,
        period_name=period_text(plan, period) if period else "",
        panels=panels(items, [one.word for one in plan.panels]),
        writes=may_write(visit.actor, compound),
    )


def _is_missing(period: date | None, due: date) -> bool:
    return period is None or period < due


routes = [
    Route("/compounds/{code}/showcase/{period}", show_showcase, methods=["GET"]),
    Route("/compounds/{code}/showcase/{period}/photos/{photo:int}", show_photo, methods=["GET"]),
    Route("/compounds/{code}/showcase/{period}/print", print_showcase, methods=["POST"]),
]
