"""Who manages what: an area's realm is its own tree and the areas it manages beside the codes."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import path_end, under
from govgrid.grid.models import Area


@dataclass(frozen=True, slots=True)
class Realm:
    """Paths of what an area manages, and of what lies in them but others manage."""

    held: tuple[str, ...]
    given: tuple[str, ...]

    def holds(self, path: str) -> bool:
        """Tell whether an area at that path is managed here."""
        return path.startswith(self.held) and not path.startswith(self.given)


def managed_paths(db: Session, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the paths of the areas that somebody in each of these subtrees manages.

    One query, over the few areas that have a manager at all.
    """
    wanted = dict.fromkeys(paths)
    if not wanted:
        return {}
    manager = aliased(Area)
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


def realm(db: Session, area: Area) -> Realm:
    """Return what an area manages: its tree less what others manage, and what it manages beside."""
    rows = db.execute(
        select(Area.path, Area.managing_area_id).where(
            Area.managing_area_id.is_not(None),
            Area.closed_on.is_(None),
            or_(Area.managing_area_id == area.id, under(Area.path, [area.path])),
        )
    ).all()
    ours = _managers(db, area, {manager for _path, manager in rows})
    held = [path for path, manager in rows if manager in ours and not path.startswith(area.path)]
    given = [path for path, manager in rows if manager not in ours]
    return Realm((area.path, *sorted(held)), tuple(sorted(given)))


def _managers(db: Session, area: Area, managers: set[int]) -> set[int]:
    """Return those managers that lie in the area itself."""
    inside = select(Area.id).where(Area.id.in_(managers), under(Area.path, [area.path]))
    return set(db.scalars(inside)) | {area.id}


def in_realm(realm: Realm) -> ColumnElement[bool]:
    """Return the condition that an area is managed there."""
    return and_(under(Area.path, realm.held), not_(under(Area.path, realm.given)))
