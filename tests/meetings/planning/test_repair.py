"""Repairs: what is confirmed stays, the fewest others move, and only then the objective counts."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from benchmarks.check_plan import check
from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.exchange import write_instance
from govgrid.meetings.planning.instance import Base, Instance, Meeting, Person, Previous, Span
from govgrid.meetings.planning.solve import solve
from tests.meetings.planning.build import at, away, instance, meeting
from tests.meetings.planning.judge import judged
from tests.meetings.planning.months import every_plan, months

NINE, HALF_TEN, TWO = "9:00", "10:30", "14:00"


def with_busy(given: Instance, person: str, *spans: Span) -> Instance:
    changed = replace(given.people[person], busy=given.people[person].busy + spans)
    return replace(given, people={**given.people, person: changed})


def five() -> tuple[Instance, dict[str, int]]:
    """Return five meetings of one officer, one a day at nine, and that plan."""
    month = instance([meeting(f"M{day}") for day in range(2, 7)])
    return month, {f"M{day}": at(day, NINE) for day in range(2, 7)}


def repaired(month: Instance, base: Base) -> dict[str, int]:
    plan = solve(month, seconds=20, base=base)
    report = judged(month, plan, base)
    assert not report["hard"], report["notes"]
    assert report["objective"] == plan.objective >= plan.bound
    assert not plan.cut
    return dict(plan.assign)


def test_nothing_moves_without_need() -> None:
    month, assign = five()
    assert repaired(month, Base(assign)) == assign


def test_only_the_meeting_hit_moves() -> None:
    month, assign = five()
    hit = with_busy(month, "police-1", *away(3))
    now = repaired(hit, Base(assign))
    assert {id_ for id_ in assign if now[id_] != assign[id_]} == {"M3"}


def test_confirmed_ones_stay_and_another_makes_room() -> None:
    """The only slot left for M3 is M2's: M2 moves if it may, else M3 is left out."""
    month, assign = five()
    hours = [Span(at(day, NINE), at(day, "18:00")) for day in range(2, 7)]
    left = (Span(at(2, HALF_TEN), at(2, "18:00")), *hours[1:])
    hit = with_busy(month, "leader-M3", *left)
    free = repaired(hit, Base(assign))
    assert free["M3"] == at(2, NINE)
    assert {id_ for id_ in assign if free[id_] != assign[id_]} == {"M2", "M3"}
    held = repaired(hit, Base(assign, frozenset({"M2"})))
    assert held == {id_: start for id_, start in assign.items() if id_ != "M3"}
    let_go = repaired(hit, Base(assign, frozenset({"M2"}), frozenset({"M2"})))
    assert let_go["M3"] == at(2, NINE)


def test_a_confirmed_meeting_moves_when_it_became_impossible() -> None:
    month, assign = five()
    hit = with_busy(month, "leader-M4", *away(4))
    now = repaired(hit, Base(assign, frozenset(assign)))
    assert {id_ for id_ in assign if now[id_] != assign[id_]} == {"M4"}


def test_of_two_confirmed_that_clash_one_stays() -> None:
    month, assign = five()
    clashing = {**assign, "M2": assign["M3"]}
    now = repaired(month, Base(clashing, frozenset(clashing)))
    assert sum(now[id_] != clashing[id_] for id_ in clashing) == 1


def test_a_new_meeting_finds_a_place_beside_the_others() -> None:
    month, assign = five()
    new = meeting("M7")
    people = {new.convenor: Person(new.convenor, "leader", "S1", ())}
    grown = replace(
        month,
        meetings={**month.meetings, "M7": new},
        people={**month.people, **people},
        venues={**month.venues, new.venue: replace(month.venues["room-M2"], id=new.venue)},
    )
    now = repaired(grown, Base(assign))
    assert assign.items() <= now.items()
    assert "M7" in now


