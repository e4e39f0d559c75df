"""Import of compounds, with the company that serves them and the grids they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.errors import Invalid
from govgrid.grid.crs import CRS, crs_of, to_wgs84
from govgrid.grid.imports.organizations import Key, Organizations
from govgrid.grid.imports.places import Limits, Place, Places, places
from govgrid.grid.imports.store import dry, insert_coded, insert_rows, journalled, update_rows
from govgrid.grid.models import Compound, CompoundKind, CompoundMicroGrid, Level, OrganizationKind
from govgrid.sheets import (
    Column,
    How,
    Outcome,
    Row,
    Sheet,
    code,
    day,
    listed,
    number,
    read_sheet,
    refused,
    text,
    whole,
    word,
)


def read_area(cell: object) -> float:
    """Read a floor area in square metres: 0 is no area, an unknown one is left empty."""
    found: float = number(0, 100_000_000)(cell)
    if not found:
        raise Invalid("建筑面积应大于 0，不清楚的请留空。")
    return found


COLUMNS = (
    Column("小区编号", "code", code(40), required=True),
    Column("小区名称", "name", text(80), required=True),
    Column("小区类型", "kind", word(CompoundKind), required=True),
    Column("社区代码", "community", code(24), required=True, note="12 位"),
    Column("网格代码", "grid", code(24), note="15 位，应属于本社区"),
    Column("微网格代码", "micro_grids", listed(code(24)), note="18 位，多个用“；”隔开"),
    Column("地址", "address", text(200)),
    Column("经度", "longitude", number(70, 140), note="度，例如 104.0433421"),
    Column("纬度", "latitude", number(0, 56), note="度，例如 30.6421872"),
    Column("坐标系", "crs", crs_of, note="填写经纬度时必填", words=tuple(CRS)),
    Column("户数", "households", whole(0, 100_000)),
    Column("建筑面积(㎡)", "floor_area", read_area, note="大于 0，不清楚的留空"),
    Column("楼栋数", "buildings", whole(0, 10_000)),
    Column("建成年份", "built_year", whole(1800, 2200), note="例如 1996"),
    Column("物业企业", "company", text(120)),
    Column("物业合同到期", "contract_until", day, note="最后一天，例如 2027-12-31"),
)
# Stored as they stand in the sheet.
PLAIN = ("name", "kind", "address", "households", "floor_area", "buildings", "built_year",
         "contract_until")  # fmt: skip
STORED = (*PLAIN, "community_id", "grid_id", "longitude", "latitude", "company_id")


@dataclass(slots=True)
class Wanted:
    """A compound as the file wants it; what the sheet has no column for is not in `values`."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    company: Key | None = None
    micro_grids: frozenset[int] | None = None


class Names(NamedTuple):
    """What ids mean: codes of areas, names of companies."""

    areas: dict[int, str]
    companies: Organizations


def load(
    db: Session,
    actor: Actor | None,
    data: bytes,
    name: str,
    *,
    at: datetime,
    how: How | None = None,
) -> Outcome:
    """Import compounds; a company named for the first time is created."""
    sheet = read_sheet(data, name, COLUMNS, how)
    areas, limits, companies = places(db), Limits(actor), Organizations(db)
    stored = {row.code: dict(row._mapping) for row in db.execute(_stored())}  # noqa: SLF001
    paths = {place.id: place.path for place in areas.values() if place.level is Level.COMMUNITY}
    wanted: dict[str, Wanted] = {}
    for row in sheet.rows:
        code = row.values["code"]
        if code in wanted:
            first = wanted[code].row.number
            sheet.refuse(row, "code", Invalid("与第 %(row)s 行重复。", row=first))
            continue
        wanted[code] = _wanted(sheet, row, areas, companies)
        _check_limits(sheet, row, areas, paths, limits, stored.get(code))
    if sheet.errors:
        return refused("compounds", sheet)
    _place_points(sheet, wanted.values())
    companies.create(db)
    outcome = _write(db, sheet, wanted, stored, companies, areas)
    return journalled(db, actor, outcome, data, name, at)


def _stored() -> Any:
    columns = [getattr(Compound, key) for key in ("id", "code", *STORED)]
    return select(*columns)


