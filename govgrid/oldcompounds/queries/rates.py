"""Coverage rates of an area and of the areas below it, and its uncovered compounds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from govgrid.grid.models import OLD_KINDS, Area, Compound, CompoundKind, CompoundMicroGrid, Level
from govgrid.grid.queries.realm import managed_by, row_beside
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries.scope import (
    area_at_path,
    ending,
    first_recorded_day,
    holds,
    last_managed_day,
    unmanaged,
    within,
)
from govgrid.oldcompounds.rules import DAY, Share, Tally

SUMS = (
    func.count(Compound.id),
    func.coalesce(func.sum(Compound.households), 0),
    func.coalesce(func.sum(Compound.floor_area), 0.0),
)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A compound that nobody manages; `since` None: nothing recorded tells since when."""

    code: str
    name: str
    community: str
    community_name: str
    households: int | None
    since: date | None

    def json(self) -> dict[str, object]:
        """Return the row in the form of the coverage answer; `community` is its code."""
        return {
            "code": self.code,
            "name": self.name,
            "community": self.community,
            "households": self.households,
            "since": self.since.isoformat() if self.since else None,
        }


class Overview(NamedTuple):
    """An area's coverage on a day, how many terms end soon, the areas one level below.

    Those go down to communities, the ones with most to do first.
    """

    tally: Tally
    ending: int
    below: list[tuple[Area, Tally]]


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """The coverage of an area on a day, with the compounds that nobody manages."""

    as_of: date
    area: Area
    tally: Tally
    uncovered: tuple[Uncovered, ...]

    def json(self) -> dict[str, object]:
        """Return the answer of `govgrid coverage --json`."""
        return {
            "as_of": self.as_of.isoformat(),
            "area": self.area.code,
            "compounds": self.tally.compounds.json(),
            "households": self.tally.households.json(),
            "floor_area": self.tally.floor_area.json(),
            "uncovered": [row.json() for row in self.uncovered],
        }


def coverage_report(
    db: Session, area_path: str, as_of: date, kinds: Iterable[CompoundKind] = OLD_KINDS
) -> CoverageReport:
    """Return the coverage of the area at that path. Raise `NotFound` where there is none."""
    area, kinds = area_at_path(db, area_path), tuple(kinds)
    return CoverageReport(
        as_of, area, tally(db, area, as_of, kinds), _uncovered(db, area, as_of, kinds)
    )


def tally(db: Session, area: Area, as_of: date, kinds: Iterable[CompoundKind] = OLD_KINDS) -> Tally:
    """Return the coverage of the area's compounds of these kinds on that day."""
    rows = db.execute(
        select(Coverage.mode, *SUMS)
        .select_from(Compound)
        .outerjoin(Coverage, holds(as_of))
        .where(within(area, kinds))
        .group_by(Coverage.mode)
    )
    return _tally(list(map(tuple, rows)))


def tallies_below(
    db: Session, area: Area, as_of: date, kinds: Iterable[CompoundKind] = OLD_KINDS
) -> list[tuple[Area, Tally]]:
    """Return the areas one level below, down to communities, those with most to do first."""
    return overview(db, area, as_of, kinds).below


def overview(
    db: Session, area: Area, as_of: date, kinds: Iterable[CompoundKind] = OLD_KINDS
) -> Overview:
    """Return how an area and those below it stand.

    The communities are summed up here: PostgreSQL needs a second to join the areas below with the
    ranges of their paths, and a few milliseconds for this.
    """
    wanted = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)
    below = select(Area).where(
        Area.parent_id == area.id, Area.level.in_(wanted), Area.closed_on.is_(None)
    )
    managed = managed_by(db, area)
    row = row_beside(area, managed)
    parts: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    soon = 0
    for path, ending, *part in _parts(db, area, as_of, kinds):
        soon += ending
        parts[row(path)].append(tuple(part))
    areas = [*db.scalars(below.order_by(Area.code)), *managed]
    found = [(a, _tally(parts.get(a.path, ()))) for a in areas]
    return Overview(
        _tally(chain.from_iterable(parts.values())),
        soon,
        sorted(found, key=lambda pair: -pair[1].compounds.of(Mode.NONE)),
    )


def _parts(
    db: Session, area: Area, as_of: date, kinds: Iterable[CompoundKind]
) -> Iterable[Row[*tuple[Any, ...]]]:
    """Return the communities' sums by mode, before them how many compounds' terms end soon."""
    soon = func.count(case((ending(as_of), Compound.id)))
    return db.execute(
        select(Area.path, soon, Coverage.mode, *SUMS)
        .select_from(Compound)
        .join(Area, Area.id == Compound.community_id)
        .outerjoin(Coverage, holds(as_of))
        .where(within(area, kinds))
        .group_by(Area.path, Coverage.mode)
    )


def _tally(parts: Iterable[tuple[Any, ...]]) -> Tally:
    """Return the sums by mode; a compound without a period counts with those without manager."""
    compounds: dict[Mode, float] = defaultdict(int)
    households: dict[Mode, float] = defaultdict(int)
    floor_area: dict[Mode, float] = defaultdict(float)
    for held, number, homes, metres in parts:
        mode = held or Mode.NONE
        compounds[mode] += number
        households[mode] += int(homes)
        floor_area[mode] += float(metres)
    return Tally(Share(compounds), Share(households), Share(floor_area))


def _uncovered(
    db: Session, area: Area, as_of: date, kinds: tuple[CompoundKind, ...]
) -> tuple[Uncovered, ...]:
    rows = db.execute(
        select(
            Compound.code,
            Compound.name,
            Area.code,
            Area.name,
            Compound.households,
            last_managed_day(as_of),
            first_recorded_day(as_of),
        )
        .select_from(Compound)
        .join(Area, Area.id == Compound.community_id)
        .outerjoin(Coverage, holds(as_of))
        .where(within(area, kinds), unmanaged())
        .order_by(Area.code, Compound.code)
    )
    return tuple(
        Uncovered(code, name, community, community_name, homes, last + DAY if last else first)
        for code, name, community, community_name, homes, last, first in rows
    )


WORST_FIRST = (Mode.NONE, Mode.SELF_MANAGED, Mode.DELEGATED, Mode.CUSTODIAL, Mode.PROFESSIONAL)


def micro_grid_modes(db: Session, area: Area, as_of: date) -> dict[int, Mode]:
    """Return, by id of the area's micro-grids, the weakest mode among their old compounds."""
    rows = db.execute(
        select(CompoundMicroGrid.micro_grid_id, Coverage.mode)
        .select_from(Compound)
        .join(CompoundMicroGrid, CompoundMicroGrid.compound_id == Compound.id)
        .outerjoin(Coverage, holds(as_of))
        .where(within(area, OLD_KINDS))
        .distinct()
    )
    modes: dict[int, set[Mode]] = defaultdict(set)
    for micro_grid, mode in rows:
        modes[micro_grid].add(mode or Mode.NONE)
    return {key: min(found, key=WORST_FIRST.index) for key, found in modes.items()}
