"""Where a liaison can come, as variables: tours told by time alone, or every visit by itself."""

import math
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from govgrid.meetings.planning.clashes import Roads
from govgrid.meetings.planning.cliques import Slot, cliques, clusters

Key = tuple[str, int]
"""A meeting at a start."""
Slots = Mapping[Slot, Sequence[Key]]
"""Meetings that may be held in each slot."""
LONGEST = 3  # visits in a tour; longer ones are taken for several with no way between


@dataclass(slots=True)
class Hold:
    """The model being built: its held meetings, and how far rooms lie apart."""

    cp: cp_model.CpModel
    held: Mapping[Key, cp_model.IntVar]
    roads: Roads


class Guest(ABC):
    """One liaison's part of a model."""

    def __init__(self) -> None:
        self.worth: list[tuple[cp_model.IntVar, int]] = []
        """How many meetings each variable says they come to."""
        self.sure: list[Key] = []
        """They come if this is held: nothing can be in the way."""

    @abstractmethod
    def hints(self, visits: Sequence[Key]) -> Iterator[tuple[cp_model.IntVar, bool]]:
        """Yield the value of each variable when those are the visits, in order of time."""


class Touring(Guest):
    """Tours by time: visits with less than the shortest way between them are in one room.

    Rooms farther apart than the shortest way are not minded, so they may be said to come to more
    than they can: a bound found is true, and few variables are enough for hundreds of meetings.
    """

    def __init__(self, hold: Hold, free: Slots, bound: Slots) -> None:
        super().__init__()
        self._hold = hold
        self._slot_of = {key: slot for slot, keys in free.items() for key in keys}
        self._single: dict[tuple[int, int], cp_model.IntVar] = {}
        self._tours: dict[tuple[Slot, ...], cp_model.IntVar] = {}
        rooms = sorted({slot.venue for slot in (*free, *bound)})
        self._same = hold.roads.same
        ways = (hold.roads.between(a, b) for a, b in combinations(rooms, 2))
        self._way = min(ways, default=self._same)
        for cluster in clusters(sorted({*free, *bound}), hold.roads.longest):
            here = {slot: free[slot] for slot in cluster if slot in free}
            needed = {slot: bound[slot] for slot in cluster if slot in bound}
            if len({id_ for keys in (*here.values(), *needed.values()) for id_, _ in keys}) > 1:
                self._add(here, needed)
            else:
                self.sure += [key for keys in here.values() for key in keys]

    def _add(self, free: Slots, bound: Slots) -> None:
        new, stays = self._hold.cp.new_bool_var, list[tuple[int, int, list[cp_model.IntVar]]]()
        times: dict[tuple[int, int], list[Slot]] = defaultdict(list)
        for slot in free:
            times[slot.start, slot.end].append(slot)
        within: dict[Slot, list[cp_model.IntVar]] = defaultdict(list)
        for tour in self._chains(free):
            var = self._tours[tour] = new("")
            self.worth.append((var, len(tour)))
            stays.append((tour[0].start, self._end(tour, free), [var]))
            for slot in tour:
                within[slot].append(var)
        for (start, end), slots in times.items():
            var = self._single[start, end] = new("")
            self.worth.append((var, 1))
            stays.append((start, end + self._way, [var]))
            touring = [tour for slot in slots for tour in within[slot]]
            self._only_if_held([var, *touring], [key for slot in slots for key in free[slot]])
        for slot, vars_ in within.items():
            self._only_if_held(vars_, free[slot])
        # a visit just before in the same room is in order, and so is one just after
        stays += [
            (slot.start + self._way, slot.end, [self._hold.held[key] for key in keys])
            for slot, keys in bound.items()
            if slot.start + self._way < slot.end
        ]
        for together in _at_once(stays):
            self._hold.cp.add_at_most_one(together)

    def _only_if_held(self, vars_: list[cp_model.IntVar], keys: Sequence[Key]) -> None:
        """Tie visits that exclude each other to what they are visits of."""
        held = [self._hold.held[key] for key in keys]
        self._hold.cp.add(sum(vars_) <= sum(held))

    def _chains(self, free: Slots) -> Iterator[tuple[Slot, ...]]:
        rooms: dict[str, list[Slot]] = defaultdict(list)
        for slot in sorted(free):
            rooms[slot.venue].append(slot)
        for room in rooms.values():
            chains: list[tuple[Slot, ...]] = [(slot,) for slot in room]
            for _ in range(LONGEST - 1):
                longer = [(*chain, slot) for chain in chains for slot in self._next(chain, room)]
                chains = [chain for chain in longer if _meetings(chain, free) >= len(chain)]
                yield from chains

    def _next(self, chain: tuple[Slot, ...], room: Sequence[Slot]) -> Iterator[Slot]:
        end = chain[-1].end
        return (slot for slot in room if end + self._same <= slot.start < end + self._way)

    def _end(self, tour: tuple[Slot, ...], free: Slots) -> int:
        goes_on = len(tour) == LONGEST and any(
            True for _ in self._next(tour, [slot for slot in free if slot.venue == tour[0].venue])
        )
        return tour[-1].end + (self._same if goes_on else self._way)

    def hints(self, visits: Sequence[Key]) -> Iterator[tuple[cp_model.IntVar, bool]]:
        tours: list[tuple[Slot, ...]] = []
        for slot in (self._slot_of[key] for key in visits if key in self._slot_of):
            if tours and (longer := (*tours[-1], slot)) in self._tours:
                tours[-1] = longer
            else:
                tours.append((slot,))
        times = {(tour[0].start, tour[0].end) for tour in tours if len(tour) == 1}
        yield from ((var, tour in tours) for tour, var in self._tours.items())
        yield from ((var, time in times) for time, var in self._single.items())


