"""The smallest sets of meetings that cannot all be held."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ortools.sat.python import cp_model

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.instance import Instance, Meeting, Quorum
from govgrid.meetings.planning.model import Model
from govgrid.meetings.planning.parts import Limits, Part, excerpt

HARD = 2.0  # deterministic seconds for one question; most take a hundredth
Stop = Callable[[], bool]


class _TooLong(Exception):
    """The time ended before the question was answered."""


class Conflicts:
    """Asks which meetings cannot be held together, whatever else moves."""

    def __init__(self, board: Board, choices: Mapping[str, tuple[int, ...]], stop: Stop) -> None:
        """`choices` holds a single start for a meeting that must stay where it is."""
        self._instance = board.instance
        self._choices = choices
        self._stop = stop

    def around(self, id_: str, held: Iterable[str]) -> tuple[str, ...]:
        """Return a smallest set of this and held meetings that cannot all be held.

        Empty if they can, or if the time was too short to tell.
        """
        others, near, ring = set(held) - {id_}, list[str](), {id_}
        try:
            while ring := self._touching(ring, others.difference(near)):
                near += sorted(ring)
                if self._impossible([id_, *near]):
                    return tuple(sorted([id_, *self._needed([id_], near, sure=True)]))
        except _TooLong:
            pass
        return ()

    def for_want_of_rooms(self, ids: Iterable[str]) -> bool:
        """Tell whether the meetings could not be held even if nobody sat in two of them."""
        alone = {
            id_: replace(self._instance.meetings[id_], required=(), quorum=Quorum((), 0))
            for id_ in ids
        }
        try:
            return self._impossible(alone, replace(self._instance, meetings=alone))
        except _TooLong:
            return False

    def _touching(self, ids: Iterable[str], others: Iterable[str]) -> set[str]:
        meetings = self._instance.meetings
        names = {name for id_ in ids for name in _needs(meetings[id_])}
        return {other for other in others if not names.isdisjoint(_needs(meetings[other]))}

    def _needed(self, given: list[str], asked: Sequence[str], *, sure: bool) -> list[str]:
        """Return what of the asked is needed beside the given (QuickXplain, Junker 2004).

        `sure` says that the given alone are known to be possible.
        """
        if not sure and self._impossible(given):
            return []
        if len(asked) == 1:
            return list(asked)
        first, second = asked[: len(asked) // 2], asked[len(asked) // 2 :]
        later = self._needed([*given, *first], second, sure=False)
        earlier = self._needed([*given, *later], first, sure=not later)
        return [*earlier, *later]

    def _impossible(self, ids: Iterable[str], instance: Instance | None = None) -> bool:
        if self._stop():
            raise _TooLong
        ids = list(ids)
        choices = {id_: self._choices[id_] for id_ in ids}
        limits = Limits(HARD, HARD)
        model = Model(Part(excerpt(instance or self._instance, ids), choices, limits))
        for out in model.left_out.values():
            model.cp.add(out == 0)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = HARD
        return solver.solve(model.cp) == cp_model.INFEASIBLE


def _needs(meeting: Meeting) -> tuple[str, ...]:
    return (meeting.venue, *meeting.required, *meeting.quorum.people)
