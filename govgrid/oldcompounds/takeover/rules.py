"""What a package may be, and what a proposal costs: pure, whole yuan and metres.

A package lies around one of its compounds, none farther off than the reach, and has at least so
many households. The score is what a proposal should be low in, and is ours: no office says one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

PER_HOUSEHOLD_LEFT = 60
"""Yuan a month for each household that no package takes: about what serving one costs."""
METRES_PER_YUAN = 5
"""So many metres between a compound and its centre weigh as a yuan a month."""
_EARTH = 6_371_000


@dataclass(frozen=True, slots=True)
class Home:
    """A compound: position in WGS84 degrees where known, a month's income and cost in yuan."""

    id: int
    community_id: int
    households: int
    income: int
    cost: int
    longitude: float | None = None
    latitude: float | None = None

    @property
    def balance(self) -> int:
        """Return what is left a month; below 0 the compound loses."""
        return self.income - self.cost


@dataclass(frozen=True)
class Problem:
    """Compounds in the order of their ids, and what a package must be."""

    homes: tuple[Home, ...]
    least_households: int
    reach: int

    @cached_property
    def metres(self) -> Mapping[tuple[int, int], int]:
        """Return the metres between compounds that may share a package, by their places."""
        found = {}
        for i, one in enumerate(self.homes):
            for j, other in enumerate(self.homes):
                far = _metres(one, other, self.reach)
                if far is not None and far <= self.reach:
                    found[i, j] = far
        return found

    def near(self, centre: int) -> list[int]:
        """Return who may lie around a centre, itself included, by place."""
        return [i for i in range(len(self.homes)) if (i, centre) in self.metres]


def _metres(one: Home, other: Home, reach: int) -> int | None:
    """Return the distance; without a position, half the reach inside a community, else nothing."""
    if one.id == other.id:
        return 0
    if None in {one.longitude, one.latitude, other.longitude, other.latitude}:
        return reach // 2 if one.community_id == other.community_id else None
    assert one.longitude is not None
    assert one.latitude is not None
    assert other.longitude is not None
    assert other.latitude is not None
    north = math.radians(other.latitude - one.latitude)
    middle = math.radians((other.latitude + one.latitude) / 2)
    east = math.radians(other.longitude - one.longitude) * math.cos(middle)
    return round(_EARTH * math.hypot(north, east))


Packages = Mapping[int, Sequence[int]]
"""Members by centre, both by their places in the problem; a centre is one of its members."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a proposal costs; the lowest total is best."""

    left_households: int
    loss: int
    metres: int

    @property
    def total(self) -> int:
        """Return the whole in fifths of a yuan, so that it stays a whole number."""
        yuan = PER_HOUSEHOLD_LEFT * self.left_households + self.loss
        return METRES_PER_YUAN * yuan + self.metres


def score(problem: Problem, packages: Packages) -> Score:
    """Return the score of a proposal. Raise `ValueError` where a package is not allowed."""
    taken: set[int] = set()
    loss = metres = 0
    for centre, members in packages.items():
        homes = [problem.homes[i] for i in members]
        if centre not in members or taken & set(members):
            raise ValueError(centre)
        if sum(home.households for home in homes) < problem.least_households:
            raise ValueError(centre)
        taken |= set(members)
        loss += max(0, -sum(home.balance for home in homes))
        metres += sum(problem.metres[i, centre] for i in members)
    left = sum(h.households for i, h in enumerate(problem.homes) if i not in taken)
    return Score(left, loss, metres)


def greedy(problem: Problem) -> dict[int, list[int]]:
    """Return a proposal to begin with: the largest compounds gather their nearest until enough."""
    free = set(range(len(problem.homes)))
    packages: dict[int, list[int]] = {}
    for centre in sorted(free, key=lambda i: (-problem.homes[i].households, i)):
        if centre not in free:
            continue
        near = sorted(
            (i for i in problem.near(centre) if i in free),
            key=lambda i: problem.metres[i, centre],
        )
        members, households = [], 0
        for i in near:
            members.append(i)
            households += problem.homes[i].households
            if households >= problem.least_households:
                break
        if households >= problem.least_households:
            packages[centre] = members
            free -= set(members)
    for i in sorted(free):
        around = [centre for centre in packages if (i, centre) in problem.metres]
        if around:
            packages[min(around, key=lambda c: problem.metres[i, c])].append(i)
    return packages
