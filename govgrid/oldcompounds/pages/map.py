"""The map of an area's old compounds by who manages them, with the months to slide through."""

import json

from starlette.responses import Response
from starlette.routing import Route

from govgrid.grid.maps import check_mapped
from govgrid.grid.models import Area
from govgrid.grid.queries import area_seen, crumbs
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.pages.areas import TONES
from govgrid.oldcompounds.queries.map import LETTERS, modes_by_month
from govgrid.oldcompounds.rules import sample_days
from govgrid.web.language import gettext as _
from govgrid.web.page import page, with_post
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.words import N_

MARKS = {
    Mode.PROFESSIONAL: N_("专"),
    Mode.CUSTODIAL: N_("托"),
    Mode.DELEGATED: N_("代"),
    Mode.SELF_MANAGED: N_("自"),
    Mode.NONE: N_("无"),
}
MAP_TONES = TONES | {Mode.DELEGATED: "other"}


def _mapped(visit: Visit) -> Area:
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    check_mapped(area)
    return area


@page(may_enter=with_post)
def show_map(visit: Visit) -> Response:
    area = _mapped(visit)
    return render(
        visit,
        "oldcompounds/map.html",
        area=area,
        above=crumbs(visit.db, visit.actor, area)[:-1],
        legend=[(LETTERS[mode], mode, MARKS[mode], MAP_TONES[mode]) for mode in Mode],
        months=len(sample_days(visit.today)),
    )


@page(may_enter=with_post)
def show_modes(visit: Visit) -> Response:
    """Answer with the compounds, and the letter of each one's mode month by month."""
    placed, unplaced = modes_by_month(visit.db, _mapped(visit), visit.today)
    found = {
        "months": [f"{first:%Y-%m}" for first, _on in sample_days(visit.today)],
        "modes": [
            {
                "letter": LETTERS[mode],
                "word": _(mode.word),
                "mark": _(MARKS[mode]),
                "tone": MAP_TONES[mode],
            }
            for mode in Mode
        ],
        "compounds": [
            {
                "code": one.code,
                "name": one.name,
                "at": [one.latitude, one.longitude],
                "runs": one.runs,
            }
            for one in placed
        ],
        "unplaced": unplaced,
    }
    body = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return Response(
        body, media_type="application/json", headers={"Cache-Control": "private, no-cache"}
    )


routes = [
    Route("/coverage/{code}/map", show_map, methods=["GET"]),
    Route("/coverage/{code}/map.json", show_modes, methods=["GET"]),
]