class Visiting(Guest):
    """Every visit by itself, with all ways between: exact."""

    def __init__(self, hold: Hold, free: Slots, bound: Slots, *, once: bool) -> None:
        """`once`: say that nobody comes to a meeting twice.

        Implied; where guests are all that costs anything, the bound is far too low without it.
        Elsewhere it only slows the search down.
        """
        super().__init__()
        self._hold = hold
        self._visits: dict[Key, cp_model.IntVar] = {}
        self._slot_of = {key: slot for slot, keys in free.items() for key in keys}
        slots = {slot: [*free.get(slot, ()), *bound.get(slot, ())] for slot in {**free, **bound}}
        for clique in cliques(list(slots), hold.roads.passable, hold.roads.longest):
            keys = [key for slot in clique for key in slots[slot]]
            if len({id_ for id_, _ in keys}) > 1 and not self._slot_of.keys().isdisjoint(keys):
                hold.cp.add_at_most_one(
                    [self._visit(key) if key in self._slot_of else hold.held[key] for key in keys]
                )
        self.sure += [key for key in self._slot_of if key not in self._visits]
        self.worth += [(visit, 1) for visit in self._visits.values()]
        if once:
            self._come_once()

    def _visit(self, key: Key) -> cp_model.IntVar:
        if key not in self._visits:
            self._visits[key] = self._hold.cp.new_bool_var("")
            self._hold.cp.add_implication(self._visits[key], self._hold.held[key])
        return self._visits[key]

    def _come_once(self) -> None:
        visits: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for (id_, _), visit in sorted(self._visits.items()):
            visits[id_].append(visit)
        for same in visits.values():
            if len(same) > 1:
                self._hold.cp.add_at_most_one(same)

    def hints(self, visits: Sequence[Key]) -> Iterator[tuple[cp_model.IntVar, bool]]:
        yield from ((visit, key in visits) for key, visit in self._visits.items())


def _meetings(tour: Sequence[Slot], free: Slots) -> int:
    return len({id_ for slot in tour for id_, _ in free[slot]})


def _at_once(
    stays: list[tuple[int, int, list[cp_model.IntVar]]],
) -> Iterator[list[cp_model.IntVar]]:
    """Yield what stays somewhere at the same moment, the largest such sets."""
    starts = sorted({start for start, _, _ in stays})
    ends = {end for _, end, _ in stays}
    for start, later in pairwise([*starts, math.inf]):
        if any(start < end <= later for end in ends):
            here = [var for begin, end, vars_ in stays if begin <= start < end for var in vars_]
            if len(here) > 1:
                yield here
