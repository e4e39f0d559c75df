"""Who manages what: an area's realm is its own tree and the areas it manages beside the codes."""

from collections.abc import Callable, Iterable
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import path_end, path_end_of, under
from govgrid.grid.models import Area, Level

MANAGERS = (Level.DISTRICT, Level.STREET)  # levels whose areas may manage others


def managed_paths(db: Session, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the paths of the areas that somebody in each of these subtrees manages.

    One query, over the few areas that have a manager at all.
    """
    wanted = dict.fromkeys(paths)
    if not wanted:
        return {}
    manager = _manager()
    rows = db.execute(
        select(manager.path, Area.path)
        .join(manager, manager.id == Area.managing_area_id)
        .where(
            Area.managing_area_id.is_not(None), Area.closed_on.is_(None), _under(manager, wanted)
        )
        .order_by(Area.path)
    ).all()
    return {
        path: tuple(
            managed for by, managed in rows if by.startswith(path) and not managed.startswith(path)
        )
        for path in wanted
    }


@cache  # an alias is dear to make, and many a request needs this one
def _manager() -> type[Area]:
    return aliased(Area)


@cache  # likewise; always inside a subquery of its own
def _managed() -> type[Area]:
    return aliased(Area)


@cache
def _lower() -> type[Area]:
    return aliased(Area)


def _under(area: type[Area], paths: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(and_(area.path >= path, area.path < path_end(path)) for path in paths))


def managed_by(db: Session, area: Area) -> list[Area]:
    """Return the areas that an area manages although their codes lie elsewhere."""
    rows = select(Area).where(Area.managing_area_id == area.id, Area.closed_on.is_(None))
    return list(db.scalars(rows.order_by(Area.path)))


def manager_of(db: Session, area: Area) -> Area | None:
    """Return who manages an area apart from its code, itself or with one of those above it."""
    codes = area.path.strip("/").split("/")
    manager = aliased(Area)
    return db.scalar(
        select(manager)
        .join(Area, Area.managing_area_id == manager.id)
        .where(Area.code.in_(codes))
        .order_by(Area.path.desc())
        .limit(1)
    )


def held_by(area: Area) -> ColumnElement[bool]:
    """Return the condition that an area lies in this one, or in one that this one manages."""
    inside = under(Area.path, [area.path])
    if area.level not in MANAGERS:
        return inside
    managed, beside = _beside(area, Area)
    return or_(inside, exists(select(managed.id).where(beside)))


def communities_of(area: Area) -> Select[int]:
    """Return the ids of the communities that lie in the area, or in one that it manages.

    Two ranges of paths: as one condition, PostgreSQL tries every area there is.
    """
    inside = select(Area.id).where(under(Area.path, [area.path]), Area.level == Level.COMMUNITY)
    if area.level not in MANAGERS:
        return inside
    lower = _lower()
    managed, beside = _beside(area, lower)
    apart = select(lower.id).join(managed, beside).where(lower.level == Level.COMMUNITY)
    return select(inside.union_all(apart).subquery().c.id)


def _beside(area: Area, lower: type[Area]) -> tuple[type[Area], ColumnElement[bool]]:
    """Return an alias, and the condition that it is managed by the area and holds `lower`."""
    managed = _managed()
    return managed, and_(
        managed.managing_area_id == area.id,
        managed.closed_on.is_(None),
        lower.path >= managed.path,
        lower.path < path_end_of(managed.path),
    )


def row_of(db: Session, area: Area) -> Callable[[str], str]:
    """Return what tells, for a path, that of the area one level below which it counts to.

    An area managed from here counts by itself, "" is what belongs to neither.
    """
    return row_beside(area, managed_by(db, area))


def row_beside(area: Area, managed: Iterable[Area]) -> Callable[[str], str]:
    """Return what `row_of` does, where the areas managed from here are known."""
    tops = [one.path for one in managed]

    def row(path: str) -> str:
        if path.startswith(area.path):
            return _one_below(area, path)
        return next((top for top in tops if path.startswith(top)), "")

    return row


def row_by_manager(db: Session, area: Area) -> Callable[[str], str]:
    """Return what tells, for a path, the area one level below whose people manage it.

    "" is what is managed from outside the area.
    """
    manager = aliased(Area)
    rows = db.execute(
        select(Area.path, manager.path)
        .join(manager, manager.id == Area.managing_area_id)
        .where(Area.managing_area_id.is_not(None), Area.closed_on.is_(None))
    ).all()
    managers = {top: by for top, by in rows}  # noqa: C416  # a row is no pair to mypy

    def row(path: str) -> str:
        by = next((b for top, b in managers.items() if path.startswith(top)), path)
        if by == area.path:  # managed from here itself: it counts by itself
            return next(top for top in managers if path.startswith(top))
        return _one_below(area, by) if by.startswith(area.path) else ""

    return row


def _one_below(area: Area, path: str) -> str:
    depth = len(area.path)
    return path[: path.index("/", depth) + 1] if len(path) > depth else path
