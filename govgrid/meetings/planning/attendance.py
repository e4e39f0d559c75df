"""Which optional people come: for fixed starts the most that their other meetings allow."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from govgrid.meetings.planning.clashes import Roads
from govgrid.meetings.planning.instance import GuestKind, Instance, Meeting
from govgrid.meetings.planning.starts import Moments

FEW = 1_000_000  # one guest more never outweighs a liaison missed


class Visit(NamedTuple):
    """A meeting that a guest could come to; `worth` is what is saved by coming."""

    meeting: Meeting
    start: int
    worth: int


def attendance(
    instance: Instance, moments: Moments, roads: Roads, assign: Mapping[str, int]
) -> dict[str, tuple[str, ...]]:
    """Return who comes to each planned meeting: one guest's meetings never clash."""
    bound = _required(instance, assign)
    coming: dict[str, list[str]] = defaultdict(list)
    for person, visits in _invited(instance, moments, assign).items():
        fixed = bound.get(person, [])
        for visit in _best(roads, [v for v in visits if _fits(roads, v, fixed)]):
            coming[visit.meeting.id].append(person)
    return {id_: tuple(sorted(people)) for id_, people in sorted(coming.items())}


def _required(instance: Instance, assign: Mapping[str, int]) -> dict[str, list[Visit]]:
    bound: dict[str, list[Visit]] = defaultdict(list)
    guests = {g.person for meeting in instance.meetings.values() for g in meeting.optional}
    for id_, start in assign.items():
        meeting = instance.meetings[id_]
        for person in guests.intersection(meeting.required):
            bound[person].append(Visit(meeting, start, 0))
    return bound


def _invited(
    instance: Instance, moments: Moments, assign: Mapping[str, int]
) -> dict[str, list[Visit]]:
    invited: dict[str, list[Visit]] = defaultdict(list)
    liaison = instance.weights.liaison_missed * FEW + 1
    for id_, start in assign.items():
        meeting = instance.meetings[id_]
        bit = moments.mask([start])
        for guest in meeting.optional:
            if not moments.person(guest.person, meeting.duration) & bit:
                worth = liaison if guest.kind is GuestKind.LIAISON else 1
                invited[guest.person].append(Visit(meeting, start, worth))
    return invited


def _fits(roads: Roads, visit: Visit, others: list[Visit]) -> bool:
    """Tell whether a guest can come there besides the others; one and the same always fits."""
    return all(
        visit.meeting.id == other.meeting.id
        or roads.apart(visit.meeting, visit.start, other.meeting, other.start)
        for other in others
    )


def _best(roads: Roads, visits: list[Visit]) -> Iterator[Visit]:
    """Yield a worthiest set of visits that do not clash."""
    ordered = sorted(visits, key=lambda v: (v.start, v.start + v.meeting.duration, v.meeting.id))
    for cluster in _clusters(roads, ordered):
        yield from _chain(roads, cluster)


def _clusters(roads: Roads, ordered: list[Visit]) -> Iterator[list[Visit]]:
    """Cut where nobody could still be on the way."""
    cluster: list[Visit] = []
    end = 0
    for visit in ordered:
        if cluster and visit.start >= end:
            yield cluster
            cluster = []
        cluster.append(visit)
        end = max(end, visit.start + visit.meeting.duration + roads.longest)
    if cluster:
        yield cluster


def _chain(roads: Roads, visits: list[Visit]) -> list[Visit]:
    """Return the worthiest chain; going on from the last one is what has to be possible."""
    best: list[tuple[int, int]] = []  # worth of the best chain ending here, and the one before
    for index, visit in enumerate(visits):
        before = max(
            (
                (best[earlier][0], earlier)
                for earlier in range(index)
                if _fits(roads, visit, [visits[earlier]])
            ),
            default=(0, -1),
        )
        best.append((before[0] + visit.worth, before[1]))
    at = max(range(len(visits)), key=lambda index: best[index][0])
    chain: list[Visit] = []
    while at >= 0:
        # A way round that is shorter than the straight one would break the chain: left out then.
        if _fits(roads, visits[at], chain):
            chain.append(visits[at])
        at = best[at][1]
    return chain
