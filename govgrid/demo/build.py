"""Build the demo city: sheets through the importers, then accounts, units and past meetings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Role
from govgrid.accounts.actions import add_account
from govgrid.accounts.rules import DemoSignIn
from govgrid.cases import imports as case_imports
from govgrid.db import Database
from govgrid.demo.areas import areas_csv
from govgrid.demo.cases import cases_csv
from govgrid.demo.compounds import compounds, compounds_csv
from govgrid.demo.coverage import coverage_csv
from govgrid.demo.divisions import SHOWCASE_STREET, children
from govgrid.demo.meetings import Chronicle
from govgrid.demo.officers import holder, officers_csv
from govgrid.demo.showcases import showcases_csv
from govgrid.errors import Invalid
from govgrid.grid.imports import areas as area_imports
from govgrid.grid.imports import compounds as compound_imports
from govgrid.grid.imports import officers as officer_imports
from govgrid.grid.models import Area, Compound, Level
from govgrid.meetings import rules
from govgrid.meetings.models import Unit, Venue
from govgrid.oldcompounds import imports as coverage_imports
from govgrid.showcase import imports as showcase_imports
from govgrid.web.language import HERE

PASSWORD = "govgrid-demo-2026"  # noqa: S105  # shown on the demo's sign-in page
BATCH = 20
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class _Way:
    login: str
    role: Role
    place: str


def build(database: Database, today: date, progress: Progress) -> None:
    """Fill an empty, migrated database; the same day gives the same city."""
    at = datetime.combine(today, time(6), HERE)
    _import(database, today, at, progress)
    progress("账号与会议单元", 0.45)
    with database.writing() as db:
        for way in ways(today):
            person = holder(today, way.role, way.place)
            add_account(db, None, person.code, way.login, PASSWORD, at=at)
        _units(db)
    months = [rules.last_month(rules.last_month(today)), rules.last_month(today)]
    with database.reading() as db:
        numbers = list(db.scalars(select(Unit.id).order_by(Unit.id)))
    todo = [(month, unit) for month in months for unit in numbers]
    chronicle = Chronicle(today)
    for first in range(0, len(todo), BATCH):
        with database.writing() as db:
            for month, unit in todo[first : first + BATCH]:
                chronicle.hold(db, _unit(db, unit), month)
        progress("往月会议与纪要", 0.5 + 0.5 * first / len(todo))


def _import(database: Database, today: date, at: datetime, progress: Progress) -> None:
    steps = (
        ("区域", area_imports.load, areas_csv()),
        ("小区", compound_imports.load, compounds_csv(today)),
        ("人员", officer_imports.load, officers_csv(today)),
        ("诉求", case_imports.load, cases_csv(today)),
        ("双晒", showcase_imports.load, showcases_csv(today)),
        ("管理方式", coverage_imports.load, coverage_csv(today)),
    )
    for place, (word, load, data) in enumerate(steps):
        progress(f"导入{word}", 0.4 * place / len(steps))
        with database.writing() as db:
            outcome = load(db, None, data, f"{word}.csv", at=at)
            if outcome.errors:
                error = outcome.errors[0]
                raise Invalid(
                    "演示数据第 %(row)s 行“%(column)s”有误：%(why)s",
                    row=error.row,
                    column=error.column,
                    why=str(error.reason),
                )


def ways(today: date) -> Sequence[_Way]:
    """Return the demo's sign-ins: one per role in the showcase street, and two neighbours."""
    communities = children(SHOWCASE_STREET)
    home, neighbour = communities[0].code, communities[1].code
    compound = next(c for c in compounds() if c.community == home and _managed(today, c.code))
    return (
        _Way("shuji", Role.SECRETARY, home),
        _Way("linshe", Role.SECRETARY, neighbour),
        _Way("wangge", Role.GRID_LEADER, compound.grid),
        _Way("weiwang", Role.MICRO_GRID_MEMBER, compound.micro_grids[0]),
        _Way("jingcha", Role.POLICE, home),
        _Way("jingli", Role.PROJECT_MANAGER, compound.code),
        _Way("jiedao", Role.LIAISON, SHOWCASE_STREET),
        _Way("zhujian", Role.HOUSING_OFFICER, SHOWCASE_STREET[:6]),
    )


def _managed(today: date, code: str) -> bool:
    compound = next(c for c in compounds() if c.code == code)
    wanted = (
        (Role.PROJECT_MANAGER, code),
        (Role.GRID_LEADER, compound.grid),
        (Role.MICRO_GRID_MEMBER, compound.micro_grids[0]),
    )
    try:
        return all(holder(today, role, place) for role, place in wanted)
    except StopIteration:
        return False


def sign_ins(today: date) -> list[DemoSignIn]:
    """Return the sign-ins as the demo's sign-in page shows them."""
    return [
        DemoSignIn(way.login, holder(today, way.role, way.place).name, way.role.word, way.place)
        for way in ways(today)
    ]


def _units(db: Session) -> None:
    """Give every community of the district a room and a unit, the showcase street's compounds too."""
    district = SHOWCASE_STREET[:6]
    communities = db.scalars(
        select(Area)
        .where(Area.level == Level.COMMUNITY, Area.code.startswith(district))
        .order_by(Area.path)
    ).all()
    rooms = [
        Venue(
            community_id=c.id, name=f"{c.name}党群服务中心会议室", address=f"{c.name}服务中心二楼"
        )
        for c in communities
    ]
    db.add_all(rooms)
    db.flush()
    room_of = {room.community_id: room.id for room in rooms}
    db.add_all(Unit(community_id=c.id, venue_id=room_of[c.id]) for c in communities)
    street = [c.id for c in communities if c.code.startswith(SHOWCASE_STREET)]
    homes = db.scalars(
        select(Compound).where(Compound.community_id.in_(street)).order_by(Compound.code)
    )
    db.add_all(
        Unit(community_id=c.community_id, compound_id=c.id, venue_id=room_of[c.community_id])
        for c in homes
    )


def _unit(db: Session, number: int) -> Unit:
    return db.scalars(
        select(Unit)
        .where(Unit.id == number)
        .options(joinedload(Unit.community), joinedload(Unit.compound), joinedload(Unit.venue))
    ).one()
