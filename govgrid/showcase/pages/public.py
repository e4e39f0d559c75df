"""What residents see behind a compound's code: published panels, photos, past periods."""

from starlette.responses import Response
from starlette.routing import Route

from govgrid import archive
from govgrid.showcase.letters import period_text
from govgrid.showcase.queries import latest_period, panels, periods, plan_at, showcase_of
from govgrid.showcase.queries.public import compound_shown, district_of
from govgrid.showcase.queries.versions import photo_of, photos_of, versions_of
from govgrid.showcase.rules import hidden, restored
from govgrid.web.forms import month_of
from govgrid.web.page import anyone, page
from govgrid.web.render import file, render
from govgrid.web.visit import Visit

HOUR = "public, max-age=3600"


@page(may_enter=anyone)
def show(visit: Visit) -> Response:
    """Show the period asked for, at first the latest."""
    compound = compound_shown(visit.db, visit.path("code"))
    plan = plan_at(visit.db, compound)
    written = visit.request.path_params.get("period")
    latest = latest_period(visit.db, compound.id, visit.today)
    period = month_of(str(written)) if written else latest
    shown = showcase_of(visit.db, [compound.id], period) if period else []
    known = versions_of(visit.db, compound.id, period) if period else []
    said = restored(known[0].panels) if known else []
    return render(
        visit,
        "showcase/public.html",
        compound=compound,
        district=district_of(visit.db, compound),
        period=period,
        period_name=period_text(plan, period) if period else "",
        panels=panels(shown, [one.word for one in plan.panels]),
        empty=not shown,
        said={panel.word: panel for panel in said},
        periods=periods(visit.db, compound.id),
        versions=known,
        photos=photos_of(visit.db, known[0] if known else None),
        hidden=hidden,
    )


@page(may_enter=anyone)
def show_photo(visit: Visit) -> Response:
    """Answer with a photo that is published now."""
    compound = compound_shown(visit.db, visit.path("code"))
    photo = photo_of(visit.db, compound, visit.number("photo"), drafts=False)
    kept = photo.small if visit.query("size") == "small" else photo.digest
    answer = file(archive.fetch(visit.settings.archive, kept), "image/jpeg", f"{photo.id}.jpg")
    answer.headers["Cache-Control"] = HOUR
    return answer


routes = [
    Route("/s/{code}", show, methods=["GET"]),
    Route("/s/{code}/photos/{photo:int}", show_photo, methods=["GET"]),
    Route("/s/{code}/{period}", show, methods=["GET"]),
]
