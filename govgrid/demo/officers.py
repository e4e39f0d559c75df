"""Made-up officers and their dated posts: one handover here, a vacancy there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from govgrid.access import Role
from govgrid.demo import companies
from govgrid.demo.compounds import DemoCompound, compounds
from govgrid.demo.coverage import managed_by
from govgrid.demo.divisions import (
    CITY,
    DISTRICT,
    SHOWCASE_STREET,
    Division,
    children,
    communities,
    streets,
)
from govgrid.demo.ground import below
from govgrid.demo.people import Person, people
from govgrid.demo.seed import chance
from govgrid.demo.table import csv_bytes
from govgrid.grid.models import Level

_VACANT = 0.03
# Who has work e-mail; the others are reached by a link on the phone.
_WITH_EMAIL = {
    Role.SECRETARY: 1.0,
    Role.GRID_LEADER: 0.3,
    Role.MICRO_GRID_MEMBER: 0.04,
    Role.POLICE: 0.8,
    Role.PROJECT_MANAGER: 0.85,
    Role.STEWARD: 0.3,
    Role.OWNERS_COMMITTEE: 0.3,
    Role.LIAISON: 1.0,
    Role.HOUSING_OFFICER: 1.0,
    Role.HEAD_OFFICE: 1.0,
}


@dataclass(frozen=True, slots=True)
class DemoPost:
    """One post of one person; `place` is an area code or a compound code."""

    person: Person
    role: Role
    place: str
    organization: str
    email: str | None
    since: date
    until: date | None = None

    def on(self, day: date) -> bool:
        """Tell whether it is held on a day."""
        return self.since <= day and (self.until is None or self.until >= day)


def officers_csv(today: date) -> bytes:
    """Return the import sheet of officers, one row a post."""
    headings = "人员编号 姓名 职务 任职对象 单位 手机 邮箱 任职起 任职止"
    return csv_bytes(headings, map(_row, posts(today)))


@cache
def posts(today: date) -> tuple[DemoPost, ...]:
    """Return all posts; the people are the same on every day, their dates move with it."""
    return tuple(_Roll(today).posts())


def holder(today: date, role: Role, place: str) -> Person:
    """Return who holds a post today."""
    return next(_holders(today, role, place)).person


def head_of(today: date, company: str) -> Person:
    """Return who sits in a company's head office."""
    heads = _holders(today, Role.HEAD_OFFICE, DISTRICT)
    return next(post.person for post in heads if post.organization == company)


def is_held(today: date, role: Role, place: str) -> bool:
    """Tell whether somebody holds a post today."""
    return any(True for _ in _holders(today, role, place))


def _holders(today: date, role: Role, place: str) -> Iterator[DemoPost]:
    for post in posts(today):
        if post.role is role and post.place == place and post.on(today):
            yield post


def _row(it: DemoPost) -> tuple[object, ...]:
    return (
        it.person.code,
        it.person.name,
        it.role.word,
        it.place,
        it.organization,
        it.person.phone,
        it.email,
        it.since,
        it.until,
    )


