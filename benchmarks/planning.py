"""The planner measured: `python -m benchmarks.planning peers|growth|profiles|repair [FILE …]`.

Instances are made, or read from the files given. Every plan is scored by `check_plan.py`. Times
are CPU seconds of this process and its children: the clock depends on what else the machine does.
"""

import argparse
import gc
import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.check_plan import check
from benchmarks.planning_instances import PROFILES, generate
from benchmarks.planning_peers import first_fit, highs, last_month
from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.exchange import read_instance, write_instance, write_plan
from govgrid.meetings.planning.instance import DAY, Base, Instance, Plan, Span
from govgrid.meetings.planning.solve import solve

Solver = Callable[[Board, float], dict[str, int]]
PEERS: dict[str, Solver] = {
    "first fit": first_fit,
    "copy last month": last_month,
    "HiGHS": highs,
}


@dataclass(slots=True)
class Cost:
    """What a piece of work took."""

    cpu: float = 0
    wall: float = 0


@contextmanager
def measured() -> Iterator[Cost]:
    cost = Cost()
    cpu, wall = _cpu(), time.monotonic()
    yield cost
    cost.cpu, cost.wall = _cpu() - cpu, time.monotonic() - wall


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


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
    for instance in instances:
        print(f"\n{instance.name}: {len(instance.meetings)} meetings")
        with measured() as cost:
            plan = solve(instance, seconds=seconds)
        _row("govgrid", judged(instance, plan), cost, plan.bound)
        board = Board(instance)
        for name, peer in PEERS.items():
            with measured() as cost:
                assign = peer(board, 5 * seconds)
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
                seconds=max(60, 0.03 * count),
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
            f"first plan after {firsts[0]:.1f} s  wall {cost.wall:.1f} s",
            flush=True,
        )
        del instance, plan
        gc.collect()


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
                f"{report['unscheduled']}  CPU {cost.cpu:.1f} s  wall {cost.wall:.1f} s",
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


MADE = {
    "peers": [("base", "district"), ("nightmare", "district")],
    "growth": [("base", "street"), ("base", "district"), ("base", "city")],
    "profiles": [(profile, "district") for profile in PROFILES],
    "repair": [("base", "district"), ("nightmare", "district")],
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", choices=MADE)
    asked.add_argument("files", nargs="*", type=Path)
    asked.add_argument("--seconds", type=float, default=60)
    given = asked.parse_intermixed_args()
    read = (read_instance(path.read_bytes(), path.name) for path in given.files)
    made = (generate(profile, size, 1) for profile, size in MADE[given.what])
    print(f"{given.what}: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    globals()[given.what](read if given.files else made, given.seconds)


if __name__ == "__main__":
    main()
