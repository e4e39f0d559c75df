"""Who is due where: the posts whose holders a unit's settings call to its meeting."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import Role, under
from govgrid.grid.models import (
    Area,
    Compound,
    CompoundMicroGrid,
    Level,
    Officer,
    Post,
    Substitute,
)
from govgrid.grid.queries.officers import MANY_MEMBERS, ORDER
from govgrid.meetings.models import Kind, Part
from govgrid.meetings.queries.units import Meets

_RANK = {role: place for place, role in enumerate(ORDER)}
_GRIDS = (Level.GRID, Level.DEDICATED_GRID)


@dataclass(frozen=True, slots=True)
class Person:
    """An officer as planning knows one."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who holds somebody else's post from day to day, both included."""

    person: Person
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Held:
    """A post in a period: `since` to `until`, both included; None: open."""

    id: int
    person: Person
    role: Role
    since: date | None
    until: date | None
    stand_ins: tuple[StandIn, ...] = ()

    def who(self, day: date) -> Person | None:
        """Return who comes by this post on the day."""
        if day < (self.since or date.min) or day > (self.until or date.max):
            return None
        found = (s.person for s in self.stand_ins if s.since <= day <= s.until)
        return next(found, self.person)

    def turns(self) -> Iterator[date]:
        """Yield the days from which somebody else may come."""
        for start, end in ((self.since, self.until), *((s.since, s.until) for s in self.stand_ins)):
            if start is not None:
                yield start
            if end is not None and end < date.max:
                yield date.fromordinal(end.toordinal() + 1)


@dataclass(frozen=True, slots=True)
class Called:
    """A person due at a meeting, in the role and the part in which they come."""

    person: Person
    role: Role
    part: Part
    post_id: int


@dataclass(slots=True)
class Rosters:
    """All posts under a path and of the areas above it, by place."""

    grids: dict[int, list[int]] = field(default_factory=dict)  # community → grids
    members: dict[int, list[int]] = field(default_factory=dict)  # grid → micro-grids
    parents: dict[int, int] = field(default_factory=dict)  # micro-grid → grid
    served: dict[int, list[int]] = field(default_factory=dict)  # compound → micro-grids
    at_area: dict[int, list[Held]] = field(default_factory=dict)
    at_compound: dict[int, list[Held]] = field(default_factory=dict)

    def posts(self, meets: Meets) -> list[Held]:
        """Return the posts that the meeting's settings call, in the order of lists."""
        found = chain.from_iterable(self._by_role(meets, role) for role in meets.setup.roster)
        return sorted(found, key=lambda held: (_RANK[held.role], held.person.code, held.id))

    def _by_role(self, meets: Meets, role: Role) -> Iterable[Held]:
        community = meets.community
        if role in {Role.PROJECT_MANAGER, Role.STEWARD, Role.OWNERS_COMMITTEE}:
            posts = self.at_compound.get(meets.home.id, []) if meets.home else []
            return [held for held in posts if held.role is role]
        grids, members = self._serving(meets)
        places = {
            Role.SECRETARY: [community.id],
            Role.POLICE: [community.id],
            Role.GRID_LEADER: grids,
            Role.MICRO_GRID_MEMBER: members,
            Role.LIAISON: community.above[:1],
            Role.HOUSING_OFFICER: community.above[1:2],
            Role.HEAD_OFFICE: [],  # it is told of cases; meetings call the project's people
        }[role]
        posts = [h for place in places for h in self.at_area.get(place, []) if h.role is role]
        many = role is Role.MICRO_GRID_MEMBER and meets.home is None and len(posts) > MANY_MEMBERS
        return [] if many else posts

    def _serving(self, meets: Meets) -> tuple[list[int], list[int]]:
        """Return grids and micro-grids; a compound whose grid is unknown is served by all grids."""
        all_grids = self.grids.get(meets.community.id, [])
        if meets.home is None:
            return all_grids, [m for grid in all_grids for m in self.members.get(grid, [])]
        members = self.served.get(meets.home.id, [])
        known = [meets.home.grid_id] if meets.home.grid_id else []
        grids = known or sorted({self.parents[m] for m in members if m in self.parents})
        return (grids, members) if grids else (all_grids, [])