class _Roll:
    """Gives each post a new person, in one order, so that the same people come every time."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.people = people()
        self.rng = chance("officers")

    def posts(self) -> Iterator[DemoPost]:
        yield from self._offices()
        for community in communities():
            yield from self._community(community)
        for street in streets():
            yield from self._police(street)
        yield from self._managers()
        yield from self._compound_people()
        for company in companies.PROPERTY_COMPANIES:
            yield self._appoint(Role.HEAD_OFFICE, DISTRICT, company)

    def _appoint(
        self, role: Role, place: str, organization: str, *, reachable: bool = False
    ) -> DemoPost:
        return self._post(next(self.people), role, place, organization, reachable=reachable)

    def _post(
        self, person: Person, role: Role, place: str, organization: str, *, reachable: bool = False
    ) -> DemoPost:
        since = self.today - timedelta(days=self.rng.randint(120, 1500))
        reached = reachable or chance("e-mail", person.code).random() < _WITH_EMAIL[role]
        email = person.email if reached else None
        return DemoPost(person, role, place, organization, email, since)

    def _offices(self) -> Iterator[DemoPost]:
        for _ in range(2):
            yield self._appoint(Role.HOUSING_OFFICER, CITY, companies.CITY_HOUSING)
        for _ in range(4):
            yield self._appoint(Role.HOUSING_OFFICER, DISTRICT, companies.DISTRICT_HOUSING)
        for street in streets():
            for _ in range(2):
                office = companies.street_office(street)
                yield self._appoint(Role.LIAISON, street.code, office)

    def _community(self, community: Division) -> Iterator[DemoPost]:
        committee = companies.residents_committee(community)
        showcase = community.parent == SHOWCASE_STREET
        if showcase and community == children(SHOWCASE_STREET)[2]:
            yield from self._handover(Role.SECRETARY, community.code, committee)
        else:
            yield self._appoint(Role.SECRETARY, community.code, committee)
        for grid in below(community.code, Level.GRID):
            if showcase or self.rng.random() >= _VACANT:
                home = showcase and community == children(SHOWCASE_STREET)[0]
                yield self._appoint(Role.GRID_LEADER, grid.code, committee, reachable=home)
        for micro_grid in below(community.code, Level.MICRO_GRID):
            yield from self._micro_grid(micro_grid.code, committee)

    def _micro_grid(self, code: str, committee: str) -> Iterator[DemoPost]:
        chanced = self.rng.random()
        if chanced >= _VACANT:
            yield self._appoint(Role.MICRO_GRID_MEMBER, code, committee)
        elif chanced < _VACANT / 2:
            left = self.today - timedelta(days=self.rng.randint(5, 100))
            post = self._appoint(Role.MICRO_GRID_MEMBER, code, committee)
            yield _ending(post, left)

    def _handover(self, role: Role, place: str, organization: str) -> Iterator[DemoPost]:
        """Yield an old holder, up to the end of the month before last, and a new one."""
        first = self.today.replace(day=1)
        handed = (first - timedelta(days=1)).replace(day=1)
        yield _ending(self._appoint(role, place, organization), handed - timedelta(days=1))
        fresh = self._appoint(role, place, organization)
        yield DemoPost(fresh.person, role, place, organization, fresh.email, handed)

    def _police(self, street: Division) -> Iterator[DemoPost]:
        """Yield officers: one looks after two communities, the next after one, in turn."""
        station = companies.police_station(street)
        waiting = list(children(street.code))
        size = 2
        while waiting:
            person = next(self.people)
            for community in waiting[:size]:
                yield self._post(person, Role.POLICE, community.code, station)
            waiting = waiting[size:]
            size = 3 - size

    def _managers(self) -> Iterator[DemoPost]:
        """Yield managers of one compound, or of two of one company in a street."""
        single: dict[tuple[str, str], Person] = {}
        managed = managed_by(self.today)
        for compound in compounds():
            company = managed.get(compound.code)
            if company is None:
                continue
            pair = compound.street, company
            person = single.pop(pair, None)
            if person is None:
                person = next(self.people)
                if self.rng.random() < 0.3:
                    single[pair] = person
            yield self._post(person, Role.PROJECT_MANAGER, compound.code, company)

    def _compound_people(self) -> Iterator[DemoPost]:
        managed = managed_by(self.today)
        for compound in compounds():
            company = managed.get(compound.code)
            if company:
                for _ in range(compound.households // 300):
                    yield self._appoint(Role.STEWARD, compound.code, company)
            yield from self._owners(compound)

    def _owners(self, compound: DemoCompound) -> Iterator[DemoPost]:
        if self.rng.random() < (0.2 if compound.old else 0.55):
            for _ in range(2):
                committee = f"{compound.name}业主委员会"
                yield self._appoint(Role.OWNERS_COMMITTEE, compound.code, committee)


def _ending(post: DemoPost, last: date) -> DemoPost:
    since = min(post.since, last - timedelta(days=200))
    return DemoPost(post.person, post.role, post.place, post.organization, post.email, since, last)
