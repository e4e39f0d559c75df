"""The planner measured: `python -m benchmarks.planning all|peers|growth|profiles|repair|broken [FILE …]`.

Instances are made, or read from the files given. Every plan is scored by `check_plan.py`. Times
are CPU seconds of this process and its children: the clock depends on what else the machine does.
"""

import argparse
import gc
import json
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.check_plan import check
from benchmarks.planning_instances import PROFILES, generate
from benchmarks.usage import cpu, peaks
from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.crew import cores
from govgrid.meetings.planning.exchange import read_instance, write_instance, write_plan
from govgrid.meetings.planning.explain import explain
from govgrid.meetings.planning.instance import DAY, Base, Instance, Plan, Span
from govgrid.meetings.planning.solve import solve, usual_seconds
from govgrid.meetings.planning.ways import applied

Solver = Callable[[Board, float], dict[str, int]]


@dataclass(slots=True)
class Cost:
    """What a piece of work took."""

    cpu: float = 0
    wall: float = 0


@contextmanager
def measured() -> Iterator[Cost]:
    cost = Cost()
    before, wall = cpu(), time.monotonic()
    yield cost
    cost.cpu, cost.wall = cpu() - before, time.monotonic() - wall


def judged(instance: Instance, plan: Plan, base: Base | None = None) -> dict[str, Any]:
    told = base and {
        "assign": dict(base.assign),
        "confirmed": sorted(base.confirmed),
        "forced": sorted(base.forced),
    }
    report: dict[str, Any] = check(
        json.loads(write_instance(instance)), json.loads(write_plan(plan)), told
    )
    return report


def peers(instances: Iterable[Instance], seconds: float) -> None:
    """Print every way to plan beside ours, on the same instance."""
    # loads the solver, which other tables measure together with the solving
    from benchmarks import planning_peers as others  # noqa: PLC0415

    ways: dict[str, Solver] = {
        "first fit": others.first_fit,
        "copy last month": others.last_month,
        "HiGHS": others.highs,
        "Timefold": others.timefold,
    }
    for instance in instances:
        print(f"\n{instance.name}: {len(instance.meetings)} meetings")
        with measured() as cost:
            plan = solve(instance, seconds=seconds)
        _row("govgrid", judged(instance, plan), cost, plan.bound)
        board = Board(instance)
        for name, peer in ways.items():
            try:
                with measured() as cost:
                    assign = peer(board, 5 * seconds)
            except others.Missing as how:
                print(f"  {name:16} left out, not installed: {how}")
                continue
            other = Plan(assign, board.attendance(assign))
            _row(name, judged(instance, other), cost, plan.bound)


def _row(name: str, report: dict[str, Any], cost: Cost, bound: int) -> None:
    gap = (report["objective"] - bound) / max(1, bound)
    print(
        f"  {name:16} hard {report['hard']}  out {report['unscheduled']:4}  "
        f"objective {report['objective']:6}  above our bound {gap:8.2%}  "
        f"CPU {cost.cpu:7.1f} s  wall {cost.wall:6.1f} s",
        flush=True,
    )


def growth(instances: Iterable[Instance], _seconds: float) -> None:
    """Print street, district and city in one table: CPU for each meeting."""
    first = None
    for instance in instances:
        count = len(instance.meetings)
        begun, firsts = time.monotonic(), list[float]()
        with measured() as cost:
            plan = solve(
                instance,
                seconds=2
                * usual_seconds(count),  # by the clock, of which a busy machine gives less
                progress=lambda _, b=begun, f=firsts: f.append(time.monotonic() - b),
            )
        report = judged(instance, plan)
        each = 1000 * cost.cpu / count
        first = first or each
        gap = (plan.objective - plan.bound) / max(1, plan.bound)
        print(
            f"  {instance.name:24} {count:6} meetings  hard {report['hard']}  "
            f"out {report['unscheduled']}  gap {gap:.3%}  CPU {cost.cpu:7.1f} s = "
            f"{each:5.1f} ms a meeting, {each / first:.2f} times the first  "
            f"first plan after {firsts[0]:.1f} s  wall {cost.wall:.1f} s  "
            f"memory {_memory():.0f} MiB at most",
            flush=True,
        )
        del instance, plan
        gc.collect()


def _memory() -> float:
    """Return the most MiB that this process and one child on each core had so far."""
    own, child = peaks()
    return own + cores() * child


def profiles(instances: Iterable[Instance], seconds: float) -> None:
    """Print how far from the bound each kind of month ends."""
    for instance in instances:
        with measured() as cost:
            plan = solve(instance, seconds=seconds)
        _row(instance.name, judged(instance, plan), cost, plan.bound)
        again = solve(instance, seconds=seconds)
        same = write_plan(plan) == write_plan(again)
        print(
            f"    again: {'the same bytes' if same else 'another plan'}; cut {plan.cut}", flush=True
        )