def test_streets_without_a_hit_are_left_as_they_are() -> None:
    """Even where they could be better."""
    rows: list[Meeting] = [meeting("A1"), meeting("B1", street="S2", required=("leader-B1",))]
    month = instance(rows)
    month = with_busy(month, "leader-A1", *away(2))
    assign = {"A1": at(2, NINE), "B1": at(6, TWO)}
    now = repaired(month, Base(assign))
    assert now["B1"] == at(6, TWO)
    assert now["A1"] != at(2, NINE)


def test_a_clash_across_streets_moves_one_of_both() -> None:
    rows = [meeting("A1"), meeting("B1", street="S2")]
    month = instance(rows)
    assign = {"A1": at(2, NINE), "B1": at(2, NINE)}
    now = repaired(month, Base(assign))
    assert sum(now[id_] != assign[id_] for id_ in assign) == 1


def test_a_confirmed_meeting_is_not_left_out_for_two_others() -> None:
    slot = Span(at(2, "0:00"), at(2, NINE)), Span(at(2, HALF_TEN), at(2, "23:00"))
    held = meeting("M1", window=(2, 2), required=("leader-a", "leader-b"), convenor="leader-a")
    others = [
        meeting(f"M{n}", window=(2, 2), required=(f"leader-{x}",), convenor=f"leader-{x}")
        for n, x in ((2, "a"), (3, "b"))
    ]
    month = instance([held, *others], busy={"leader-a": slot, "leader-b": slot})
    assert repaired(month, Base({"M1": at(2, NINE)}, frozenset({"M1"}))) == {"M1": at(2, NINE)}


@some.composite
def changes(draw: some.DrawFn) -> tuple[Instance, Base]:
    """Return a month and a plan made for another one: some of it may no longer be possible."""
    month = draw(months())
    board = Board(month)
    starts = {id_: board.moments.starts(board.moments.open(m)) for id_, m in month.meetings.items()}
    assign = {id_: draw(some.sampled_from(open_)) for id_, open_ in starts.items()}
    for id_ in draw(some.sets(some.sampled_from(sorted(assign)), max_size=1)):
        del assign[id_]
    confirmed = some.sets(some.sampled_from(sorted(assign))) if assign else some.just(set[str]())
    return month, Base(assign, frozenset(draw(confirmed)))


@given(changes())
@settings(max_examples=30)
def test_the_fewest_move_and_no_repair_that_moves_as_few_is_below_the_bound(
    changed: tuple[Instance, Base],
) -> None:
    month, base = changed
    document, told = json.loads(write_instance(month)), {"assign": dict(base.assign)}
    plans = [plan for plan in every_plan(month) if not check(document, plan, told)["hard"]]
    keeping = [plan for plan in plans if keeps(plan["assign"], base)]
    base = base if keeping else replace(base, confirmed=frozenset())
    least = min(rank(check(document, plan, told)) for plan in keeping or plans)
    plan = solve(month, seconds=20, base=base)
    assert keeps(plan.assign, base)
    assert rank(judged(month, plan, base)) == least
    assert plan.bound <= least[-1] == plan.objective


def keeps(assign: Mapping[str, int], base: Base) -> bool:
    """Tell whether all that is confirmed stays."""
    return all(assign.get(id_) == base.assign[id_] for id_ in base.confirmed)


def rank(report: dict[str, Any]) -> tuple[int, int, int]:
    """Return what counts, in this order."""
    return report["unscheduled"], report["moved"], report["objective"]


def test_an_interrupt_before_the_search_leaves_a_bound_that_holds() -> None:
    """M2, which may be at any time, takes the very hour that M3 had last month."""
    month, assign = five()
    late = replace(month.meetings["M3"], prev=Previous(3, 630))
    month = replace(month, meetings={**month.meetings, "M3": late})
    hit, base = with_busy(month, "police-1", *away(2, 3)), Base(assign)
    best = solve(hit, seconds=20, base=base)
    cut = solve(hit, seconds=20, base=base, stop=lambda: True)
    assert not judged(hit, cut, base)["hard"]
    assert cut.assign.items() >= {(id_, assign[id_]) for id_ in ("M4", "M5", "M6")}
    assert cut.bound <= best.bound == best.objective < cut.objective
