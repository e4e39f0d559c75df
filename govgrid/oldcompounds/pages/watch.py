"""The page of watched compounds: what each is watched for, with what is proposed to its meeting."""

from collections import Counter

from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import Invalid
from govgrid.grid.queries import area_seen, crumbs
from govgrid.oldcompounds.letters import proposal_text
from govgrid.oldcompounds.queries import Signals, soonest, watch_for_area
from govgrid.oldcompounds.rules import Concern
from govgrid.web.page import page, with_post
from govgrid.web.paging import paging_of
from govgrid.web.render import render
from govgrid.web.visit import Visit


def make_routes(signals: Signals) -> list[Route]:
    """Return the routes; `signals` tell what stands in packages beside and above."""

    @page(may_enter=with_post)
    def show_watch(visit: Visit) -> Response:
        area = area_seen(visit.db, visit.actor, visit.path("code"))
        shown = _concern(visit.query("concern"))
        found = watch_for_area(visit.db, area, visit.at, signals)
        lines = [one for one in found if shown in {None, one.concern}]
        paging = paging_of(visit, len(lines), 50)
        return render(
            visit,
            "oldcompounds/watch.html",
            area=area,
            above=crumbs(visit.db, visit.actor, area)[:-1],
            lines=lines[paging.offset : paging.offset + paging.size],
            paging=paging,
            shown=shown,
            concerns=list(Concern),
            counts=Counter(one.concern for one in found),
            total=len(found),
            ending=soonest(found),
            proposal=proposal_text,
        )

    return [Route("/coverage/{code}/watch", show_watch, methods=["GET"])]


def _concern(written: str) -> Concern | None:
    if not written:
        return None
    try:
        return Concern.of_key(written)
    except ValueError:
        raise Invalid("没有“%(value)s”这种筛选，请从列表中选择。", value=written[:20]) from None
