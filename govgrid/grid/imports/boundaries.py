"""Import of boundaries: one polygon an area, checked and put in WGS84."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.errors import Invalid
from govgrid.grid.cells import cell_of
from govgrid.grid.crs import CRS, crs_of, square_metres, to_wgs84
from govgrid.grid.imports.places import Limits, Place, Places, places
from govgrid.grid.imports.store import dry, insert_rows, journalled
from govgrid.grid.models import Boundary
from govgrid.sheets import Change, Changes, Errors, Outcome, RowError

MOST_BYTES = 64 * 2**20
MOST_FEATURES = 100_000
MOST_POINTS = 20_000  # of one polygon: a whole city needs fewer
PLACES = 7  # decimals of a degree: a centimetre

_REASON = re.compile(r"([A-Za-z -]+)\[([-\d.e]+) ([-\d.e]+)\]")


@dataclass(frozen=True, slots=True)
class Feature:
    """A polygon of the file, counted from 1, in the file's coordinates."""

    number: int
    place: Place
    crs: CRS
    shape: BaseGeometry


@dataclass(slots=True)
class Survey:
    """What the file holds: polygons by code of their area, and what is wrong with the others."""

    areas: Places
    limits: Limits
    crs: object
    repair: bool
    features: dict[str, Feature] = field(default_factory=dict)
    errors: Errors = field(default_factory=Errors)
    mended: list[RowError] = field(default_factory=list)

    def refuse(self, number: int, key: str, value: object, reason: Invalid) -> None:
        """Note what is wrong with the feature of that number."""
        shown = "" if value is None else str(value)[:80]
        self.errors.append(RowError(number, key, shown, reason))


def load(
    db: Session,
    actor: Actor | None,
    data: bytes,
    name: str,
    *,
    at: datetime,
    crs: str | None = None,
    repair: bool = False,
) -> Outcome:
    """Import boundaries from GeoJSON; `crs` holds where a feature names none.

    Polygons that cross themselves are refused; with `repair` they are mended, and told one by one.
    """
    document = _document(data)
    found: list[object] = document["features"]
    survey = Survey(places(db), Limits(actor), crs or _named(document), repair)
    for number, feature in enumerate(found, 1):
        _read(survey, number, feature)
    shapes = _placed(survey)
    if survey.errors:
        errors = Errors(sorted(survey.errors, key=lambda error: error.row), survey.errors.total)
        return Outcome("boundaries", len(found), errors=errors)
    outcome = _write(db, survey, shapes)
    outcome.mended = sorted(survey.mended, key=lambda mended: mended.row)
    return journalled(db, actor, outcome, data, name, at)


