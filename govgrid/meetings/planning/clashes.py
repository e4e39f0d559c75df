"""When two meetings cannot both be held: one room, or one person and the way between rooms."""

import math
from functools import cache

from govgrid.meetings.planning.cliques import Slot
from govgrid.meetings.planning.instance import Instance, Meeting


class Roads:
    """Travel minutes between venues, each pair worked out once."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.between = cache(self._between)
        self.same = instance.travel.same_venue
        self.longest = max(instance.travel.cap, self.same)

    def _between(self, a: str, b: str) -> int:
        travel = self._instance.travel
        if a == b:
            return travel.same_venue
        one, other = self._instance.venues[a], self._instance.venues[b]
        km = math.sqrt((one.x - other.x) ** 2 + (one.y - other.y) ** 2)
        steps = math.ceil(km * travel.per_km / travel.round)
        return min(travel.cap, travel.base + travel.round * steps)

    def apart(self, one: Meeting, start: int, other: Meeting, other_start: int) -> bool:
        """Tell whether one person can sit in both."""
        way = self.between(one.venue, other.venue)
        if start <= other_start:
            return start + one.duration + way <= other_start
        return other_start + other.duration + way <= start

    def passable(self, earlier: Slot, later: Slot) -> bool:
        """Tell whether one person can be in the one and then in the other."""
        return earlier.end + self.between(earlier.venue, later.venue) <= later.start


def overlap(start: int, duration: int, other: int, other_duration: int) -> bool:
    return start < other + other_duration and other < start + duration
