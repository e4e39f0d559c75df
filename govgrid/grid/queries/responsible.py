"""The chain of responsibility of an area, a point or a compound."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.grid.models import Area, Compound, Level, Post
from govgrid.grid.queries.officers import Holder, find_holders

# From the nearest to the highest.
CHAIN: dict[Level, tuple[Role, ...]] = {
    Level.MICRO_GRID: (Role.MICRO_GRID_MEMBER,),
    Level.GRID: (Role.GRID_LEADER,),
    Level.DEDICATED_GRID: (Role.GRID_LEADER,),
    Level.COMMUNITY: (Role.SECRETARY, Role.POLICE),
    Level.STREET: (Role.LIAISON,),
    Level.DISTRICT: (Role.HOUSING_OFFICER,),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain: a role at a place, and who holds it; nobody: a vacancy."""

    role: Role
    place_name: str
    holders: tuple[Holder, ...]


def responsible_for_area(db: Session, area: Area, on: date) -> list[Step]:
    """Return who answers for an area, from the nearest up to the street and district."""
    chain = _up(db, [area])
    return _chain(chain, find_holders(db, _over(chain), on))


def responsible_for_compound(db: Session, compound: Compound, on: date) -> list[Step]:
    """Return who answers for a compound: its manager, then the areas that serve it.

    The compound comes from `compound_seen`, its areas loaded.
    """
    serving = [*compound.micro_grids, *([compound.grid] if compound.grid else [])]
    areas = [*serving, compound.community]
    at_compound = (Post.compound_id == compound.id) & (Post.role == Role.PROJECT_MANAGER)
    chain = _up(db, areas)
    found = find_holders(db, or_(_over(chain), at_compound), on)
    managers = tuple(h for h in found if h.post.compound_id == compound.id)
    company = compound.company.name if compound.company else compound.name
    return [Step(Role.PROJECT_MANAGER, company, managers), *_chain(chain, found)]


def _up(db: Session, areas: list[Area]) -> list[Area]:
    codes = {code for area in areas for code in area.path.strip("/").split("/")}
    rows = select(Area).where(Area.code.in_(codes), Area.level.in_(CHAIN))
    return sorted(db.scalars(rows), key=lambda a: (-len(a.path), a.path))


def _over(areas: list[Area]) -> ColumnElement[bool]:
    return Post.area_id.in_([area.id for area in areas])


def _chain(areas: list[Area], found: list[Holder]) -> list[Step]:
    return [
        Step(
            role,
            area.name,
            tuple(h for h in found if h.post.area_id == area.id and h.role is role),
        )
        for area in areas
        for role in CHAIN[area.level]
    ]
