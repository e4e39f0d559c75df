"""The check of boundaries: what overlaps, what nobody answers for, which compounds lie astray."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import NotFound
from govgrid.grid.models import Level
from govgrid.grid.queries import area_seen, crumbs
from govgrid.grid.queries.tiling import grounds, parts_of
from govgrid.grid.tiling import Fault, FaultKind, faults
from govgrid.web.page import page, signed_in
from govgrid.web.paging import stretch
from govgrid.web.render import render
from govgrid.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Line:
    """A fault and the community in which it lies."""

    community: str
    fault: Fault

    @property
    def drawn(self) -> str:
        """Return the fault's shape as the map reads it: rings of corners, or one point."""
        shape, spot = self.fault.shape, self.fault.spot
        if spot is not None:
            return json.dumps({"at": [spot.latitude, spot.longitude]})
        if shape is None:
            return ""
        rings = [shapely.get_coordinates(ring)[:, ::-1] for ring in shapely.get_rings(shape)]
        return json.dumps({"rings": [ring.round(6).tolist() for ring in rings]})


@page(may_enter=signed_in)
def show_check(visit: Visit) -> Response:
    """Show what is wrong with the boundaries of a street or below; of a district, its streets."""
    area = area_seen(visit.db, visit.actor, visit.path("code"))
    if area.level is Level.CITY:
        raise NotFound("边界检查按街道或社区进行，请先选择街道。")
    wide = area.level is Level.DISTRICT
    checked = [] if wide else grounds(visit.db, area)
    lines = [
        Line(ground.community.name, fault)
        for ground in checked
        for fault in faults(ground.community, ground.plots, ground.spots)
    ]

    def read(offset: int, limit: int) -> tuple[Sequence[Line], int]:
        return lines[offset : offset + limit], len(lines)

    return render(
        visit,
        "grid/check.html",
        area=area,
        above=[a for a in crumbs(visit.db, visit.actor, area) if a.id != area.id],
        streets=parts_of(visit.db, area, Level.STREET) if wide else None,
        kinds=list(FaultKind),
        counts=Counter(line.fault.kind for line in lines),
        plots=sum(len(ground.plots) for ground in checked),
        **stretch(visit, read),
    )


routes = [Route("/grid/{code}/check", show_check)]