def _wanted(sheet: Sheet, row: Row, areas: Places, companies: Organizations) -> Wanted:
    wanted = Wanted(row, {key: row.values[key] for key in PLAIN if sheet.has(key)})
    community = _area(sheet, row, "community", row.values["community"], areas, {Level.COMMUNITY})
    if community is None:
        return wanted
    wanted.values["community_id"] = community.id
    grid = None
    if sheet.has("grid"):
        grid = _serving_grid(sheet, row, areas, community)
        wanted.values["grid_id"] = grid.id if grid else None
    if sheet.has("micro_grids"):
        wanted.micro_grids = _micro_grids(sheet, row, areas, grid or community)
    if sheet.has("company") and row.values["company"]:
        kind = OrganizationKind.PROPERTY_COMPANY
        wanted.company = companies.key(row.values["company"], kind, strict=True)
    _check_point(sheet, row)
    return wanted


def _serving_grid(sheet: Sheet, row: Row, areas: Places, community: Place) -> Place | None:
    if row.values["grid"] is None:
        return None
    levels = {Level.GRID, Level.DEDICATED_GRID}
    grid = _area(sheet, row, "grid", row.values["grid"], areas, levels)
    if grid and not community.holds(grid):
        reason = Invalid("该网格不属于社区 %(code)s。", code=community.code)
        sheet.refuse(row, "grid", reason)
    return grid


def _micro_grids(sheet: Sheet, row: Row, areas: Places, above: Place) -> frozenset[int]:
    found = set()
    for code in row.values["micro_grids"] or ():
        place = _area(sheet, row, "micro_grids", code, areas, {Level.MICRO_GRID})
        if place is None:
            continue
        if not above.holds(place):
            reason = Invalid(
                "微网格 %(code)s 不属于%(level)s %(above)s。",
                code=code,
                level=above.level.word,
                above=above.code,
            )
            sheet.refuse(row, "micro_grids", reason)
        found.add(place.id)
    return frozenset(found)


def _area(
    sheet: Sheet, row: Row, key: str, code: str, areas: Places, levels: set[Level]
) -> Place | None:
    place = areas.get(code)
    if place is None:
        unknown = Invalid("系统中没有代码为 %(code)s 的区域，请先导入区域。", code=code)
        sheet.refuse(row, key, areas.missing(code, unknown))
    elif place.level not in levels:
        reason = Invalid(
            "%(code)s 是“%(found)s”，不能填在此列。", code=code, found=place.level.word
        )
        sheet.refuse(row, key, reason)
        return None
    return place


def _check_point(sheet: Sheet, row: Row) -> None:
    longitude, latitude = row.values["longitude"], row.values["latitude"]
    if (longitude is None) != (latitude is None):
        key = "longitude" if longitude is None else "latitude"
        sheet.refuse(row, key, Invalid("经度和纬度应同时填写。"))
    elif longitude is not None and row.values["crs"] is None:
        reason = Invalid("填写了经纬度，应注明坐标系：wgs84、gcj02 或 cgcs2000。")
        sheet.refuse(row, "crs", reason)


def _check_limits(
    sheet: Sheet,
    row: Row,
    areas: Places,
    paths: dict[int, str],
    limits: Limits,
    old: dict[str, Any] | None,
) -> None:
    community = areas.get(row.values["community"])
    outside = community is not None and not limits.allow(community.path)
    if old is not None and not outside:
        outside = not limits.allow(paths[old["community_id"]])
    if outside:
        sheet.refuse(row, "community", Invalid("不在您可以导入的区域内。"))


def _place_points(sheet: Sheet, compounds: Iterable[Wanted]) -> None:
    """Put positions in WGS84, to the centimetre."""
    if not (sheet.has("longitude") and sheet.has("latitude")):
        return
    placed: dict[CRS, list[Wanted]] = {}
    for wanted in compounds:
        wanted.values |= {"longitude": None, "latitude": None}
        if wanted.row.values["longitude"] is not None:
            placed.setdefault(wanted.row.values["crs"], []).append(wanted)
    for crs, found in placed.items():
        given = [(w.row.values["longitude"], w.row.values["latitude"]) for w in found]
        points = to_wgs84(np.array(given, dtype=np.float64), crs).round(7).tolist()
        for wanted, (longitude, latitude) in zip(found, points, strict=True):
            wanted.values |= {"longitude": longitude, "latitude": latitude}


