"""Areas as an actor may see them: by code, upwards, downwards with counts, at a point."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

import shapely
from sqlalchemy import ColumnElement, Select, and_, case, distinct, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import Actor, Power, path_end
from govgrid.errors import NotFound
from govgrid.grid.cells import cells_at
from govgrid.grid.models import Area, Boundary, Compound, CompoundMicroGrid, Level, Post
from govgrid.grid.queries.officers import on_duty, vacant
from govgrid.grid.queries.realm import MANAGERS
from govgrid.grid.rules import DEPTH


@dataclass(frozen=True, slots=True)
class Counts:
    """An area with what its subtree holds on a day."""

    area: Area
    communities: int = 0
    grids: int = 0
    micro_grids: int = 0
    compounds: int = 0
    households: int = 0
    officers: int = 0
    vacancies: int = 0


def areas_of(actor: Actor, power: Power = Power.SEE) -> ColumnElement[bool]:
    """Return the condition that an area lies where the actor has the power."""
    ranges = [and_(Area.path >= path, Area.path < path_end(path)) for path in actor.paths(power)]
    return or_(false(), *ranges)


def area_seen(db: Session, actor: Actor, code: str) -> Area:
    """Return the area of that code. Raise `NotFound` where the actor may not see it."""
    area = db.scalar(select(Area).where(Area.code == code, areas_of(actor)))
    if area is None:
        raise NotFound("没有代码为“%(code)s”的区域，或不在您的职责范围内。", code=code[:24])
    return area


def starts(db: Session, actor: Actor) -> list[Area]:
    """Return the areas of the actor's posts, without nested ones; what they manage shows there."""
    held = sorted({post.area_path for post in actor.posts if post.compound_id is None})
    paths = [p for i, p in enumerate(held) if not any(p.startswith(q) for q in held[:i])]
    return list(db.scalars(select(Area).where(Area.path.in_(paths)).order_by(Area.path)))


def crumbs(db: Session, actor: Actor, area: Area) -> list[Area]:
    """Return the areas above, as far as the actor sees, and the area itself."""
    codes = area.path.strip("/").split("/")
    rows = select(Area).where(Area.code.in_(codes), areas_of(actor)).order_by(Area.path)
    return list(db.scalars(rows))


def children(
    db: Session, area: Area, on: date, *, offset: int = 0, limit: int = 100
) -> tuple[list[Counts], int]:
    """Return one stretch of the areas one level below, with counts, and how many there are."""
    own = select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None))
    total = db.scalar(select(func.count()).select_from(own.subquery())) or 0
    rows = db.scalars(own.order_by(Area.level, Area.code).offset(offset).limit(limit)).all()
    return counted(db, rows, on), total


def counted(db: Session, areas: Sequence[Area], on: date) -> list[Counts]:
    """Return the areas with their counts, in a constant number of queries.

    An area that manages others counts what they hold too.
    """
    beside = _managed(db, [area for area in areas if area.level in MANAGERS])
    every = [*areas, *(area for managed in beside.values() for area in managed)]
    found = {area.id: Counts(area) for area in every}
    ids = list(found)
    if ids:
        for read in (_levels, _compounds, _officers, _vacancies):
            for area_id, changes in read(db, ids, on):
                found[area_id] = replace(found[area_id], **changes)  # type: ignore[arg-type]  # counts only
    return [_sum(found[area.id], (found[m.id] for m in beside.get(area.id, ()))) for area in areas]


def _managed(db: Session, areas: Sequence[Area]) -> dict[int, list[Area]]:
    """Return the areas that each of these manages beside the codes."""
    found: dict[int, list[Area]] = {}
    if areas:
        ids = [area.id for area in areas]
        rows = select(Area).where(Area.managing_area_id.in_(ids), Area.closed_on.is_(None))
        for area in db.scalars(rows.order_by(Area.path)):
            found.setdefault(area.managing_area_id or 0, []).append(area)
    return found


def _sum(own: Counts, others: Iterable[Counts]) -> Counts:
    for other in others:
        sums = {n: getattr(own, n) + getattr(other, n) for n in _NUMBERS}
        own = replace(own, **sums)
    return own


