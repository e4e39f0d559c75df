"""Changes of areas: an area's history, the change of a number, what a former code became."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from govgrid.access import EVERYWHERE, Actor, Power
from govgrid.errors import NotFound
from govgrid.grid.models import Area, AreaChange, AreaChangePart, ChangeStage, Side
from govgrid.grid.queries.areas import areas_of

_KEPT = (ChangeStage.PLANNED, ChangeStage.DONE, ChangeStage.FAILED, ChangeStage.UNDONE)


def area_told(db: Session, actor: Actor, code: str) -> Area:
    """Return the area of that code, where the actor sees or keeps it. Raise `NotFound`."""
    area = db.scalar(select(Area).where(Area.code == code, told(actor)))
    if area is None:
        raise NotFound("没有代码为“%(code)s”的区域，或不在您的职责范围内。", code=code[:24])
    return area


def told(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an actor sees an area, or keeps it without seeing its work."""
    return or_(areas_of(actor), areas_of(actor, Power.KEEP))


def tops_kept(db: Session, actor: Actor) -> list[Area]:
    """Return the highest areas that the actor keeps."""
    paths = actor.paths(Power.KEEP)
    top = Area.path.in_(paths) if EVERYWHERE not in paths else Area.parent_id.is_(None)
    return list(db.scalars(select(Area).where(top).order_by(Area.path)))


def right_below(db: Session, area: Area, most: int = 200) -> list[Area]:
    """Return the current areas one level below."""
    rows = select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None))
    return list(db.scalars(rows.order_by(Area.code).limit(most)))


def changes_kept(
    db: Session, actor: Actor, *, offset: int = 0, limit: int = 50
) -> tuple[list[AreaChange], int]:
    """Return one stretch of the changes where the actor keeps areas, the newest first."""
    kept = areas_of(actor, Power.KEEP)
    touched = select(AreaChangePart.change_id).join(AreaChangePart.area).where(kept)
    return _listed(db, touched, offset, limit)


def change_seen(db: Session, actor: Actor, number: int) -> AreaChange:
    """Return a change with its parts and their areas, where the actor sees one of them.

    A draft is seen by whoever drafted it. Raise `NotFound`.
    """
    touched = select(AreaChangePart.change_id).join(AreaChangePart.area).where(told(actor))
    own = and_(AreaChange.stage == ChangeStage.DRAFT, AreaChange.asked_by_id == actor.account_id)
    found = db.scalar(
        select(AreaChange)
        .where(AreaChange.id == number, or_(own, AreaChange.id.in_(touched)))
        .options(selectinload(AreaChange.parts).joinedload(AreaChangePart.area))
    )
    if found is None:
        raise NotFound("没有这项区域变更，或不在您的职责范围内。")
    return found


def history(
    db: Session, area: Area, *, offset: int = 0, limit: int = 50
) -> tuple[list[AreaChange], int]:
    """Return one stretch of an area's changes, the newest first, and how many there are."""
    touched = select(AreaChangePart.change_id).where(AreaChangePart.area_id == area.id)
    return _listed(db, touched, offset, limit)


def _listed(
    db: Session, touched: Select[int], offset: int, limit: int
) -> tuple[list[AreaChange], int]:
    wanted = select(AreaChange).where(AreaChange.id.in_(touched), AreaChange.stage.in_(_KEPT))
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = db.scalars(
        wanted.order_by(AreaChange.effective_on.desc(), AreaChange.id.desc())
        .offset(offset)
        .limit(limit)
        .options(selectinload(AreaChange.parts).joinedload(AreaChangePart.area))
    )
    return list(rows), total


@dataclass(frozen=True, slots=True)
class Former:
    """A code that is in use no more, since when, and the areas that took its place."""

    code: str
    name: str
    since: date
    heirs: tuple[Area, ...]


def former_codes(db: Session) -> dict[str, Former]:
    """Return what became of every code that no current area carries any more."""
    rows = db.scalars(
        select(AreaChangePart)
        .join(AreaChangePart.change)
        .join(AreaChangePart.area)
        .where(_left(), AreaChange.stage == ChangeStage.DONE)
        .order_by(AreaChange.effective_on, AreaChange.id)
        .options(contains_eager(AreaChangePart.change), contains_eager(AreaChangePart.area))
    ).all()
    heirs = _heirs(db)
    return {str(row.old_code): _told(row, heirs) for row in rows}


def _left() -> ColumnElement[bool]:
    """Return the condition that a part's old code is no longer a current area's."""
    return and_(AreaChangePart.old_code.is_not(None), _other())


def _other() -> ColumnElement[bool]:
    return or_(Area.closed_on.is_not(None), Area.code != AreaChangePart.old_code)


def _heirs(db: Session) -> dict[int, list[Area]]:
    rows = db.execute(
        select(AreaChangePart.change_id, Area)
        .join(AreaChangePart.area)
        .where(AreaChangePart.side == Side.TO)
        .order_by(Area.code)
    )
    found: dict[int, list[Area]] = {}
    for change, area in rows:
        found.setdefault(change, []).append(area)
    return found


def _told(part: AreaChangePart, heirs: dict[int, list[Area]]) -> Former:
    moved = part.area.closed_on is None
    taken = [part.area] if moved else heirs.get(part.change_id, [])
    since = part.change.effective_on
    return Former(str(part.old_code), str(part.old_name), since, tuple(taken))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a community was called on a day, and the street and district it was in."""

    community: str
    street: str
    district: str


def stood_on(db: Session, community: Area, on: date) -> Standing:
    """Return a community's name and those above it as they were on that day."""
    names, area_id = [], community.id
    for _level in range(3):
        name, above = _was(db, area_id, on)
        names.append(name)
        if above is None:
            break
        area_id = above
    return Standing(*([*names, "", ""])[:3])


def names_on(db: Session, wanted: Iterable[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """Return the names of areas on days, where they differ from today's; one query."""
    pairs = set(wanted)
    rows = db.execute(
        _changed({area for area, _day in pairs}).order_by(
            AreaChange.effective_on.desc(), AreaChange.id.desc()
        )
    ).all()
    return {
        (area_id, day): str(name)
        for number, name, _above, on in rows
        for area_id, day in pairs
        if area_id == number and day < on
    }


def _was(db: Session, area_id: int, on: date) -> tuple[str, int | None]:
    later = db.execute(
        _changed({area_id})
        .where(AreaChange.effective_on > on)
        .order_by(AreaChange.effective_on, AreaChange.id)
        .limit(1)
    ).first()
    if later is not None:
        return str(later[1]), later[2]
    area = db.get_one(Area, area_id)
    return area.name, area.parent_id


def _changed(areas: set[int]) -> Select[int, str | None, int | None, date]:
    return (
        select(
            AreaChangePart.area_id,
            AreaChangePart.old_name,
            AreaChangePart.old_parent_id,
            AreaChange.effective_on,
        )
        .join(AreaChangePart.change)
        .where(
            AreaChangePart.area_id.in_(areas),
            AreaChangePart.old_name.is_not(None),
            AreaChange.stage == ChangeStage.DONE,
        )
    )
