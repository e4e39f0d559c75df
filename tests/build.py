"""Make things for tests: a small city whose people and places have speaking names."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from govgrid.access import ActingPost, Actor, Role
from govgrid.db import Base
from govgrid.grid.models import (
    Area,
    Compound,
    CompoundKind,
    CompoundMicroGrid,
    Level,
    Officer,
    Organization,
    OrganizationKind,
    Post,
)

_numbers = count(1)


def area(db: Session, code: str, name: str, level: Level, parent: Area | None = None) -> Area:
    """Add an area under its parent."""
    made = Area(
        code=code,
        name=name,
        level=level,
        parent_id=parent.id if parent else None,
        path=(parent.path if parent else "/") + code + "/",
    )
    db.add(made)
    db.flush()
    return made


def compound(
    db: Session,
    community: Area,
    name: str,
    kind: CompoundKind = CompoundKind.COMMODITY,
    *,
    grid: Area | None = None,
    micro_grids: tuple[Area, ...] = (),
    households: int | None = 300,
    floor_area: float | None = 30000.0,
    code: str = "",
) -> Compound:
    """Add a compound in the community."""
    made = Compound(
        code=code or f"XQ{next(_numbers):05d}",
        name=name,
        kind=kind,
        community_id=community.id,
        grid_id=grid.id if grid else None,
        households=households,
        floor_area=floor_area,
    )
    db.add(made)
    db.flush()
    db.add_all(CompoundMicroGrid(compound_id=made.id, micro_grid_id=m.id) for m in micro_grids)
    db.flush()
    return made


def organization(
    db: Session, name: str, kind: OrganizationKind = OrganizationKind.PROPERTY_COMPANY
) -> Organization:
    """Add an organization."""
    made = Organization(name=name, kind=kind)
    db.add(made)
    db.flush()
    return made


def officer(
    db: Session,
    name: str,
    role: Role | None = None,
    place: Area | Compound | None = None,
    *,
    email: str | None = None,
    phone: str | None = None,
    since: date | None = date(2025, 1, 1),
    until: date | None = None,
) -> Officer:
    """Add a person, with a post where a role is given."""
    number = next(_numbers)
    made = Officer(code=f"RY{number:05d}", name=name, email=email, phone=phone)
    db.add(made)
    db.flush()
    if role and place:
        post(db, made, role, place, since=since, until=until)
    return made


def post(
    db: Session,
    holder: Officer,
    role: Role,
    place: Area | Compound,
    *,
    since: date | None = date(2025, 1, 1),
    until: date | None = None,
) -> Post:
    """Give the person a post over an area or at a compound."""
    made = Post(
        officer_id=holder.id,
        role=role,
        area_id=place.id if isinstance(place, Area) else None,
        compound_id=place.id if isinstance(place, Compound) else None,
        since=since,
        until=until,
    )
    db.add(made)
    db.flush()
    return made


def actor(db: Session, holder: Officer, role: Role, place: Area | Compound) -> Actor:
    """Return the person as an actor with that one post (account number = officer number)."""
    if isinstance(place, Area):
        acting = ActingPost(role, place.id, place.path, place.name)
    else:
        home = db.get_one(Area, place.community_id)
        acting = ActingPost(role, home.id, home.path, place.name, place.id)
    return Actor(account_id=holder.id, officer_id=holder.id, name=holder.name, posts=(acting,))


@dataclass(frozen=True, slots=True)
class City:
    """Ids of a small city: one district, two streets, three communities, two compounds."""

    city: Area
    district: Area
    street: Area
    next_street: Area
    community: Area
    next_community: Area
    far_community: Area
    grid: Area
    micro_grids: tuple[Area, Area]
    compound: Compound
    courtyard: Compound
    secretary: Officer
    next_secretary: Officer
    grid_leader: Officer
    police: Officer
    members: tuple[Officer, Officer]
    manager: Officer
    liaison: Officer
    housing: Officer


_rows: dict[Table, list[dict[str, Any]]] = {}  # of the first city on empty tables
_places: dict[str, str | tuple[str, ...]] = {}  # what its City holds, by table and number


def small_city(db: Session) -> City:
    """Build 锦里市 with everyone who is due at a joint meeting of 锦和苑.

    Where nothing stands yet it is laid out row by row like the first one: far faster.
    """
    bare = db.scalar(select(func.count()).select_from(Area)) == 0
    bare = bare and db.scalar(select(func.count()).select_from(Officer)) == 0
    if bare and _rows:
        return _laid(db)
    city = _raised(db)
    if bare:
        _keep(db, city)
    return city


def _keep(db: Session, city: City) -> None:
    for table in Base.metadata.sorted_tables:
        asked = select(*(c for c in table.c if not c.computed)).order_by(*table.primary_key)
        if rows := db.execute(asked).mappings().all():
            _rows[table] = [dict(row) for row in rows]
    for one in fields(City):
        value = getattr(city, one.name)
        _places[one.name] = tuple(map(_mark, value)) if isinstance(value, tuple) else _mark(value)


def _mark(one: Any) -> str:
    return f"{one.__tablename__} {one.id}"


def _laid(db: Session) -> City:
    for table, rows in _rows.items():
        db.connection().execute(table.insert(), rows)
    if db.get_bind().dialect.name == "postgresql":
        last = {
            table.name: max(row["id"] for row in rows)
            for table, rows in _rows.items()
            if table.autoincrement_column is not None
        }
        counts = (func.pg_get_serial_sequence(name, "id") for name in last)
        db.execute(select(*map(func.setval, counts, last.values())))
    found = {
        _mark(one): one for kind in (Area, Compound, Officer) for one in db.scalars(select(kind))
    }
    places: Any = {
        name: tuple(found[mark] for mark in value) if isinstance(value, tuple) else found[value]
        for name, value in _places.items()
    }
    return City(**places)


def _raised(db: Session) -> City:
    city = area(db, "5101", "锦里市", Level.CITY)
    district = area(db, "510107", "武阳区", Level.DISTRICT, city)
    street = area(db, "510107001", "江桥街道", Level.STREET, district)
    next_street = area(db, "510107002", "望江街道", Level.STREET, district)
    community = area(db, "510107001001", "锦江社区", Level.COMMUNITY, street)
    next_community = area(db, "510107001002", "青竹社区", Level.COMMUNITY, street)
    far_community = area(db, "510107002001", "棕树社区", Level.COMMUNITY, next_street)
    grid = area(db, "510107001001001", "锦江第一网格", Level.GRID, community)
    one = area(db, "510107001001001001", "第一微网格", Level.MICRO_GRID, grid)
    two = area(db, "510107001001001002", "第二微网格", Level.MICRO_GRID, grid)
    home = compound(db, community, "锦和苑", grid=grid, micro_grids=(one, two), code="XQ-JH")
    courtyard = compound(
        db, community, "江桥街12号院", CompoundKind.OLD_COURTYARD, grid=grid, micro_grids=(two,),
        code="XQ-JQ12",
    )  # fmt: skip
    mail = "@example.cn"
    return City(
        city, district, street, next_street, community, next_community, far_community, grid,
        (one, two), home, courtyard,
        secretary=officer(db, "周书记", Role.SECRETARY, community, email="zhou" + mail),
        next_secretary=officer(db, "邻书记", Role.SECRETARY, next_community, email="lin" + mail),
        grid_leader=officer(db, "王网格", Role.GRID_LEADER, grid, email="wang" + mail, phone="10000000001"),
        police=officer(db, "张警官", Role.POLICE, community, email="zhang" + mail),
        members=(
            officer(db, "李微", Role.MICRO_GRID_MEMBER, one),
            officer(db, "赵微", Role.MICRO_GRID_MEMBER, two, email="zhao" + mail),
        ),
        manager=officer(db, "钱经理", Role.PROJECT_MANAGER, home, email="qian" + mail),
        liaison=officer(db, "孙联络", Role.LIAISON, street, email="sun" + mail),
        housing=officer(db, "吴住建", Role.HOUSING_OFFICER, district, email="wu" + mail),
    )  # fmt: skip


def clock(text: str) -> datetime:
    """Return the moment `2026-12-08 09:30` in China."""
    return datetime.fromisoformat(text + "+08:00")
