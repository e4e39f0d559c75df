"""Small random months, and every plan of one: what the planner is measured against."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import strategies as some

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.instance import (
    USUAL,
    DayKind,
    HalfDay,
    Instance,
    Meeting,
    Part,
    Previous,
    Quorum,
    Span,
    Venue,
)
from tests.meetings.planning.build import at, instance, liaison, meeting

PEOPLE = ["leader-1", "police-1", "police-2", "liaison-1", "micro-1", "micro-2"]


@some.composite
def meetings(draw: Any, number: int) -> Meeting:
    required = draw(some.lists(some.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True))
    guests = draw(some.lists(some.sampled_from(PEOPLE[2:4]), max_size=1))
    members = draw(some.lists(some.sampled_from(PEOPLE[4:]), max_size=2, unique=True))
    return meeting(
        f"M{number}",
        required=tuple(required),
        convenor=required[0],
        optional=tuple(map(liaison, guests)),
        quorum=Quorum(tuple(members), draw(some.integers(0, len(members)))),
        venue=draw(some.sampled_from(["room-1", "room-2"])),
        street=draw(some.sampled_from(["S1", "S2"])),
        duration=draw(some.sampled_from([60, 90])),
        window=(2, draw(some.integers(2, 3))),
        allow=tuple(draw(some.sets(some.sampled_from([DayKind.WORK, DayKind.EVENING]))))
        or (DayKind.WORK,),
        preferred=draw(some.sampled_from([(), (HalfDay(2, Part.AM),)])),
        prev=draw(some.sampled_from([None, Previous(1, 540), Previous(2, 840)])),
    )


@some.composite
def months(draw: Any) -> Instance:
    count = draw(some.integers(1, 3))
    spans = some.builds(
        lambda day, start, long: Span(at(day, "0:00") + start, at(day, "0:00") + start + long),
        some.integers(2, 3),
        some.integers(480, 1200),
        some.integers(1, 300),
    )
    busy = {person: tuple(draw(some.lists(spans, max_size=2))) for person in PEOPLE}
    rooms = {"room-1": (0, 0), "room-2": (3, 4)}
    return instance(
        [draw(meetings(number)) for number in range(count)],
        busy=busy,
        venues={
            id_: Venue(id_, *place, busy=tuple(draw(some.lists(spans, max_size=1))))
            for id_, place in rooms.items()
        },
        weights=replace(USUAL, police_day_soft=draw(some.integers(0, 2)), unscheduled=50),
    )


def every_plan(given_: Instance) -> Iterator[dict[str, Any]]:
    """Yield a plan for every combination of starts, with the best guests of each."""
    board = Board(given_)
    open_ = [
        [None, *board.moments.starts(board.moments.open(one))] for one in given_.meetings.values()
    ]
    for starts in product(*open_):
        pairs = zip(given_.meetings, starts, strict=True)
        assign = {id_: start for id_, start in pairs if start is not None}
        attend = {id_: list(people) for id_, people in board.attendance(assign).items()}
        yield {"assign": assign, "attend": attend}