def _document(data: bytes) -> dict[str, Any]:
    """Return the feature collection. Raise `Invalid` for any other file."""
    if len(data) > MOST_BYTES:
        raise Invalid("文件超过 %(most)s MB，请拆分后分批导入。", most=MOST_BYTES // 2**20)
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise Invalid("文件不是 GeoJSON（UTF-8 编码），请核对后重试。") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise Invalid("边界文件应为 GeoJSON 的 FeatureCollection。")
    if len(features) > MOST_FEATURES:
        raise Invalid("边界超过 %(most)s 个，请按区县拆分后分批导入。", most=MOST_FEATURES)
    return dict(document)


def _named(document: Mapping[str, Any]) -> object:
    """Return the system that a GeoJSON of 2008 names for all its features."""
    crs = document.get("crs")
    named = crs.get("properties") if isinstance(crs, dict) else crs
    return named.get("name") if isinstance(named, dict) else named


def _read(survey: Survey, number: int, feature: object) -> None:
    given = feature if isinstance(feature, dict) else {}
    properties = given.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    code, crs = properties.get("code"), properties.get("crs") or survey.crs
    try:
        place = _place(survey, code)
    except Invalid as reason:
        return survey.refuse(number, "code", code, reason)
    try:
        system = _system(crs)
    except Invalid as reason:
        return survey.refuse(number, "crs", crs, reason)
    try:
        shape = _polygon(place.code, given.get("geometry"))
    except Invalid as reason:
        return survey.refuse(number, "geometry", place.code, reason)
    survey.features[place.code] = Feature(number, place, system, shape)
    return None


def _place(survey: Survey, code: object) -> Place:
    written = str(code).strip() if isinstance(code, str | int) else ""
    if not written:
        raise Invalid("缺少 properties.code：应为区域代码。")
    place = survey.areas.get(written)
    if place is None:
        unknown = Invalid("系统中没有代码为 %(code)s 的区域，请先导入区域。", code=written[:40])
        raise survey.areas.missing(written, unknown)
    survey.limits.check(place.path)
    if written in survey.features:
        raise Invalid("与第 %(row)s 行重复。", row=survey.features[written].number)
    return place


def _system(crs: object) -> CRS:
    if not crs:
        raise Invalid("没有注明坐标系：请填写 properties.crs，或在导入时指定。")
    return crs_of(crs)


def _polygon(code: str, geometry: object) -> BaseGeometry:
    """Return the polygon of an area, two-dimensional, not yet checked for crossings."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise Invalid(
            "%(code)s 的边界应为 Polygon 或 MultiPolygon，现为“%(kind)s”。",
            code=code,
            kind=str(kind)[:30],
        )
    try:
        shape: BaseGeometry | None = shapely.from_geojson(json.dumps(geometry))
    except (shapely.GEOSException, ValueError, RecursionError):
        shape = None
    if shape is None or shape.is_empty or shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise Invalid(
            "%(code)s 的边界无法读取：坐标缺失、不成环，或超过 %(most)s 个点。",
            code=code,
            most=MOST_POINTS,
        )
    return shapely.force_2d(shape)


def _placed(survey: Survey) -> dict[int, BaseGeometry]:
    """Return the polygons in WGS84 by area id, and refuse those that are none there."""
    by_crs: dict[CRS, list[Feature]] = defaultdict(list)
    for feature in survey.features.values():
        by_crs[feature.crs].append(feature)
    placed: dict[int, BaseGeometry] = {}
    for crs, features in by_crs.items():

        def moved(points: NDArray[np.float64], crs: CRS = crs) -> NDArray[np.float64]:
            return to_wgs84(points, crs).round(PLACES)

        shapes = np.array([feature.shape for feature in features], dtype=object)
        for feature, shape in zip(features, shapely.transform(shapes, moved), strict=True):
            try:
                placed[feature.place.id] = _checked(survey, feature, shape)
            except Invalid as reason:
                survey.refuse(feature.number, "geometry", feature.place.code, reason)
    return placed


def _checked(survey: Survey, feature: Feature, shape: BaseGeometry) -> BaseGeometry:
    """Return a valid polygon inside China. Raise `Invalid` where it is none and may not be mended."""
    code = feature.place.code
    west, south, east, north = shape.bounds
    if not (west >= 70 and east <= 140 and south >= 0 and north <= 56):  # not-a-number fails too
        raise Invalid(
            "%(code)s 的边界不在中国范围内：每个点应为 [经度, 纬度]，单位为度。", code=code
        )
    if shape.is_valid:
        return shape
    if not survey.repair:
        raise _fault(code, shape)
    mended = _mended(code, shape)
    told = Invalid(
        "原边界自相交，已修复为 %(parts)s 块，面积约 %(area)s 平方米，请在示意图上核对。",
        parts=len(shapely.get_parts(mended)),
        area=round(square_metres(mended)),
    )
    survey.mended.append(RowError(feature.number, "geometry", code, told))
    return mended


def _mended(code: str, shape: BaseGeometry) -> BaseGeometry:
    """Return what the rings enclose, without the lines that enclose nothing."""
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    mended = shapely.transform(mended, lambda points: points.round(PLACES))
    if (
        mended.is_empty
        or not mended.is_valid
        or mended.geom_type not in {"Polygon", "MultiPolygon"}
    ):
        raise Invalid("%(code)s 的边界无法自动修复，请修正后重新导入。", code=code)
    return mended


def _fault(code: str, shape: BaseGeometry) -> Invalid:
    told = _REASON.match(shapely.is_valid_reason(shape))
    if told and "elf-intersection" in told[1]:
        return Invalid(
            "%(code)s 的边界自相交，在经度 %(x)s、纬度 %(y)s 附近。请修正后重新导入，或选择修复（--repair）。",
            code=code,
            x=told[2],
            y=told[3],
        )
    return Invalid(
        "%(code)s 的边界不是有效的多边形（孔洞或各部分相互重叠）。请修正后重新导入，或选择修复（--repair）。",
        code=code,
    )


def _write(db: Session, survey: Survey, shapes: Mapping[int, BaseGeometry]) -> Outcome:
    stored = {
        row.area_id: row.geometry for row in db.execute(select(Boundary.area_id, Boundary.geometry))
    }
    new: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for area_id, shape in shapes.items():
        geometry = shapely.to_geojson(shape)
        if stored.get(area_id) == geometry:
            continue
        box = zip(("west", "south", "east", "north"), shape.bounds, strict=True)
        cell = cell_of(*shape.bounds)
        row = {"area_id": area_id, "geometry": geometry, **dict(box), "cell": cell}
        (changes if area_id in stored else new).append(row)
    insert_rows(db, Boundary, new)
    _update(db, changes)
    unchanged = len(shapes) - len(new) - len(changes)
    told = _told(survey, {row["area_id"] for row in new}, {row["area_id"] for row in changes})
    return Outcome("boundaries", len(shapes), len(new), len(changes), unchanged, changes=told)


def _told(survey: Survey, new: set[int], changed: set[int]) -> Changes:
    told = Changes()
    for feature in survey.features.values():
        place = feature.place
        if place.id in new:
            told.add(feature.number, f"{place.code} {place.name}")
        elif place.id in changed:
            told.change(Change(feature.number, f"{place.code} {place.name}", ()))
    return told


def _update(db: Session, rows: list[dict[str, Any]]) -> None:
    if not rows or dry(db):
        return
    keys = ("geometry", "west", "south", "east", "north", "cell")
    statement = update(Boundary).where(Boundary.area_id == bindparam("row_id"))
    db.connection().execute(
        statement.values({key: bindparam(f"new_{key}") for key in keys}),
        [{"row_id": row["area_id"], **{f"new_{k}": row[k] for k in keys}} for row in rows],
    )
