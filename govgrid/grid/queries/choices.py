"""What the forms of a change of areas offer: parents, neighbours, managers, what a split shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import Actor, Power
from govgrid.grid.models import Area, Compound, CompoundMicroGrid, Level, Officer, Post
from govgrid.grid.queries.areas import areas_of
from govgrid.grid.rules import DIGITS, PARENT

MOST = 400  # options in one list; beyond, nobody chooses by eye


@dataclass(frozen=True, slots=True)
class Shared:
    """A row that a split gives to one of its heirs: the key of its share, a name, a hint."""

    key: str
    name: str
    hint: str
    may_end: bool = False
    may_follow: bool = False


def parents_for(db: Session, actor: Actor, area: Area) -> list[tuple[Area, str]]:
    """Return where an area may be moved, with the name of the area above each."""
    level = PARENT[area.level]
    if level is None:
        return []
    above = aliased(Area)
    inside = Area.code.startswith(area.code[: DIGITS[Level.DISTRICT]])
    rows = db.execute(
        select(Area, above.name)
        .outerjoin(above, above.id == Area.parent_id)
        .where(
            Area.level == level,
            Area.id != area.parent_id,
            Area.closed_on.is_(None),
            areas_of(actor, Power.KEEP),
            inside if DIGITS[level] > DIGITS[Level.DISTRICT] else Area.id.is_not(None),
        )
        .order_by(Area.path)
        .limit(MOST)
    )
    return [(found, name or "") for found, name in rows]


def beside(db: Session, area: Area) -> list[Area]:
    """Return the current areas of the same level under the same parent."""
    rows = select(Area).where(
        Area.parent_id == area.parent_id,
        Area.level == area.level,
        Area.id != area.id,
        Area.closed_on.is_(None),
    )
    return list(db.scalars(rows.order_by(Area.code).limit(MOST)))


def managers_for(db: Session, actor: Actor, area: Area) -> list[Area]:
    """Return which areas may manage this one: those above its level that are not its own."""
    levels = [level for level in (Level.DISTRICT, Level.STREET) if DIGITS[level] < len(area.code)]
    codes = area.path.strip("/").split("/")
    rows = select(Area).where(
        Area.level.in_(levels),
        Area.code.not_in(codes),
        Area.closed_on.is_(None),
        Area.managing_area_id.is_(None),
        areas_of(actor, Power.KEEP),
    )
    return list(db.scalars(rows.order_by(Area.level, Area.path).limit(MOST)))


def shared_by_split(db: Session, area: Area) -> list[Shared]:
    """Return the areas, compounds and posts of an area that a split has to give away."""
    return [*_areas(db, area), *_compounds(db, area), *_posts(db, area)]


def _areas(db: Session, area: Area) -> list[Shared]:
    rows = select(Area).where(Area.parent_id == area.id, Area.closed_on.is_(None))
    found = db.scalars(rows.order_by(Area.code))
    return [Shared(f"areas:{one.id}", one.name, one.code) for one in found]


def _compounds(db: Session, area: Area) -> Sequence[Shared]:
    if area.level is Level.MICRO_GRID:
        link = CompoundMicroGrid
        rows = (
            select(Compound)
            .join(link, link.compound_id == Compound.id)
            .where(link.micro_grid_id == area.id)
        )
        key = "compound_micro_grids"
    else:
        alone = (Compound.community_id == area.id) & Compound.grid_id.is_(None)
        rows = select(Compound).where(or_(alone, Compound.grid_id == area.id))
        key = "compounds"
    found = db.scalars(rows.order_by(Compound.code)).all()
    return [Shared(f"{key}:{one.id}", one.name, one.code, may_follow=True) for one in found]


def _posts(db: Session, area: Area) -> list[Shared]:
    rows = db.execute(
        select(Post.id, Post.role, Officer.name)
        .join(Officer, Officer.id == Post.officer_id)
        .where(Post.area_id == area.id, Post.until.is_(None))
        .order_by(Post.role, Officer.code)
    )
    return [Shared(f"posts:{number}", name, role.word, may_end=True) for number, role, name in rows]


def below(area: Area) -> tuple[Level, ...]:
    """Return the levels that may be set up right under an area."""
    return tuple(level for level, above in PARENT.items() if above is area.level)
