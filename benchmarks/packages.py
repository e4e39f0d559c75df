"""Packages of old compounds beside random ones, and the bound: `python -m benchmarks packages`.

Forty made-up compounds by ten seeds: the search's proposal, its bound, and the best of 1,000
random proposals under the same score.
"""

import random
import sys
import time

from govgrid.oldcompounds.takeover.rules import Home, Problem, greedy, score
from govgrid.oldcompounds.takeover.search import propose

COMPOUNDS, RANDOM = 40, 1000
SEEDS = 10
EAST, NORTH = 104.05, 30.65  # central Chengdu


def main() -> None:
    seconds = float(sys.argv[1]) if sys.argv[1:] else 20.0
    print(f"{COMPOUNDS} compounds, {seconds:g} s each; totals are fifths of a yuan a month")
    print("seed  greedy  best of 1000  proposal     bound   gap  packages     s")
    for seed in range(SEEDS):
        problem = street(seed)
        best = best_random(problem, seed)
        begun = time.perf_counter()
        found = propose(problem, seconds=seconds, seed=seed)
        spent = time.perf_counter() - begun
        assert score(problem, found.packages).total == found.total <= best
        first = score(problem, greedy(problem)).total
        gap = (found.total - found.bound) / found.total if found.total else 0
        print(
            f"{seed:4} {first:7} {best:13} {found.total:9} {found.bound:9}"
            f" {gap:5.1%} {len(found.packages):9} {spent:5.1f}"
        )


def street(seed: int, compounds: int = COMPOUNDS) -> Problem:
    """Return a street of about two square kilometres; every third compound earns something."""
    rng = random.Random(seed)
    homes = []
    for n in range(compounds):
        households = round(rng.lognormvariate(4.6, 0.6))
        cost = households * rng.randint(35, 75)
        income = round(cost * rng.choice((0.55, 0.8, 1.2)) * rng.uniform(0.8, 1.2))
        longitude = EAST + rng.uniform(0, 1500) / 95_700
        latitude = NORTH + rng.uniform(0, 1500) / 111_200
        homes.append(Home(n + 1, n % 5, households, income, cost, longitude, latitude))
    return Problem(tuple(homes), least_households=400, reach=600)


def best_random(problem: Problem, seed: int, times: int = RANDOM) -> int:
    """Return the lowest total of so many random proposals."""
    rng = random.Random(seed)
    return min(score(problem, random_packages(problem, rng)).total for _ in range(times))


def random_packages(problem: Problem, rng: random.Random) -> dict[int, list[int]]:
    """Return a proposal made by chance: centres in random order gather random neighbours."""
    free = set(range(len(problem.homes)))
    packages: dict[int, list[int]] = {}
    for centre in rng.sample(sorted(free), len(free)):
        if centre not in free:
            continue
        near = [i for i in problem.near(centre) if i in free and i != centre]
        rng.shuffle(near)
        members, households = [centre], problem.homes[centre].households
        while near and households < problem.least_households:
            members.append(near.pop())
            households += problem.homes[members[-1]].households
        if households >= problem.least_households:
            packages[centre] = members
            free -= set(members)
    for i in sorted(free):
        around = [centre for centre in packages if (i, centre) in problem.metres]
        if around and rng.random() < 0.9:
            packages[rng.choice(around)].append(i)
    return packages


if __name__ == "__main__":
    main()