def area_at(db: Session, longitude: float, latitude: float) -> Area | None:
    """Return the innermost area whose boundary holds the point (WGS84 degrees), or None."""
    depth = case({level.value: number for level, number in DEPTH.items()}, value=Area.level)
    rows = db.execute(
        select(Boundary.geometry, Area)
        .join(Area, Area.id == Boundary.area_id)
        .where(
            Boundary.cell.in_(cells_at(longitude, latitude)),
            Boundary.west <= longitude,
            Boundary.east >= longitude,
            Boundary.south <= latitude,
            Boundary.north >= latitude,
            Area.closed_on.is_(None),
        )
        .order_by(depth.desc(), Area.code)
        .limit(64)
    ).all()
    point = shapely.Point(longitude, latitude)
    for geometry, area in rows:
        if shapely.from_geojson(geometry).intersects(point):
            found: Area = area
            return found
    return None


_NUMBERS = tuple(field.name for field in fields(Counts) if field.name != "area")
Found = list[tuple[int, dict[str, int]]]
Read = Callable[[Session, list[int], date], Found]


def _subtrees(ids: list[int]) -> tuple[type[Area], ColumnElement[bool]]:
    """Return the tops of the subtrees, and the condition that an area lies in one of them."""
    top = aliased(Area)
    end = func.substr(top.path, 1, func.length(top.path) - 1).concat("0")
    return top, and_(top.id.in_(ids), Area.path >= top.path, Area.path < end)


def _levels(db: Session, ids: list[int], _on: date) -> Found:
    top, within = _subtrees(ids)
    names = {
        Level.COMMUNITY: "communities",
        Level.GRID: "grids",
        Level.DEDICATED_GRID: "grids",
        Level.MICRO_GRID: "micro_grids",
    }
    found: dict[int, dict[str, int]] = {}
    rows = db.execute(
        select(top.id, Area.level, func.count())
        .join(Area, within)
        .where(Area.level.in_(names), Area.closed_on.is_(None))
        .group_by(top.id, Area.level)
    )
    for area_id, level, number in rows:
        counts = found.setdefault(area_id, {})
        counts[names[level]] = counts.get(names[level], 0) + number
    return list(found.items())


def _compounds(db: Session, ids: list[int], _on: date) -> Found:
    top, within = _subtrees(ids)
    sums = (func.count(Compound.id), func.coalesce(func.sum(Compound.households), 0))
    whole: Select[int, int, int | None] = (
        select(top.id, *sums)
        .join(Area, within)
        .join(Compound, Compound.community_id == Area.id)
        .where(Area.level == Level.COMMUNITY)
        .group_by(top.id)
    )
    of_grid = select(Compound.grid_id, *sums).where(Compound.grid_id.in_(ids))
    of_micro_grid = (
        select(CompoundMicroGrid.micro_grid_id, *sums)
        .join(Compound, Compound.id == CompoundMicroGrid.compound_id)
        .where(CompoundMicroGrid.micro_grid_id.in_(ids))
    )
    rows = db.execute(
        whole.union_all(
            of_grid.group_by(Compound.grid_id),
            of_micro_grid.group_by(CompoundMicroGrid.micro_grid_id),
        )
    )
    return [(area_id, {"compounds": n, "households": int(h or 0)}) for area_id, n, h in rows]


def _officers(db: Session, ids: list[int], on: date) -> Found:
    top, within = _subtrees(ids)
    rows = db.execute(
        select(top.id, func.count(distinct(Post.officer_id)))
        .join(Area, within)
        .join(Post, Post.area_id == Area.id)
        .where(on_duty(on))
        .group_by(top.id)
    )
    return [(area_id, {"officers": number}) for area_id, number in rows]


def _vacancies(db: Session, ids: list[int], on: date) -> Found:
    top, within = _subtrees(ids)
    rows = db.execute(
        select(top.id, func.count()).join(Area, within).where(vacant(on)).group_by(top.id)
    )
    return [(area_id, {"vacancies": number}) for area_id, number in rows]
