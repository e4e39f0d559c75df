"""Plan a whole city's month from the database: CPU seconds and memory of each step, and a check.

`.venv/bin/python -m benchmarks.planning_city [--streets 250] [--seconds 300] [--apply]`; on the
database of GOVGRID_DATABASE_URL, which must be empty (default: a SQLite file in a temporary
folder). A street has 10 communities, each with 4 compounds; 250 streets are 10,000 meetings.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from random import Random
from typing import Any

from sqlalchemy import insert

from benchmarks.engines import chosen
from benchmarks.usage import cpu, peaks
from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.models import (
    Absence,
    Area,
    Compound,
    CompoundKind,
    CompoundMicroGrid,
    Level,
    Officer,
    Post,
)
from govgrid.meetings.actions.placing import write_plan
from govgrid.meetings.planning.crew import cores
from govgrid.meetings.planning.instance import Progress
from govgrid.meetings.planning.lines import Problem
from govgrid.meetings.planning.outcome import Placed, placed
from govgrid.meetings.planning.problem import problem
from govgrid.meetings.planning.solve import solve

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
MONTH = date(2026, 12, 1)
CITY = "/5101/"


class City:
    """Rows of a made-up city, table by table."""

    def __init__(self, streets: int) -> None:
        self.rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.numbers: Mapping[Any, Iterator[int]] = defaultdict(lambda: count(1))
        self.rng = Random(7)
        city = self.area("5101", Level.CITY, None, "/")
        district = self.area("510101", Level.DISTRICT, city, CITY)
        for n in range(streets):
            self.street(district, f"{CITY}510101/", f"510101{n + 1:03d}")

    def add(self, table: Any, **values: Any) -> int:
        number = next(self.numbers[table])
        self.rows[table].append({"id": number, **values})
        return number

    def area(self, code: str, level: Level, parent: int | None, above: str) -> int:
        return self.add(
            Area,
            code=code,
            name=code,
            level=level,
            parent_id=parent,
            path=f"{above}{code}/",
            version=1,
        )

    def officer(self) -> int:
        number = len(self.rows[Officer]) + 1
        made = self.add(Officer, code=f"RY{number:06d}", name=f"人{number}", version=1)
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            start = AT + timedelta(days=self.rng.randint(8, 36), hours=self.rng.randint(0, 8))
            end = start + timedelta(hours=self.rng.choice((2, 4, 30)))
            self.add(Absence, officer_id=made, start=start, end=end, reason="培训")
        return made

    def post(
        self, officer: int, role: Role, area: int | None = None, home: int | None = None
    ) -> None:
        self.add(Post, officer_id=officer, role=role, area_id=area, compound_id=home, version=1)

    def street(self, district: int, above: str, code: str) -> None:
        street, path = self.area(code, Level.STREET, district, above), f"{above}{code}/"
        self.post(self.officer(), Role.LIAISON, street)
        police = 0
        for n in range(10):
            if n % 2 == 0:
                police = self.officer()
            self.community(street, path, f"{code}{n + 1:03d}", police)

    def community(self, street: int, above: str, code: str, police: int) -> None:
        home, path = self.area(code, Level.COMMUNITY, street, above), f"{above}{code}/"
        self.post(self.officer(), Role.SECRETARY, home)
        self.post(police, Role.POLICE, home)
        for n in (1, 2):
            self.grid(home, path, f"{code}{n:03d}")

    def grid(self, community: int, above: str, code: str) -> None:
        grid, path = self.area(code, Level.GRID, community, above), f"{above}{code}/"
        self.post(self.officer(), Role.GRID_LEADER, grid)
        for n in (1, 2):
            home = self.add(
                Compound, code=f"{code}X{n}", name=f"小区{code[-6:]}{n}", kind=CompoundKind.COMMODITY,
                community_id=community, grid_id=grid, version=1,
            )  # fmt: skip
            self.post(self.officer(), Role.PROJECT_MANAGER, home=home)
            for m in (1, 2, 3):
                micro = self.area(f"{code}{n * 3 + m:03d}", Level.MICRO_GRID, grid, path)
                self.post(self.officer(), Role.MICRO_GRID_MEMBER, micro)
                self.rows[CompoundMicroGrid].append({"compound_id": home, "micro_grid_id": micro})

    def write(self, database: Database) -> None:
        with database.writing() as db:
            for table in (Area, Compound, CompoundMicroGrid, Officer, Post, Absence):
                rows = self.rows[table]
                for first in range(0, len(rows), 5000):
                    db.execute(insert(table), rows[first : first + 5000])


@contextmanager
def measured(what: str) -> Iterator[None]:
    before, wall = cpu(), time.monotonic()
    yield
    own, child = peaks()
    print(
        f"{what:24} {cpu() - before:7.1f} CPU s {time.monotonic() - wall:7.1f} s"
        f"   peak {own:5.0f} MiB + {child:4.0f} MiB a child",
        flush=True,
    )


def clashes(found: list[Placed]) -> int:
    """Count who or which room is in two places; counted from the answer, not by the planner."""
    held: dict[object, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in found:
        names = {c.person.code for c in one.due if c.part.value == "required"}
        for name in (*names, one.room):
            held[name].append((one.start, one.end))
    return sum(
        other[0] < first[1] for spans in held.values() for first, other in pairwise(sorted(spans))
    )


def read(database: Database) -> Problem:
    with database.reading() as db:
        return problem(db, [CITY], MONTH, at=AT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streets", type=int, default=250)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--apply", action="store_true")
    given = parser.parse_args()
    with chosen() as database:
        City(given.streets).write(database)
        run(database, given.seconds, apply=given.apply)


def run(database: Database, seconds: float, *, apply: bool) -> None:
    with measured("read the month"):
        asked = read(database)
    print(f"{len(asked.instance.meetings)} meetings, {len(asked.instance.people)} people")
    begun, first = time.monotonic(), list[float]()

    def tell(_: Progress) -> None:
        first.append(time.monotonic() - begun)

    with measured("plan"):
        plan = solve(asked.instance, seconds=seconds, progress=tell)
    own, child = peaks()
    print(
        f"first plan after {first[0]:.1f} s (target 30); at most {own + cores() * child:.0f} MiB in "
        f"all, {cores()} processes beside this one (target 2048)"
    )
    gap = (plan.objective - plan.bound) / max(1, plan.objective)
    found = placed(asked, plan.assign, plan.attend)
    print(
        f"{len(found)} placed, {len(plan.unplanned)} not; objective {plan.objective}, bound "
        f"{plan.bound}, gap {gap:.3%}; {clashes(found)} clashes"
    )
    if apply:
        with measured("write all meetings"), database.writing() as db:
            fresh = problem(db, [CITY], MONTH, at=AT)
            write_plan(db, None, None, fresh, placed(fresh, plan.assign, plan.attend), at=AT)


if __name__ == "__main__":
    main()
