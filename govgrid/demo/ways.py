"""Whose accounts the demo shows: one per role in the showcase street, and a neighbour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from govgrid.access import Role
from govgrid.accounts.rules import DemoSignIn
from govgrid.demo.compounds import DemoCompound, compounds
from govgrid.demo.coverage import managed_by
from govgrid.demo.divisions import DISTRICT, SHOWCASE_STREET, children, division
from govgrid.demo.ground import plots
from govgrid.demo.officers import holder, is_held
from govgrid.demo.people import Person

PASSWORD = "govgrid-demo-2026"  # noqa: S105  # shown on the demo's sign-in page


@dataclass(frozen=True, slots=True)
class Way:
    """A sign-in of the demo: whoever holds that role there today."""

    login: str
    person: Person
    role: Role
    place: str

    @property
    def shown(self) -> DemoSignIn:
        """Return the sign-in as the demo's page shows it."""
        return DemoSignIn(self.login, self.person.name, self.role.word, self.place)


def ways(today: date) -> Sequence[Way]:
    """Return the demo's sign-ins, the secretary who plans first."""
    home, neighbour = children(SHOWCASE_STREET)[:2]
    compound = _managed(home.code, today)
    micro_grid = compound.micro_grids[0]
    posts = (
        ("shuji", Role.SECRETARY, home.code, home.short),
        ("linshe", Role.SECRETARY, neighbour.code, neighbour.short),
        ("wangge", Role.GRID_LEADER, compound.grid, plots()[compound.grid].name),
        ("weiwang", Role.MICRO_GRID_MEMBER, micro_grid, plots()[micro_grid].name),
        ("jingcha", Role.POLICE, home.code, home.short),
        ("jingli", Role.PROJECT_MANAGER, compound.code, compound.name),
        ("jiedao", Role.LIAISON, SHOWCASE_STREET, division(SHOWCASE_STREET).name),
        ("zhujian", Role.HOUSING_OFFICER, DISTRICT, division(DISTRICT).name),
    )
    return [
        Way(login, holder(today, role, place), role, name) for login, role, place, name in posts
    ]


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
