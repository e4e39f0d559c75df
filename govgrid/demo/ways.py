"""Whose accounts the demo shows: one per role in the showcase street, and a neighbour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Office, Role
from govgrid.accounts.models import Account
from govgrid.accounts.rules import DemoSignIn
from govgrid.demo.compounds import DemoCompound, compounds
from govgrid.demo.coverage import managed_by
from govgrid.demo.divisions import DISTRICT, SHOWCASE_STREET, children
from govgrid.demo.officers import head_of, holder, is_held
from govgrid.demo.people import Person
from govgrid.grid.models import Area, Compound, Officer, Post
from govgrid.grid.queries.officers import on_duty

LOGINS = (
    "shuji", "linshe", "wangge", "weiwang", "jingcha", "jingli", "jiedao", "zhujian", "zongbu",
)  # fmt: skip
ADMINISTRATORS = (
    ("xitong", Office.SYSTEM, "田系统"),
    ("anquan", Office.SECURITY, "安守正"),
    ("shenji", Office.AUDIT, "申明察"),
)
PASSWORD = "govgrid-demo-2026"  # noqa: S105  # shown on the demo's sign-in page


@dataclass(frozen=True, slots=True)
class Way:
    """A sign-in of the demo, and whose it is."""

    login: str
    person: Person


def ways(today: date) -> Sequence[Way]:
    """Return the demo's sign-ins, the secretary who plans first."""
    home, neighbour = children(SHOWCASE_STREET)[:2]
    compound = _managed(home.code, today)
    posts = (
        (Role.SECRETARY, home.code),
        (Role.SECRETARY, neighbour.code),
        (Role.GRID_LEADER, compound.grid),
        (Role.MICRO_GRID_MEMBER, compound.micro_grids[0]),
        (Role.POLICE, home.code),
        (Role.PROJECT_MANAGER, compound.code),
        (Role.LIAISON, SHOWCASE_STREET),
        (Role.HOUSING_OFFICER, DISTRICT),
    )
    holders = [holder(today, role, place) for role, place in posts]
    holders.append(head_of(today, managed_by(today)[compound.code]))
    return [Way(login, person) for login, person in zip(LOGINS, holders, strict=True)]


def sign_ins(db: Session, today: date) -> list[DemoSignIn]:
    """Return the ways in as the demo's page shows them, read from the city as it stands."""
    rows = db.execute(
        select(Account.login, Officer.name, Post.role, Area.name, Compound.name)
        .join(Officer, Account.officer_id == Officer.id)
        .join(Post, Post.officer_id == Officer.id)
        .outerjoin(Area, Post.area_id == Area.id)
        .outerjoin(Compound, Post.compound_id == Compound.id)
        .where(on_duty(today), Account.login.in_(LOGINS))
        .order_by(Account.id, Post.id.desc())
    )
    known = {
        login: DemoSignIn(login, name, role.word, area or compound)
        for login, name, role, area, compound in rows
    }
    offices = db.execute(
        select(Account.login, Account.name, Account.office)
        .where(Account.office.is_not(None))
        .order_by(Account.id)
    )
    keepers = [
        DemoSignIn(login, name or "", office.word, "") for login, name, office in offices if office
    ]
    return [*known.values(), *keepers]


def _managed(community: str, today: date) -> DemoCompound:
    """Return a community's first commodity compound with a manager and a full first micro-grid."""
    managed = managed_by(today)
    return next(
        compound
        for compound in compounds()
        if compound.community == community
        and not compound.old
        and compound.code in managed
        and is_held(today, Role.MICRO_GRID_MEMBER, compound.micro_grids[0])
    )
