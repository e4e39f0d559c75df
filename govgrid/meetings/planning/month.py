"""A whole month: each street by itself side by side, then those that have to agree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.bonds import dearer_together
from govgrid.meetings.planning.crew import Crew
from govgrid.meetings.planning.diary import Diary
from govgrid.meetings.planning.greedy import seat
from govgrid.meetings.planning.parts import Found, Limits, Part, least_cost, streets_of
from govgrid.meetings.planning.telling import Teller

WAVE = 16  # parts for each process between two looks at the work that is left
SHARE = 3  # a part may take three times its share of the work: most take less
JOINED = 100  # meetings in a group after the first round
LEAST_WORK = 0.3  # deterministic seconds; less finds nothing


@dataclass(slots=True)
class Group:
    """Meetings that are planned together, and how well."""

    ids: tuple[str, ...]
    bound: int
    """Proven: they cost no less, even if no other meeting minded."""
    alone: Found | None = None
    """Their plan that does not mind other groups."""
    cost: int | None = None
    """What they cost among the others."""

    @property
    def wanted(self) -> Mapping[str, int]:
        return self.alone.assign if self.alone else {}


class Month:
    """Plans everything: `run` once. The same input gives the same plan unless it is cut."""

    def __init__(self, board: Board, crew: Crew, teller: Teller, *, work: float, seed: int) -> None:
        """`work` is how many deterministic seconds all searches may take together."""
        self.board = board
        self.best: dict[str, int] = {}
        self.spent = 0.0
        self.cut = False
        self._crew = crew
        self._teller = teller
        self._seed = seed
        self._work = work
        self._cost = 0
        self._bonds: list[set[int]] = []
        self._most = JOINED
        self._groups = [
            Group(tuple(ids), least_cost(board.instance, {id_: board.choices[id_] for id_ in ids}))
            for ids in streets_of(board.instance)
        ]

    @property
    def bound(self) -> int:
        return sum(group.bound for group in self._groups)

    def run(self) -> None:
        """Leave the best plan in `best`."""
        self._keep(seat(self.board, {}, self._crew.expired))
        self._plan_alone(self._groups)
        while not self._crew.over() and self._settle() and self._left > LEAST_WORK:
            self._plan_alone(self._join())

    @property
    def _left(self) -> float:
        return self._work - self.spent

    def _keep(self, assign: dict[str, int]) -> None:
        cost = self.board.cost(assign)
        if not self.best or cost < self._cost:
            self.best, self._cost = assign, cost
        self._teller.tell(self._cost, self.bound, len(self.best))

    def _plan_alone(self, groups: Sequence[Group]) -> None:
        """Plan each group as if there were no other, the largest first."""
        waiting = sorted(groups, key=lambda group: (-len(group.ids), group.ids))
        remaining = sum(len(group.ids) for group in waiting)
        size = WAVE * self._crew.size
        for wave in (waiting[at : at + size] for at in range(0, len(waiting), size)):
            if self._crew.over():
                self.cut = True
                return
            parts = [
                self.board.alone(group.ids, self._limits(group.ids, remaining), self.best)
                for group in wave
            ]
            for group, found in zip(wave, self._search(wave, parts), strict=True):
                group.alone = found
                group.bound = max(group.bound, found.bound if found else 0)
            remaining -= sum(len(group.ids) for group in wave)
            self._keep(seat(self.board, self._wanted(), self._crew.over))

    def _search(self, groups: Sequence[Group], parts: Sequence[Part]) -> list[Found | None]:
        found = self._crew.search(parts, lambda index, better: self._hear(groups[index], better))
        self.spent += sum(one.work for one in found if one)
        self.cut |= not all(one and one.done for one in found)
        return found

    def _hear(self, group: Group, better: Found) -> None:
        """Tell at once where one group is the whole month."""
        if len(self._groups) == 1:
            bound = max(group.bound, better.bound)
            self._teller.tell(min(self._cost, better.objective), bound, len(better.assign))

    def _limits(self, ids: Sequence[str], among: int) -> Limits:
        work = SHARE * self._left * len(ids) / among
        return Limits(max(LEAST_WORK, min(work, self._left)), self._crew.left(), self._seed)

    def _wanted(self) -> dict[str, int]:
        """Return each group's own plan, which also says whom it leaves out."""
        wanted: dict[str, int] = {}
        for group in self._groups:
            kept = {id_: self.best[id_] for id_ in group.ids if id_ in self.best}
            wanted.update(group.alone.assign if group.alone else kept)
        return wanted

    def _settle(self) -> bool:
        """Plan groups that clash again, around the others; tell whether that cost anything."""
        diary = self.board.diary(self._wanted())
        clashes = self._clashing(diary)
        for group in self._groups:
            group.cost = group.alone.objective if group.alone else None
        left = {number: set(others) for number, others in clashes.items()}
        while any(left.values()) and not self._crew.over():
            batch = self._untied(left)
            self._plan_among([self._groups[number] for number in batch], diary)
            for number in batch:
                for other in left.pop(number):
                    left[other].discard(number)
        assign = seat(self.board, diary.starts, self._crew.over)
        self._keep(assign)
        self._bonds = [
            {one, other}
            for one, others in sorted(clashes.items())
            for other in sorted(others)
            if self._lost(one) or self._lost(other)
        ]
        if self.board.cost(assign) > sum(group.cost or 0 for group in self._groups):
            self._bonds += dearer_together(self.board.instance, self._ids, assign)
        return bool(self._bonds) or any(map(self._lost, range(len(self._groups))))

    @property
    def _ids(self) -> list[tuple[str, ...]]:
        return [group.ids for group in self._groups]

    def _plan_among(self, groups: Sequence[Group], diary: Diary) -> None:
        remaining = sum(len(group.ids) for group in groups)
        for group in groups:
            for id_ in group.ids:
                if id_ in diary.starts:
                    diary.remove(id_)
        parts = [
            self.board.among(group.ids, diary, self._limits(group.ids, remaining), group.wanted)
            for group in groups
        ]
        for group, found in zip(groups, self._search(groups, parts), strict=True):
            group.cost = found.objective if found else None
            if found and found.objective == group.bound:
                group.alone = found  # no better plan exists, and this one minds the others
            for id_, start in (found.assign if found else group.wanted).items():
                diary.place(id_, start)

    def _clashing(self, diary: Diary) -> dict[int, set[int]]:
        """Return which groups took the same people or rooms, by number."""
        clashes: dict[int, set[int]] = defaultdict(set)
        number_of = {id_: n for n, group in enumerate(self._groups) for id_ in group.ids}
        for id_, start in diary.starts.items():
            number = number_of[id_]
            for other in diary.clashing(self.board.instance.meetings[id_], start):
                clashes[number].add(number_of[other])
                clashes[number_of[other]].add(number)
        return {n: others - {n} for n, others in clashes.items() if others - {n}}

    def _untied(self, left: Mapping[int, set[int]]) -> list[int]:
        """Return groups to plan again at the same time: no two share a person or a room."""
        order = sorted(left, key=lambda n: (-len(left[n]), len(self._groups[n].ids), n))
        taken: set[str] = set()
        batch: list[int] = []
        for number in order:
            ties = self._ties(number)
            if left[number] and taken.isdisjoint(ties):
                batch.append(number)
                taken |= ties
        return batch[: WAVE * self._crew.size]

    def _ties(self, number: int) -> set[str]:
        meetings = (self.board.instance.meetings[id_] for id_ in self._groups[number].ids)
        return {
            name
            for meeting in meetings
            for name in (meeting.venue, *meeting.required, *meeting.quorum.people)
        }

    def _join(self) -> list[Group]:
        """Join groups where agreeing cost something; return what is worth planning again.

        No group more than doubles from round to round: large ones are slow to prove.
        """
        joined: dict[int, set[int]] = {}
        while self._bonds and not joined:
            joined = self._joined()
            self._most *= 2
        apart = ({number} for number in range(len(self._groups)) if number not in joined)
        members = [*apart, *(ids for number, ids in joined.items() if number == min(ids))]
        self._groups = [self._merged(numbers) for numbers in sorted(members, key=min)]
        return [group for group in self._groups if group.cost != group.bound]

    def _joined(self) -> dict[int, set[int]]:
        """Return for each group that is joined all those it is joined with."""
        joined: dict[int, set[int]] = {}
        for bond in self._bonds:
            merged = bond.union(*(joined.get(number, set()) for number in bond))
            if sum(len(self._groups[number].ids) for number in merged) <= self._most:
                joined.update(dict.fromkeys(merged, merged))
        return joined

    def _lost(self, number: int) -> bool:
        group = self._groups[number]
        return group.cost != group.bound

    def _merged(self, numbers: set[int]) -> Group:
        groups = [self._groups[number] for number in sorted(numbers)]
        if len(groups) == 1:
            return groups[0]
        ids = tuple(sorted(id_ for group in groups for id_ in group.ids))
        return Group(ids, sum(group.bound for group in groups))