def repair(instances: Iterable[Instance], seconds: float) -> None:
    """Print what one absence moves, half of the meetings being confirmed."""
    dice = random.Random(1)
    for instance in instances:
        plan = solve(instance, seconds=seconds)
        for _ in range(8):
            hit, base = _absence(instance, plan, dice)
            with measured() as cost:
                mended = solve(hit, seconds=5, base=base)
            report = judged(hit, mended, base)
            others = report["moved"] - len(base.forced)
            print(
                f"  {instance.name}: hit {len(base.forced)}  others moved {max(0, others)} "
                f"({max(0, others) / len(plan.assign):.2%})  confirmed moved unforced "
                f"{report['moved_confirmed_not_forced']}  hard {report['hard']}  out "
                f"{report['unscheduled']}  objective {mended.objective} bound {mended.bound}  "
                f"CPU {cost.cpu:.1f} s  wall {cost.wall:.1f} s",
                flush=True,
            )


def _absence(instance: Instance, plan: Plan, dice: random.Random) -> tuple[Instance, Base]:
    """Let somebody be away on three days, one of which has a meeting of theirs."""
    id_, start = dice.choice(sorted(plan.assign.items()))
    who = dice.choice(instance.meetings[id_].required)
    away = Span(start // DAY * DAY, (start // DAY + 3) * DAY)
    person = instance.people[who]
    changed = replace(person, busy=(*person.busy, away))
    hit = replace(instance, people={**instance.people, who: changed})
    forced = {
        one
        for one, at in plan.assign.items()
        if who in instance.meetings[one].required
        and away.start < at + instance.meetings[one].duration
        and at < away.end
    }
    confirmed = dice.sample(sorted(plan.assign), len(plan.assign) // 2)
    return hit, Base(plan.assign, frozenset(confirmed), frozenset(forced))


def broken(instances: Iterable[Instance], seconds: float) -> None:
    """Print the reasons of months that cannot be held whole, and take every way out offered."""
    for instance in instances:
        plan = solve(instance, seconds=seconds)
        with measured() as cost:
            told = explain(instance, plan, seconds=seconds)
        for id_, reasons in told.items():
            for one in reasons:
                print(f"  {id_} {one.kind} {' '.join(one.people)} {' '.join(one.meetings)}")
        ways = [way for reasons in told.values() for one in reasons for way in one.ways]
        held = valid = 0
        for way in ways:
            taken = applied(instance, way)
            assign = {**plan.assign, **way.moves, way.meeting: way.start}
            report = judged(taken, Plan(assign, Board(taken).attendance(assign)))
            valid += not report["hard"] and report["scheduled"] > len(plan.assign)
            held += len(solve(taken, seconds=seconds).assign) > len(plan.assign)
        print(
            f"  {instance.name}: {len(told)} left out, all with reasons: {all(told.values())}; "
            f"{len(ways)} ways out, as told {valid} give a valid plan with the meeting held, "
            f"solved again {held} hold more meetings; reasons and ways took {cost.cpu:.1f} s CPU",
            flush=True,
        )


def without_some(instance: Instance, seed: int) -> Instance:
    """Keep three officers away for the month, and close a room: some meetings become impossible."""
    dice = random.Random(seed)
    month = (Span(0, len(instance.days) * DAY),)
    officers = sorted(p for p, one in instance.people.items() if one.role == "police")
    gone = dice.sample(officers, 3)
    room = dice.choice(sorted(instance.venues))
    people = {p: replace(instance.people[p], busy=month) for p in gone}
    venues = {room: replace(instance.venues[room], busy=month)}
    return replace(
        instance,
        people={**instance.people, **people},
        venues={**instance.venues, **venues},
        name=f"{instance.name}-broken",
    )


MADE = {
    "peers": [("base", "district"), ("nightmare", "district")],
    "growth": [("base", "street"), ("base", "district"), ("base", "city")],
    "broken": [("tight", "district")],
    "profiles": [(profile, "district") for profile in PROFILES],
    "repair": [("base", "district"), ("nightmare", "district")],
}


TARGETS = {
    "peers": "govgrid proven, no other way below it",
    "growth": "CPU a meeting at most 1.3 times the first; city gap at most 0.15 %, first plan in 30 s, 2048 MiB",
    "broken": "all with reasons, every way out holds more meetings",
    "profiles": "hard 0, out 0, at most 0.5 % above the bound at 60 s, the same bytes again",
    "repair": "at most 2 % of others moved, no confirmed one unforced, under 5 s",
}


def table(what: str, files: Iterable[Path], seconds: float) -> None:
    """Print one table, of the files or of the instances made for it."""
    files = list(files)
    read = (read_instance(path.read_bytes(), path.name) for path in files)
    made = (generate(profile, size, 1) for profile, size in MADE[what])
    if what == "broken":
        made = (without_some(instance, 1) for instance in made)
    print(
        f"{what}: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; target: {TARGETS[what]}",
        flush=True,
    )
    globals()[what](read if files else made, seconds)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", choices=["all", *MADE])
    asked.add_argument("files", nargs="*", type=Path)
    asked.add_argument("--seconds", type=float, help="for one plan: 60, with `all` 30")
    given = asked.parse_intermixed_args()
    every = given.what == "all"
    for what in MADE if every else [given.what]:
        table(what, given.files, given.seconds or (30 if every else 60))


if __name__ == "__main__":
    main()
