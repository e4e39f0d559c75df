"""A tree of areas in which everything has something beside it and above it."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from govgrid.grid.models import Area, Level
from tests import build

PARTS = {Level.CITY: 3, Level.DISTRICT: 3, Level.STREET: 3, Level.COMMUNITY: 2, Level.GRID: 2}
BELOW = {
    Level.CITY: Level.DISTRICT,
    Level.DISTRICT: Level.STREET,
    Level.STREET: Level.COMMUNITY,
    Level.COMMUNITY: Level.GRID,
    Level.GRID: Level.MICRO_GRID,
}
DIGITS = {
    Level.DISTRICT: 2,
    Level.STREET: 3,
    Level.COMMUNITY: 3,
    Level.GRID: 3,
    Level.MICRO_GRID: 3,
}


def grow(db: Session, area: Area, *, whole: bool = True) -> Iterator[Area]:
    """Add the areas below: the first of each level is whole, the others end at one community."""
    level = BELOW.get(area.level)
    if level is None or not (whole or area.level in {Level.DISTRICT, Level.STREET}):
        return
    for number in range(1, PARTS[area.level] + 1 if whole else 2):
        code = f"{area.code}{number:0{DIGITS[level]}d}"
        part = build.area(db, code, f"{area.name}{number}", level, area)
        yield part
        yield from grow(db, part, whole=whole and number == 1)


def codes(db: Session) -> dict[str, Area]:
    """Build the tree; an area is known by its numbers from the district down, as `1.1.2`."""
    city = build.area(db, "5101", "试验市", Level.CITY)
    found = {"": city}
    for area in grow(db, city):
        above = next(key for key, known in found.items() if known.id == area.parent_id)
        number = int(area.code[-3:]) if area.level is not Level.DISTRICT else int(area.code[-2:])
        found[f"{above}.{number}".strip(".")] = area
    return found
