"""Mend a plan after a change: confirmed meetings stay, of the others the fewest move."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.crew import Crew
from govgrid.meetings.planning.diary import Diary
from govgrid.meetings.planning.greedy import seat
from govgrid.meetings.planning.instance import Base, Meeting
from govgrid.meetings.planning.parts import Found, Limits, Part, excerpt, least_cost
from govgrid.meetings.planning.telling import Teller

MOST = 1000  # meetings in one search


@dataclass(frozen=True, slots=True)
class Region:
    """Streets that were planned again; `lowest` is proven where only confirmed ones are minded."""

    streets: frozenset[str]
    part: Part
    lowest: Found | None

    def as_few(self, assign: Mapping[str, int]) -> bool:
        """Tell whether no plan moves fewer of these meetings, whatever the other streets do."""
        return self.lowest is not None and self.part.moves(assign) <= self.lowest.fewest


class Repair:
    """Mends `base`: `run` once. Streets without a hit stay, unless moving theirs as well saves moves."""

    def __init__(
        self, board: Board, crew: Crew, teller: Teller, base: Base, *, work: float, seed: int
    ) -> None:
        self.board = board
        self.best: dict[str, int] = {}
        self.spent = 0.0
        self.cut = False
        self._crew = crew
        self._teller = teller
        self._base = base
        self._work = work
        self._seed = seed
        self._regions: list[Region] = []
        self._streets: dict[str, list[str]] = defaultdict(list)
        for id_, meeting in board.instance.meetings.items():
            self._streets[meeting.street].append(id_)

    @property
    def bound(self) -> int:
        """Proven: of the repairs that move the fewest, none costs less.

        Where no street that was planned again could move fewer even by itself, all repairs that
        move the fewest leave the other streets as they are, and meetings cost no less together
        than apart.
        """
        replanned = {id_ for region in self._regions for id_ in region.part.choices}
        others = self.board.instance.meetings.keys() - replanned
        unmoved = {i: start for i, start in self._base.assign.items() if self.best.get(i) == start}
        as_few = others <= unmoved.keys() and all(one.as_few(self.best) for one in self._regions)
        if not as_few:
            return self._least
        rest = {id_: unmoved[id_] for id_ in others}
        apart = Board(excerpt(self.board.instance, rest)).cost(rest)
        return apart + sum(region.lowest.bound for region in self._regions if region.lowest)

    def run(self) -> None:
        """Leave the mended plan in `best`."""
        held = self._holding()
        self.best = seat(self.board, held, self._crew.expired, self._fixed)
        self._teller.tell(self.board.cost(self.best), self._least, len(self.best))
        diary = self.board.diary(held)
        for streets in self._hit(diary):
            if not any(streets <= region.streets for region in self._regions):
                self._mend(streets, diary)
        self._keep(diary)
        if self._small and self.bound < self.board.cost(self.best) and not self._crew.over():
            self._mend(set(self._streets), diary)
            self._keep(diary)

    def _keep(self, diary: Diary) -> None:
        """Keep what stands in the diary, unless the time was too short for it to be better."""
        self.best = min(
            seat(self.board, diary.starts, self._crew.over, self._fixed),
            self.best,
            key=lambda assign: (self._whole.moves(assign), self.board.cost(assign)),
        )
        self._teller.tell(self.board.cost(self.best), self.bound, len(self.best))

    @property
    def _small(self) -> bool:
        return len(self.board.instance.meetings) <= MOST

    @cached_property
    def _fixed(self) -> Mapping[str, int]:
        return fixed_by(self.board, self._base)

    @cached_property
    def _whole(self) -> Part:
        base, choices = self._base, self.board.choices
        dear = base.confirmed - base.forced
        possible = {id_ for id_ in dear if base.assign.get(id_) in choices[id_]}
        stay, limits = base.assign, Limits(0, 0)
        return Part(self.board.instance, choices, limits, stay=stay, dear=frozenset(possible))

    @cached_property
    def _least(self) -> int:
        fixed = self._fixed
        choices = {i: (fixed[i],) if i in fixed else s for i, s in self.board.choices.items()}
        return least_cost(self.board.instance, choices)

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
        """Plan the streets again; where the others cost moves, with the streets tied to them."""
        while not self._crew.over():
            region = self._replan(streets, diary)
            apart = [one for one in self._regions if one.streets.isdisjoint(streets)]
            self._regions = [*apart, region]
            wider = self._wider(region, diary)
            size = sum(len(self._streets[street]) for street in wider)
            if region.as_few(diary.starts) or wider == streets or size > MOST:
                return
            streets = wider

    def _replan(self, streets: set[str], diary: Diary) -> Region:
        """Plan the streets among what stands, and as if only confirmed meetings stood elsewhere."""
        ids = sorted(id_ for street in streets for id_ in self._streets[street])
        confirmed = {id_: start for id_, start in self._fixed.items() if id_ not in ids}
        part = replace(self._part(ids, self.board.diary(confirmed)), load={})  # none counts twice
        before = {id_: diary.starts[id_] for id_ in ids if id_ in diary.starts}
        for id_ in before:
            diary.remove(id_)
        lowest = self._search(part)
        alone = len(diary.starts) == len(confirmed)
        found = lowest if alone else self._search(self._part(ids, diary))
        assigns = [found.assign, before] if found else [before]
        for id_, start in min(assigns, key=part.moves).items():
            diary.place(id_, start)
        return Region(frozenset(streets), part, lowest)

    def _search(self, part: Part) -> Found | None:
        found = self._crew.search([part], lambda _index, _found: None)[0]
        if found is None or not found.done:
            self.cut = True
        self.spent += found.work if found else 0
        return found

    def _part(self, ids: Iterable[str], diary: Diary) -> Part:
        limits = Limits(self._work - self.spent, self._crew.left(), self._seed)
        part, whole = self.board.among(ids, diary, limits, self.best), self._whole
        stay = {id_: start for id_, start in whole.stay.items() if id_ in part.choices}
        choices = {
            id_: (stay[id_],) if id_ in self._fixed and stay[id_] in starts else starts
            for id_, starts in part.choices.items()
        }
        return replace(part, choices=choices, stay=stay, dear=whole.dear & stay.keys())

    def _wider(self, region: Region, diary: Diary) -> set[str]:
        """Return the streets with those of meetings that need the same people or rooms."""
        if self._small:
            return set(self._streets)
        stay, meetings = region.part.stay, self.board.instance.meetings
        moved = (i for i in region.part.choices if diary.starts.get(i) != stay.get(i, -1))
        names = {name for id_ in moved for name in _needs(meetings, id_)}
        wider = region.streets | {
            meeting.street
            for id_, meeting in meetings.items()
            if not names.isdisjoint(_needs(meetings, id_))
        }
        met = (one.streets for one in self._regions if not one.streets.isdisjoint(wider))
        return set(wider.union(*met))


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
