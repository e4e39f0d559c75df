"""A liaison's visits told by tours: no less is promised than can be, and few variables are made."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as some
from ortools.sat.python import cp_model

from benchmarks.check_plan import check
from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.exchange import write_instance
from govgrid.meetings.planning.instance import USUAL, Instance, Venue
from govgrid.meetings.planning.model import Model
from govgrid.meetings.planning.parts import Limits, Part
from govgrid.meetings.planning.search import Search
from tests.meetings.planning.build import TRAVEL, instance, liaison, meeting
from tests.meetings.planning.months import every_plan

DENSE = {"A": (540, 555, 580, 600, 630, 660, 690, 720)}


def crowded(count: int, rooms: int) -> Instance:
    """Return meetings of one liaison in rooms along a road, each with a leader of its own."""
    rows = [
        meeting(
            f"M{n:03}",
            required=(f"leader-{n}",),
            optional=(liaison(),),
            venue=f"room-{n % rooms}",
            duration=(30, 60, 75)[n % 3],
        )
        for n in range(count)
    ]
    places = {f"room-{n}": Venue(f"room-{n}", n, 0, ()) for n in range(rooms)}
    return instance(rows, venues=places)


def whole(month: Instance) -> Part:
    return Board(month).alone(month.meetings, Limits(50, 60), {})


def least(model: Model) -> int:
    model.minimize_cost()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model.cp) == cp_model.OPTIMAL
    return round(solver.objective_value)


def literals(model: Model) -> int:
    return sum(len(one.at_most_one.literals) for one in model.cp.proto.constraints)


@some.composite
def gatherings(draw: some.DrawFn) -> Instance:
    """A morning of slots close together in rooms near and far, where a liaison may be required."""
    rows = [
        meeting(
            f"M{n}",
            required=("liaison-1",) if draw(some.integers(0, 4)) == 0 else (f"leader-{n}",),
            optional=(liaison(),),
            venue=draw(some.sampled_from(["near", "far", "farther"])),
            duration=draw(some.sampled_from([15, 30, 60])),
            window=(2, 2),
        )
        for n in range(draw(some.integers(2, 6)))
    ]
    places = {"near": 0, "far": 1, "farther": 6}
    return instance(
        rows,
        grids=DENSE,
        venues={id_: Venue(id_, km, 0, ()) for id_, km in places.items()},
        travel=replace(TRAVEL, base=draw(some.sampled_from([0, 10, 20])),
                       same_venue=draw(some.sampled_from([0, 5]))),
        weights=replace(USUAL, unscheduled=50),
    )  # fmt: skip


@given(gatherings())
@settings(max_examples=30)
def test_tours_promise_no_less_than_visits_and_a_search_ends_with_what_can_be(
    month: Instance,
) -> None:
    part = whole(month)
    exact = least(Model(part, ["liaison-1"]))
    assert least(Model(part)) <= exact
    found = Search(part).run()
    assert found.objective == found.bound == exact == Board(month).cost(found.assign)


def test_ways_that_tours_do_not_mind_are_minded_in_the_end() -> None:
    rows = [
        meeting(
            f"M{n}", required=(f"leader-{n}",), optional=(liaison(),), venue=room, window=(2, 2)
        )
        for n, room in enumerate(["a", "b", "c"])
    ]
    rooms = {id_: Venue(id_, km, 0, ()) for id_, km in (("a", 0), ("b", 0), ("c", 40))}
    month = instance(rows, venues=rooms, grids={"A": (540, 630, 720)})
    assert least(Model(whole(month))) < least(Model(whole(month), ["liaison-1"]))
    found = Search(whole(month)).run()
    document = json.loads(write_instance(month))
    reports = (check(document, plan) for plan in every_plan(month))
    best = min(one["objective"] for one in reports if not one["hard"])
    assert found.objective == found.bound == best


def test_hundreds_of_meetings_need_few_exclusions() -> None:
    part = whole(crowded(200, rooms=100))
    tours, visits = Model(part), Model(part, ["liaison-1"])
    assert literals(tours) * 10 < literals(visits)
