"""Which literals of one person or room exclude each other: a few large at-most-ones cover all."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class Slot(NamedTuple):
    """Being somewhere from `start` to `end`."""

    start: int
    end: int
    venue: str


Apart = Callable[[Slot, Slot], bool]
"""Tells of two slots, the earlier one first, whether one can be in both."""


def cliques(slots: Sequence[Slot], apart: Apart, longest: int) -> Iterator[list[Slot]]:
    """Yield sets of slots that all exclude each other, together covering every such pair.

    `longest` is the longest way; a slot excludes itself, so a set may hold one only.
    """
    for cluster in clusters(sorted(slots), longest):
        yield from _cover(cluster, apart)


def clusters(ordered: Sequence[Slot], longest: int) -> Iterator[list[Slot]]:
    """Cut where nobody could still be on the way."""
    cluster: list[Slot] = []
    end = 0
    for slot in ordered:
        if cluster and slot.start >= end:
            yield cluster
            cluster = []
        cluster.append(slot)
        end = max(end, slot.end + longest)
    if cluster:
        yield cluster


def _cover(slots: list[Slot], apart: Apart) -> Iterator[list[Slot]]:
    """Grow a clique from each pair not covered yet, nearest in time first."""
    count = len(slots)
    near = [0] * count  # bit masks of who excludes whom
    for later in range(count):
        for earlier in range(later):
            if not apart(slots[earlier], slots[later]):
                near[earlier] |= 1 << later
                near[later] |= 1 << earlier
    left = list(near)
    for seed in range(count):
        if not near[seed]:
            yield [slots[seed]]
        while left[seed]:
            members = _grown(seed, near, left)
            mask = sum(1 << member for member in members)
            for member in members:
                left[member] &= ~mask
            yield [slots[member] for member in members]


def _grown(seed: int, near: list[int], left: list[int]) -> list[int]:
    members = [seed]
    candidates = near[seed]
    while candidates:
        # what is still to be covered comes first, then what only makes the clique larger
        wanted = candidates & left[seed] or candidates
        low = (wanted & -wanted).bit_length() - 1
        members.append(low)
        candidates &= near[low]
    return members
