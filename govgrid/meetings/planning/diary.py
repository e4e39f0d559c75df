"""A plan in the making: who and which room is taken when, and what a start would clash with."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain

from govgrid.meetings.planning.clashes import Roads, overlap
from govgrid.meetings.planning.instance import Instance, Meeting
from govgrid.meetings.planning.starts import Moments


class Diary:
    """Meetings placed so far, by person and by room."""

    def __init__(
        self,
        instance: Instance,
        moments: Moments,
        roads: Roads,
        counted: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Begin empty; `counted` is what `counted_elsewhere` returns for the instance."""
        self.instance = instance
        self.moments = moments
        self.roads = roads
        self.starts: dict[str, int] = {}
        self._people: dict[str, set[str]] = defaultdict(set)
        self._venues: dict[str, set[str]] = defaultdict(set)
        self._counted = counted

    def place(self, id_: str, start: int) -> None:
        meeting = self.instance.meetings[id_]
        self.starts[id_] = start
        self._venues[meeting.venue].add(id_)
        for person in meeting.required:
            self._people[person].add(id_)

    def remove(self, id_: str) -> None:
        meeting = self.instance.meetings[id_]
        del self.starts[id_]
        self._venues[meeting.venue].discard(id_)
        for person in meeting.required:
            self._people[person].discard(id_)

    def of_person(self, person: str) -> set[str]:
        """Return the placed meetings that require the person."""
        return self._people.get(person, set())

    def clashing(self, meeting: Meeting, start: int) -> set[str]:
        """Return the placed meetings that would have to give way to this start."""
        found = set()
        for id_ in self._venues.get(meeting.venue, ()):
            if self._overlaps(meeting, start, id_):
                found.add(id_)
        for person in meeting.required:
            for id_ in self._people.get(person, ()):
                other = self.instance.meetings[id_]
                if not self.roads.apart(meeting, start, other, self.starts[id_]):
                    found.add(id_)
        if self._counted:
            found.update(self._quorums(meeting, start))
        found.discard(meeting.id)
        return found

    def _overlaps(self, meeting: Meeting, start: int, id_: str) -> bool:
        other = self.instance.meetings[id_]
        return overlap(start, meeting.duration, self.starts[id_], other.duration)

    def _quorums(self, meeting: Meeting, start: int) -> Iterator[str]:
        """Yield what takes away this meeting's quorum, and whose quorum it takes away."""
        yield from self._taken(meeting, start, frozenset())
        for person in meeting.required:
            for id_ in self._counted.get(person, ()):
                if id_ == meeting.id or id_ not in self.starts:
                    continue
                if self._overlaps(meeting, start, id_):
                    other = self.instance.meetings[id_]
                    lost = frozenset(meeting.required)
                    if any(True for _ in self._taken(other, self.starts[id_], lost)):
                        yield id_

    def _taken(self, meeting: Meeting, start: int, lost: frozenset[str]) -> Iterator[str]:
        """Yield the meetings that hold members away, where too few are left; `lost` are away too."""
        bit = self.moments.mask([start])
        away: list[list[str]] = []
        free = 0
        for person in meeting.quorum.people:
            if self.moments.person(person, meeting.duration) & bit:
                continue
            held = [
                id_
                for id_ in self._people.get(person, ())
                if id_ != meeting.id and self._overlaps(meeting, start, id_)
            ]
            if held or person in lost:
                away.append(held or [meeting.id])
            else:
                free += 1
        if free < meeting.quorum.min:
            yield from chain.from_iterable(away)


def counted_elsewhere(instance: Instance) -> Mapping[str, tuple[str, ...]]:
    """Return, for people whom some meeting requires, the other meetings that count on them."""
    requiring: dict[str, set[str]] = defaultdict(set)
    for id_, meeting in instance.meetings.items():
        for person in meeting.required:
            requiring[person].add(id_)
    counted: dict[str, list[str]] = defaultdict(list)
    for id_, meeting in instance.meetings.items():
        for person in meeting.quorum.people:
            if person in requiring and requiring[person] != {id_}:
                counted[person].append(id_)
    return {person: tuple(ids) for person, ids in counted.items()}
