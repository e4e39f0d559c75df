"""Who answers for a place: a point of the map, coordinates, an area, a compound."""

import re
from dataclasses import dataclass

import numpy as np
from starlette.responses import Response
from starlette.routing import Route

from govgrid.errors import Invalid
from govgrid.grid.crs import CRS, crs_of, to_wgs84
from govgrid.grid.models import Area, Boundary, Compound
from govgrid.grid.queries import (
    Step,
    area_at,
    area_seen,
    compound_seen,
    responsible_for_area,
    responsible_for_compound,
)
from govgrid.web.page import page, with_post
from govgrid.web.render import render
from govgrid.web.visit import Visit
from govgrid.words import N_

SYSTEMS = (
    (CRS.WGS84.value, N_("手机定位、GPS（WGS84）")),
    (CRS.GCJ02.value, N_("高德、腾讯地图（GCJ-02）")),
    (CRS.CGCS2000.value, N_("国家 2000（CGCS2000）")),
)
_NUMBERS = re.compile(r"[-+]?\d{1,3}(?:\.\d{1,15})?")


@dataclass(frozen=True, slots=True)
class Place:
    """What was found: an area or a compound, its boundary, and who answers for it."""

    area: Area | None = None
    compound: Compound | None = None
    drawn: Boundary | None = None
    steps: tuple[Step, ...] = ()


@page(may_enter=with_post)
def show_point(visit: Visit) -> Response:
    """Show who answers for a place; asked by htmx, without the page around it."""
    asked = any(visit.query(key) for key in ("compound", "area", "point", "longitude"))
    template = "grid/point.html" if visit.partial else "grid/at.html"
    return render(
        visit,
        template,
        place=_found(visit) if asked else None,
        systems=SYSTEMS,
        point=visit.query("point"),
        crs=visit.query("crs", CRS.WGS84.value),
    )


def _found(visit: Visit) -> Place:
    if code := visit.query("compound"):
        compound = compound_seen(visit.db, visit.actor, code)
        steps = responsible_for_compound(visit.db, compound, visit.today)
        return Place(compound=compound, steps=tuple(steps))
    area = _area(visit)
    if area is None:
        return Place()
    steps = responsible_for_area(visit.db, area, visit.today)
    return Place(area, drawn=visit.db.get(Boundary, area.id), steps=tuple(steps))


def _area(visit: Visit) -> Area | None:
    """Return the area asked for by code, or the innermost at the point."""
    if code := visit.query("area"):
        return area_seen(visit.db, visit.actor, code)
    crs = crs_of(visit.query("crs", CRS.WGS84.value))
    written = visit.query("point") or f"{visit.query('longitude')} {visit.query('latitude')}"
    ((longitude, latitude),) = to_wgs84(np.array([degrees(written)]), crs).tolist()
    return area_at(visit.db, longitude, latitude)


def degrees(written: str) -> tuple[float, float]:
    """Return longitude and latitude of `104.06, 30.65`, in either order. Raise `Invalid`."""
    numbers = [float(found) for found in _NUMBERS.findall(written)]
    if len(numbers) == 2:
        one, other = numbers
        if -180 <= one <= 180 and -90 <= other <= 90 and not 0 < one < 60 < other:
            return one, other
        if -90 <= one <= 90 and -180 <= other <= 180:
            return other, one
    raise Invalid("“%(value)s”不是经纬度，请写成 104.0657, 30.6595 的形式。", value=written[:40])


routes = [Route("/grid/at", show_point)]
