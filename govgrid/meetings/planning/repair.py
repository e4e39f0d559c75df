"""Mend a plan after a change: confirmed meetings stay, of the others the fewest move."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.crew import Crew
from govgrid.meetings.planning.diary import Diary
from govgrid.meetings.planning.greedy import seat
from govgrid.meetings.planning.instance import Base, Meeting
from govgrid.meetings.planning.parts import Found, Limits, Part
from govgrid.meetings.planning.telling import Teller

MOST = 1000  # meetings in one search


class Repair:
    """Mends `base`: `run` once. Streets without a hit stay as they are."""

    def __init__(
        self, board: Board, crew: Crew, teller: Teller, base: Base, *, work: float, seed: int
    ) -> None:
        self.board = board
        self.best: dict[str, int] = {}
        self.spent = 0.0
        self.cut = False
        self.gap = 0
        """How much less the streets planned again could cost with moves as few."""
        self._crew = crew
        self._teller = teller
        self._base = base
        self._work = work
        self._seed = seed
        self._streets: dict[str, list[str]] = defaultdict(list)
        for id_, meeting in board.instance.meetings.items():
            self._streets[meeting.street].append(id_)

    @property
    def bound(self) -> int:
        return self.board.cost(self.best) - self.gap

    def run(self) -> None:
        """Leave the mended plan in `best`."""
        held = self._holding()
        self.best = seat(self.board, held, self._crew.expired, self._fixed)
        self._tell()
        diary = self.board.diary(held)
        for streets in self._hit(diary):
            self._mend(streets, diary)
        self.best = seat(self.board, diary.starts, self._crew.over, self._fixed)
        self._tell()

    def _tell(self) -> None:
        self._teller.tell(self.board.cost(self.best), self.bound, len(self.best))

    @cached_property
    def _fixed(self) -> Mapping[str, int]:
        return fixed_by(self.board, self._base)

    def _holding(self) -> dict[str, int]:
        """Return what of the base still fits together, what is confirmed first."""
        fixed, diary = self._fixed, self.board.diary()
        order = sorted(self._base.assign.items(), key=lambda item: (item[0] not in fixed, item[0]))
        for id_, start in order:
            meeting = self.board.instance.meetings[id_]
            if start in self.board.choices[id_] and not diary.clashing(meeting, start):
                diary.place(id_, start)
        return diary.starts

    def _hit(self, diary: Diary) -> list[set[str]]:
        """Return the streets to plan again, those together where one meeting hit the other."""
        joined: dict[str, set[str]] = {}
        meetings = self.board.instance.meetings
        for id_ in sorted(meetings.keys() - diary.starts.keys()):
            streets = {meetings[id_].street}
            if (start := self._base.assign.get(id_)) is not None:
                clashing = diary.clashing(meetings[id_], start)
                streets |= {meetings[other].street for other in clashing}
            merged = streets.union(*(joined.get(street, ()) for street in streets))
            joined.update(dict.fromkeys(merged, merged))
        return [streets for street, streets in sorted(joined.items()) if street == min(streets)]

    def _mend(self, streets: set[str], diary: Diary) -> None:
        """Plan the streets again; where meetings are left out, with the streets tied to them."""
        while not self._crew.over():
            ids = sorted(id_ for street in streets for id_ in self._streets[street])
            found = self._search(ids, diary)
            left_out = set(ids) - found.assign.keys()
            wider = streets | self._tied(left_out)
            if wider == streets or sum(len(self._streets[s]) for s in wider) > MOST:
                self.gap += found.objective - found.bound
                return
            streets = wider

    def _search(self, ids: list[str], diary: Diary) -> Found:
        before = {id_: diary.starts[id_] for id_ in ids if id_ in diary.starts}
        for id_ in before:
            diary.remove(id_)
        found = self._crew.search([self._part(ids, diary)], lambda _index, _found: None)[0]
        if found is None or not found.done:
            self.cut = True
        found = found if found and found.assign else Found(before, 0, 0, 0, done=False)
        self.spent += found.work
        for id_, start in found.assign.items():
            diary.place(id_, start)
        return found

    def _part(self, ids: Iterable[str], diary: Diary) -> Part:
        limits = Limits(self._work - self.spent, self._crew.left(), self._seed)
        part = self.board.among(ids, diary, limits, self.best)
        stay = {id_: self._base.assign[id_] for id_ in part.choices if id_ in self._base.assign}
        fixed = self._fixed
        choices = {
            id_: (stay[id_],) if id_ in fixed and stay[id_] in starts else starts
            for id_, starts in part.choices.items()
        }
        dear = self._base.confirmed - self._base.forced
        return replace(part, choices=choices, stay=stay, dear=dear & stay.keys())

    def _tied(self, ids: Iterable[str]) -> set[str]:
        """Return the streets of meetings that need the same people or rooms."""
        meetings = self.board.instance.meetings
        names = {name for id_ in ids for name in _needs(meetings, id_)}
        if not names:
            return set()
        return {
            meeting.street
            for id_, meeting in meetings.items()
            if not names.isdisjoint(_needs(meetings, id_))
        }


def fixed_by(board: Board, base: Base) -> dict[str, int]:
    """Return the confirmed meetings that are possible by themselves and beside each other."""
    kept = {
        id_: base.assign[id_]
        for id_ in base.confirmed - base.forced
        if base.assign.get(id_) in board.choices[id_]
    }
    diary, meetings = board.diary(kept), board.instance.meetings
    return {id_: at for id_, at in kept.items() if not diary.clashing(meetings[id_], at)}


def _needs(meetings: Mapping[str, Meeting], id_: str) -> tuple[str, ...]:
    return (meetings[id_].venue, *meetings[id_].required)
