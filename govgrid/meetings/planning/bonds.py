"""What ties groups of meetings that never clash: an officer's full day, a guest's choice."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from govgrid.meetings.planning.costs import liaisons_of, police_of
from govgrid.meetings.planning.instance import DAY, Instance


def dearer_together(
    instance: Instance, groups: Sequence[Sequence[str]], assign: Mapping[str, int]
) -> list[set[int]]:
    """Return the numbers of groups that together may cost more than each alone."""
    return [*_full_days(instance, groups, assign), *_shared_guests(instance, groups)]


def _full_days(
    instance: Instance, groups: Sequence[Sequence[str]], assign: Mapping[str, int]
) -> Iterator[set[int]]:
    """Yield groups that share an officer's day that is too full."""
    days: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for number, ids in enumerate(groups):
        for id_ in ids:
            if id_ in assign:
                for person in police_of(instance, instance.meetings[id_]):
                    days[person, assign[id_] // DAY][number] += 1
    for _, counts in sorted(days.items()):
        if len(counts) > 1 and counts.total() > instance.weights.police_day_soft:
            yield set(counts)


def _shared_guests(instance: Instance, groups: Sequence[Sequence[str]]) -> Iterator[set[int]]:
    """Yield groups that share a liaison who is asked for in one of them."""
    guests = {p for meeting in instance.meetings.values() for p in liaisons_of(meeting)}
    places: dict[str, set[int]] = defaultdict(set)
    for number, ids in enumerate(groups):
        for id_ in ids:
            meeting = instance.meetings[id_]
            for person in guests.intersection((*meeting.required, *liaisons_of(meeting))):
                places[person].add(number)
    for _, numbers in sorted(places.items()):
        if len(numbers) > 1:
            yield numbers