def _write(
    db: Session,
    sheet: Sheet,
    wanted: dict[str, Wanted],
    stored: dict[str, dict[str, Any]],
    companies: Organizations,
    areas: dict[str, Place],
) -> Outcome:
    if sheet.has("company"):
        for compound in wanted.values():
            compound.values["company_id"] = companies.id(compound.company)
    empty = dict.fromkeys(STORED)
    new = [
        {**empty, **w.values, "code": code, "version": 1}
        for code, w in wanted.items()
        if code not in stored
    ]
    changes = {
        code: {"id": stored[code]["id"], **w.values}
        for code, w in wanted.items()
        if code in stored and any(stored[code][key] != v for key, v in w.values.items())
    }
    ids = {code: row["id"] for code, row in stored.items()} | insert_coded(db, Compound, new)
    linked = _link(
        db, {ids[c]: w.micro_grids for c, w in wanted.items() if w.micro_grids is not None}
    )
    update_rows(db, Compound, list(changes.values()))
    updated = {code for code in wanted if code in changes or ids[code] in linked}
    updated &= stored.keys()
    for made in new:
        sheet.add(wanted[made["code"]].row)
    if updated:
        names = Names({place.id: place.code for place in areas.values()}, companies)
        for code in sorted(updated, key=lambda code: wanted[code].row.number):
            _note(sheet, wanted[code], stored[code], linked.get(ids[code]), names)
    return Outcome(
        "compounds",
        sheet.count,
        created=len(new),
        updated=len(updated),
        unchanged=len(wanted) - len(new) - len(updated),
        ignored=sheet.ignored,
        changes=sheet.changes,
    )


def _note(
    sheet: Sheet,
    wanted: Wanted,
    stored: dict[str, Any],
    served: frozenset[int] | None,
    names: Names,
) -> None:
    """Note what a row changes, in the words of the sheet."""
    values = wanted.values
    old: dict[str, Any] = {key: stored[key] for key in (*PLAIN, "longitude", "latitude")}
    new = {key: values[key] for key in old if key in values}
    old["community"] = names.areas.get(stored["community_id"])
    new["community"] = wanted.row.values["community"]
    if "grid_id" in values:
        old["grid"], new["grid"] = names.areas.get(stored["grid_id"]), wanted.row.values["grid"]
    if "company_id" in values:
        old["company"] = names.companies.name(stored["company_id"])
        new["company"] = wanted.row.values["company"]
    if served is not None and wanted.micro_grids is not None:
        old["micro_grids"] = sorted(names.areas.get(one, "") for one in served)
        new["micro_grids"] = sorted(names.areas.get(one, "") for one in wanted.micro_grids)
    sheet.change(wanted.row, old, new)


def _link(db: Session, wanted: dict[int, frozenset[int]]) -> dict[int, frozenset[int]]:
    """Store which micro-grids serve which compound; return, for those changed, what served."""
    if not wanted:
        return {}
    link = CompoundMicroGrid
    rows = db.execute(select(link.compound_id, link.micro_grid_id))
    old = {pair for pair in rows if pair[0] in wanted}
    new = {(compound, grid) for compound, grids in wanted.items() for grid in grids}
    if (gone := sorted(old - new)) and not dry(db):
        table = link.__table__
        db.connection().execute(
            delete(link).where(
                and_(table.c.compound_id == bindparam("c"), table.c.micro_grid_id == bindparam("m"))
            ),
            [{"c": compound, "m": grid} for compound, grid in gone],
        )
    added = [{"compound_id": c, "micro_grid_id": m} for c, m in sorted(new - old)]
    insert_rows(db, link, added)
    before: dict[int, set[int]] = {compound: set() for compound, _grid in old ^ new}
    for compound, grid in old:
        if compound in before:
            before[compound].add(grid)
    return {compound: frozenset(grids) for compound, grids in before.items()}