def rosters(db: Session, path: str, first: date, last: date) -> Rosters:
    """Return the posts held at some time between two days, in a fixed number of queries."""
    found = Rosters()
    codes = path.strip("/").split("/")
    inside = under(Area.path, [path])
    rows = select(Area.id, Area.parent_id, Area.level).where(
        inside, Area.level.in_((*_GRIDS, Level.MICRO_GRID)), Area.closed_on.is_(None)
    )
    for area_id, parent_id, level in db.execute(rows.order_by(Area.path)):
        assert parent_id is not None
        if level is Level.MICRO_GRID:
            found.members.setdefault(parent_id, []).append(area_id)
            found.parents[area_id] = parent_id
        else:
            found.grids.setdefault(parent_id, []).append(area_id)
    serving = (
        select(CompoundMicroGrid.compound_id, CompoundMicroGrid.micro_grid_id)
        .join(Compound, Compound.id == CompoundMicroGrid.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .where(inside)
        .order_by(CompoundMicroGrid.compound_id, CompoundMicroGrid.micro_grid_id)
    )
    for compound, micro_grid in db.execute(serving):
        found.served.setdefault(compound, []).append(micro_grid)
    stand_ins = _stand_ins(db, path, first, last)
    people: dict[int, Person] = {}
    by_area, by_compound = _posts(path, codes, first, last)
    for places, rows_there in ((found.at_area, by_area), (found.at_compound, by_compound)):
        for place, post, number, code, name, role, since, until in db.execute(rows_there):
            person = people.setdefault(number, Person(number, code, name))
            there = tuple(stand_ins.get(post, ()))
            places.setdefault(place or 0, []).append(Held(post, person, role, since, until, there))
    return found


_Rows = Select[int | None, int, int, str, str, Role, date | None, date | None]


def _posts(path: str, codes: list[str], first: date, last: date) -> tuple[_Rows, _Rows]:
    """Select the posts over areas and those at compounds."""
    held = and_(
        or_(Post.since.is_(None), Post.since <= last),
        or_(Post.until.is_(None), Post.until >= first),
    )
    by_area = (
        select(
            Post.area_id,
            Post.id,
            Officer.id,
            Officer.code,
            Officer.name,
            Post.role,
            Post.since,
            Post.until,
        )
        .join(Officer, Officer.id == Post.officer_id)
        .join(Area, Area.id == Post.area_id)
        .where(held, or_(under(Area.path, [path]), Area.code.in_(codes)))
        .order_by(Post.id)
    )
    by_compound = (
        select(
            Post.compound_id,
            Post.id,
            Officer.id,
            Officer.code,
            Officer.name,
            Post.role,
            Post.since,
            Post.until,
        )
        .join(Officer, Officer.id == Post.officer_id)
        .join(Compound, Compound.id == Post.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .where(held, under(Area.path, [path]))
        .order_by(Post.id)
    )
    return by_area, by_compound


def _stand_ins(db: Session, path: str, first: date, last: date) -> dict[int, list[StandIn]]:
    home = aliased(Area)
    rows = db.execute(
        select(
            Substitute.post_id, Officer.id, Officer.code, Officer.name,
            Substitute.since, Substitute.until,
        )
        .join(Officer, Officer.id == Substitute.officer_id)
        .join(Post, Post.id == Substitute.post_id)
        .outerjoin(Area, Area.id == Post.area_id)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .outerjoin(home, home.id == Compound.community_id)
        .where(
            Substitute.since <= last,
            Substitute.until >= first,
            or_(
                Area.code.in_(path.strip("/").split("/")),
                under(Area.path, [path]),
                under(home.path, [path]),
            ),
        )
        .order_by(Substitute.since, Substitute.id)
    )  # fmt: skip
    found: dict[int, list[StandIn]] = {}
    for post, number, code, name, since, until in rows:
        found.setdefault(post, []).append(StandIn(Person(number, code, name), since, until))
    return found


def called_on(posts: Iterable[Held], meets: Meets, day: date) -> list[Called]:
    """Return who is due on the day, each person once, in the first of their roles."""
    found: dict[int, Called] = {}
    for held in posts:
        person = held.who(day)
        part = meets.setup.part(held.role)
        if person is not None and part is not Part.NONE:
            found.setdefault(person.id, Called(person, held.role, part, held.id))
    return list(found.values())


def convenor_of(kind: Kind, called: Iterable[Called]) -> Person | None:
    """Return who convenes: the secretary, or of an owners' meeting the project manager."""
    roles = (Role.PROJECT_MANAGER,) if kind is Kind.OWNERS else (Role.SECRETARY, Role.GRID_LEADER)
    found = {c.role: c.person for c in reversed(list(called))}
    return next((found[role] for role in roles if role in found), None)
