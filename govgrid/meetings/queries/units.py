"""What meets in an area by its settings, registered as a unit or not yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import under
from govgrid.grid.models import Area, Compound, Level
from govgrid.meetings.models import Kind, Scope, Unit
from govgrid.meetings.queries.settings import above, book, own_values, setup_of_unit
from govgrid.meetings.rules.settings import DEFAULT, Book, Layer, Setup

OWNERS_MARK = "/owners"


@dataclass(frozen=True, slots=True)
class Community:
    """A community as it stands over its units; `above` are ids of areas, the nearest first."""

    id: int
    code: str
    name: str
    path: str
    above: tuple[int, ...]

    @property
    def street_id(self) -> int:
        return self.above[0] if self.above else 0


@dataclass(frozen=True, slots=True)
class Home:
    """A compound as its unit knows it."""

    id: int
    code: str
    name: str
    grid_id: int | None


@dataclass(frozen=True, slots=True)
class Meets:
    """What meets: a whole community, or a compound of it; no `unit_id`: not registered yet."""

    community: Community
    home: Home | None
    kind: Kind
    setup: Setup
    unit_id: int | None

    @property
    def key(self) -> str:
        """Return the code of the compound or community, marked for the owners' meeting."""
        code = self.home.code if self.home else self.community.code
        return code + OWNERS_MARK if self.kind is Kind.OWNERS else code

    @property
    def name(self) -> str:
        return self.home.name if self.home else self.community.name


def who_meets(db: Session, path: str) -> list[Meets]:
    """Return what is to meet under a path, in order of codes. Raise `Invalid` on circular settings.

    Where no settings say what meets: each compound, else the community, and what is registered.
    """
    communities = _communities(db, path)
    homes = _homes(db, path)
    units = _units(db, path)
    books = {kind: book(db, kind, path) for kind in Kind}
    return [
        one
        for community in communities
        for kind in Kind
        for one in _of_community(books[kind], community, homes.get(community.id, []), units)
    ]


def meets_of(db: Session, unit: Unit) -> Meets:
    """Return a registered unit, community and compound loaded, as what meets."""
    area, compound = unit.community, unit.compound
    community = Community(area.id, area.code, area.name, area.path, tuple(above(db, area)))
    home = Home(compound.id, compound.code, compound.name, compound.grid_id) if compound else None
    return Meets(community, home, unit.kind, setup_of_unit(db, unit), unit.id)


Registered = dict[tuple[int, int | None, Kind], Unit]


def _of_community(
    known: Book, community: Community, homes: list[Home], units: Registered
) -> Iterator[Meets]:
    setup = known.setup(community.id, community.above)
    silent = setup.sources["scope"] == DEFAULT
    for home in _called(setup.scope, homes, known.kind):
        unit = units.get((community.id, home.id if home else None, known.kind))
        if unit is None or not unit.paused:
            yield _meets(known, community, home, setup, unit)
    if silent:
        met = {home.id if home else None for home in _called(setup.scope, homes, known.kind)}
        for home in (*homes, None):
            unit = units.get((community.id, home.id if home else None, known.kind))
            beside = (home.id if home else None) not in met
            if unit is not None and beside and not unit.paused:
                yield _meets(known, community, home, setup, unit)


def _called(scope: Scope, homes: list[Home], kind: Kind) -> list[Home | None]:
    if scope is Scope.NOBODY:
        return []
    if kind is Kind.OWNERS:
        return [*homes]
    if scope is Scope.COMMUNITY or not homes:
        return [None]
    return [None, *homes] if scope is Scope.BOTH else [*homes]


def _meets(
    known: Book, community: Community, home: Home | None, setup: Setup, unit: Unit | None
) -> Meets:
    if unit is not None and any(value is not None for value in own_values(unit).values()):
        own = Layer(home.name if home else community.name, own_values(unit))
        setup = known.setup(community.id, community.above, own)
    return Meets(community, home, known.kind, setup, unit.id if unit else None)


def _communities(db: Session, path: str) -> list[Community]:
    rows = db.execute(
        select(Area.id, Area.code, Area.name, Area.path)
        .where(under(Area.path, [path]), Area.level == Level.COMMUNITY, Area.closed_on.is_(None))
        .order_by(Area.path)
    ).all()
    ids = _ids(db, {code for row in rows for code in row.path.strip("/").split("/")[:-1]})
    return [
        Community(
            row.id,
            row.code,
            row.name,
            row.path,
            tuple(ids[code] for code in reversed(row.path.strip("/").split("/")[:-1])),
        )
        for row in rows
    ]


def _ids(db: Session, codes: Iterable[str]) -> dict[str, int]:
    return {
        row.code: row.id
        for row in db.execute(select(Area.code, Area.id).where(Area.code.in_(sorted(codes))))
    }


def _homes(db: Session, path: str) -> dict[int, list[Home]]:
    rows = db.execute(
        select(Compound.community_id, Compound.id, Compound.code, Compound.name, Compound.grid_id)
        .join(Area, Area.id == Compound.community_id)
        .where(under(Area.path, [path]))
        .order_by(Compound.code)
    )
    found: dict[int, list[Home]] = {}
    for community, number, code, name, grid in rows:
        found.setdefault(community, []).append(Home(number, code, name, grid))
    return found


def _units(db: Session, path: str) -> Registered:
    rows = db.scalars(
        select(Unit).join(Area, Area.id == Unit.community_id).where(under(Area.path, [path]))
    )
    return {(u.community_id, u.compound_id, u.kind): u for u in rows}
