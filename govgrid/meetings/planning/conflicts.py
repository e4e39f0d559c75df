"""The smallest sets of meetings that cannot all be held."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.crew import Crew
from govgrid.meetings.planning.instance import Instance, Meeting, Quorum
from govgrid.meetings.planning.parts import Limits, Part, excerpt

HARD = 2.0  # deterministic seconds for one question; most take a hundredth
LEAST = 0.5  # seconds; in less not even the solver can be loaded


class _TooLong(Exception):
    """The time ended before the question was answered."""


class Conflicts:
    """Asks which meetings cannot be held together, whatever else moves."""

    def __init__(self, board: Board, choices: Mapping[str, tuple[int, ...]], crew: Crew) -> None:
        """`choices` holds a single start for a meeting that must stay where it is."""
        self._instance = board.instance
        self._choices = choices
        self._crew = crew
        self._before: list[list[str]] = []

    def around(self, id_: str, held: Iterable[str]) -> tuple[str, ...]:
        """Return a smallest set of this and held meetings that cannot all be held.

        Empty if they can, or if the time was too short to tell.
        """
        try:
            self._check_time()
            others, near, ring = set(held) - {id_}, list[str](), {id_}
            if known := self._as_before(id_, others):
                return self._smallest(id_, known)
            while ring := self._touching(ring, others.difference(near)):
                near += sorted(ring)
                if self._impossible([id_, *near]):
                    return self._smallest(id_, near)
        except _TooLong:
            pass
        return ()

    def _smallest(self, id_: str, near: Sequence[str]) -> tuple[str, ...]:
        needed = self._needed([id_], near, sure=True)
        self._before.append(needed)
        return tuple(sorted([id_, *needed]))

    def _as_before(self, id_: str, others: set[str]) -> list[str]:
        """Return held ones that excluded another meeting and exclude this one, too."""
        touching = self._touching({id_}, others)
        for needed in self._before:
            fits = others.issuperset(needed) and not touching.isdisjoint(needed)
            if fits and self._impossible([id_, *needed]):
                return needed
        return []

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

    def _check_time(self) -> None:
        if self._crew.over() or self._crew.left() < LEAST:
            raise _TooLong

    def _impossible(self, ids: Iterable[str], instance: Instance | None = None) -> bool:
        self._check_time()
        ids = list(ids)
        choices = {id_: self._choices[id_] for id_ in ids}
        limits = Limits(HARD, self._crew.left())
        asked = Part(excerpt(instance or self._instance, ids), choices, limits, whole=True)
        found = self._crew.search([asked], lambda _index, _found: None)[0]
        return bool(found and found.impossible)


def _needs(meeting: Meeting) -> tuple[str, ...]:
    return (meeting.venue, *meeting.required, *meeting.quorum.people)
