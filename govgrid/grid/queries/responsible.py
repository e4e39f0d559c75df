"""The chain of responsibility of an area, a point or a compound."""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Chains:
    """Who answers for several areas and compounds, each from the nearest up."""

    of_area: dict[int, list[Step]]
    of_compound: dict[int, list[Step]]


def responsible_for_area(db: Session, area: Area, on: date) -> list[Step]:
    """Return who answers for an area, from the nearest up to the street and district."""
    return responsible(db, [area], [], on).of_area[area.id]


def responsible_for_compound(db: Session, compound: Compound, on: date) -> list[Step]:
    """Return who answers for a compound: its manager, then the areas that serve it.

    The compound comes from `compound_seen`, its areas loaded.
    """
    return responsible(db, [], [compound], on).of_compound[compound.id]


def responsible(
    db: Session, areas: Sequence[Area], compounds: Sequence[Compound], on: date
) -> Chains:
    """Return who answers for these areas and compounds (their areas loaded), in two queries."""
    serving = {compound.id: _serving(compound) for compound in compounds}
    above = _up(db, [*areas, *(area for served in serving.values() for area in served)])
    managing = (Post.compound_id.in_(list(serving))) & (Post.role == Role.PROJECT_MANAGER)
    found = find_holders(db, or_(_over(above), managing), on) if above else []
    return Chains(
        {area.id: _chain(_of(above, [area]), found) for area in areas},
        {
            compound.id: [
                _managing(compound, found),
                *_chain(_of(above, serving[compound.id]), found),
            ]
            for compound in compounds
        },
    )


def _serving(compound: Compound) -> list[Area]:
    grid = [compound.grid] if compound.grid else []
    return [*compound.micro_grids, *grid, compound.community]


def _managing(compound: Compound, found: list[Holder]) -> Step:
    managers = tuple(
        h for h in found if h.post.compound_id == compound.id and h.role is Role.PROJECT_MANAGER
    )
    company = compound.company.name if compound.company else compound.name
    return Step(Role.PROJECT_MANAGER, company, managers)


def _of(above: list[Area], areas: list[Area]) -> list[Area]:
    return [a for a in above if any(area.path.startswith(a.path) for area in areas)]


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
