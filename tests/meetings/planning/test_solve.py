"""Plans: valid for the independent checker, as good as trying everything, the same every time."""

import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from benchmarks.check_plan import check
from govgrid.meetings.planning import solve as solving
from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.exchange import write_instance, write_plan
from govgrid.meetings.planning.instance import (
    USUAL,
    HalfDay,
    Instance,
    Part,
    Progress,
    Span,
)
from govgrid.meetings.planning.parts import Found, Limits
from govgrid.meetings.planning.search import Search
from govgrid.meetings.planning.solve import solve
from tests.meetings.planning.build import at, busy_month, instance, liaison, meeting
from tests.meetings.planning.judge import judged
from tests.meetings.planning.months import every_plan, months


@given(months())
@settings(max_examples=25)
def test_the_plan_is_valid_and_nothing_is_better(given_: Instance) -> None:
    plan = solve(given_, seconds=20)
    report = judged(given_, plan)
    assert report["hard"] == 0, report["notes"]
    assert report["objective"] == plan.objective == plan.bound
    assert plan.assign.keys() | plan.unplanned.keys() == given_.meetings.keys()
    assert all(reasons and all(one.text for one in reasons) for reasons in plan.unplanned.values())
    document = json.loads(write_instance(given_))
    reports = (check(document, other) for other in every_plan(given_))
    assert plan.objective == min(one["objective"] for one in reports if not one["hard"])


def test_streets_agree_on_what_they_share_without_a_clash() -> None:
    """A guest of one street who is needed in another; an officer's full day across streets."""
    guest = meeting("A1", window=(2, 2), optional=(liaison("liaison-1"),))
    needed = meeting("B1", street="S2", window=(2, 2), required=("liaison-1",), venue="far")
    month = instance([guest, needed])
    plan = solve(month, seconds=20)
    assert plan.objective == plan.bound == judged(month, plan)["objective"]
    assert plan.attend == {"A1": ("liaison-1",)}
    rows = [meeting(f"M{n}", street=f"S{n}", window=(2, 3)) for n in range(4)]
    month = instance(rows)
    plan = solve(month, seconds=20)
    assert plan.objective == plan.bound == judged(month, plan)["objective"]
    assert judged(month, plan)["parts"]["police_over"] == 0


def test_the_dearest_of_three_is_left_out_where_two_find_room() -> None:
    rows = [
        meeting(f"M{n}", required=("leader-1", *police), venue="hall", window=(2, 2))
        for n, police in enumerate([(), ("police-1",), ()])
    ]
    morning = Span(at(2, "8:00"), at(2, "10:31"))
    weights = replace(USUAL, unscheduled=50, police_day_soft=0)
    month = instance(rows, busy={"leader-1": (morning,)}, weights=weights)
    plan = solve(month, seconds=20)
    assert plan.assign.keys() == {"M0", "M2"}
    assert plan.objective == plan.bound == judged(month, plan)["objective"]


def test_a_first_month_that_costs_nothing_is_proven_at_once() -> None:
    """No last month and no wishes: all that counts is that the liaison can come everywhere."""
    rows = [
        meeting(
            f"M{n:02}",
            required=(f"leader-{n // 2}", f"police-{n // 8}"),
            optional=(liaison(),),
            venue=f"room-{n // 4}",
            window=(2, 13),
            preferred=tuple(HalfDay(dow, part) for dow in range(1, 8) for part in Part),
        )
        for n in range(24)
    ]
    month = instance(rows)
    plan = solve(month, seconds=20)
    assert plan.objective == plan.bound == judged(month, plan)["objective"] == 0
    assert all(plan.attend[id_] == ("liaison-1",) for id_ in month.meetings)
    assert plan.seconds < 2  # of counted work


def test_the_same_seed_gives_the_same_bytes() -> None:
    month = busy_month()
    first, second = (solve(month, seconds=30, seed=3) for _ in range(2))
    assert write_plan(first) == write_plan(second)
    assert not first.cut
    assert not judged(month, first)["hard"]
    assert first.objective == first.bound


def test_processes_find_what_is_found_right_here(monkeypatch: pytest.MonkeyPatch) -> None:
    month = busy_month()
    here = solve(month, seconds=30)
    monkeypatch.setattr(solving, "FEW", 0)
    monkeypatch.setattr(solving, "cores", lambda: 2)
    apart = solve(month, seconds=60)
    assert not apart.cut
    assert apart.assign == here.assign


def test_a_stop_returns_the_best_plan_so_far() -> None:
    month = busy_month()
    told: list[Progress] = []
    plan = solve(month, seconds=30, stop=lambda: bool(told), progress=told.append)
    assert plan.cut
    assert len(plan.assign) == 24
    assert not judged(month, plan)["hard"]
    assert plan.bound <= plan.objective


def test_a_search_tells_of_what_is_proven_between_two_plans() -> None:
    """So that a search that is cut short has its bound, too."""
    board, told = Board(busy_month()), list[Found]()
    part = board.alone(board.instance.meetings, Limits(50, 60), {})
    last = Search(part, told.append).run()
    pairs = list(pairwise(told))
    assert any(one.objective == then.objective and one.bound < then.bound for one, then in pairs)
    assert all(one.bound <= then.bound <= last.bound for one, then in pairs)


def test_a_short_time_gives_a_valid_plan() -> None:
    month = busy_month()
    plan = solve(month, seconds=0.2)
    assert len(plan.assign) == 24
    assert not judged(month, plan)["hard"]


def test_progress_ends_with_the_plan() -> None:
    told: list[Progress] = []
    plan = solve(busy_month(), seconds=30, progress=told.append)
    assert told[-1].objective == plan.objective
    assert told[-1].bound == plan.bound
    assert (told[-1].planned, told[-1].unplanned) == (24, 0)
    assert [one.objective for one in told] == sorted((one.objective for one in told), reverse=True)


def test_nothing_to_plan_is_planned() -> None:
    assert solve(instance([]), seconds=5).assign == {}


def test_a_web_server_does_not_load_the_solver() -> None:
    """A second of every start, and a hundred megabytes in every process."""
    asked = "import sys, govgrid.app; print({'ortools', 'pandas'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
