"""Parts of a month that are planned by themselves: a street, or streets that have to agree."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from govgrid.meetings.planning.costs import cost_of, liaisons_of, police_of
from govgrid.meetings.planning.diary import Diary
from govgrid.meetings.planning.instance import DAY, Instance, Meeting, Person, Span


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a search may take: `work` in deterministic seconds, `seconds` by the clock."""

    work: float
    seconds: float
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Meetings to plan together, and what the rest of the plan leaves them."""

    instance: Instance
    """Holds these meetings only; what people do elsewhere stands in their busy times."""
    choices: Mapping[str, tuple[int, ...]]
    """The starts that are left to each meeting."""
    limits: Limits
    hint: Mapping[str, int] = field(default_factory=dict)
    load: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """Meetings elsewhere by police officer and day (from 0)."""
    stay: Mapping[str, int] = field(default_factory=dict)
    """Repair: where meetings should stay; moving the fewest comes before the objective."""
    dear: frozenset[str] = frozenset()
    """Repair: those of `stay` that move only when nothing else helps."""
    whole: bool = False
    """Ask no more than whether all can be held."""

    def price_out(self, id_: str) -> int:
        """Return what leaving a meeting out weighs: more than moving all that are not dear."""
        count = len(self.instance.meetings) + 1
        return count**3 if id_ in self.dear else count**2

    def price_moved(self, id_: str) -> int:
        return len(self.instance.meetings) + 1 if id_ in self.dear else 1

    def moves(self, assign: Mapping[str, int]) -> int:
        """Return what a repair minimizes first: meetings left out, then moved ones, dear ones most."""
        out = sum(self.price_out(id_) for id_ in self.instance.meetings if id_ not in assign)
        moved = (id_ for id_, start in self.stay.items() if assign.get(id_) != start)
        return out + sum(map(self.price_moved, moved))


@dataclass(frozen=True, slots=True)
class Found:
    """What a search of a part came to; `bound` holds for the part alone."""

    assign: Mapping[str, int]
    objective: int
    bound: int
    work: float
    """Deterministic seconds it took."""
    done: bool
    """Ended by proof or by its work limit, not by the clock."""
    fewest: int = 0
    """Repair: proven, no plan of the part has lower `moves`."""
    impossible: bool = False
    """Proven: not all can be held, which was asked for."""


Better = Callable[[Found], None]
"""Is told of each better plan while the search goes on."""


def streets_of(instance: Instance) -> list[list[str]]:
    """Return the meetings street by street, in order."""
    streets: dict[str, list[str]] = defaultdict(list)
    for id_, meeting in sorted(instance.meetings.items()):
        streets[meeting.street].append(id_)
    return [ids for _, ids in sorted(streets.items())]


def excerpt(instance: Instance, ids: Iterable[str], diary: Diary | None = None) -> Instance:
    """Return what these meetings need; other placed meetings become busy times of their people."""
    meetings = {id_: instance.meetings[id_] for id_ in sorted(ids)}
    names = {name for meeting in meetings.values() for name in everyone(meeting)}
    rooms = {meeting.venue for meeting in meetings.values()}
    people = {name: instance.people[name] for name in sorted(names)}
    if diary:
        people = {name: _engaged(person, diary, meetings) for name, person in people.items()}
    venues = {room: instance.venues[room] for room in sorted(rooms)}
    return replace(instance, meetings=meetings, people=people, venues=venues)


def everyone(meeting: Meeting) -> Iterable[str]:
    """Return who is required, invited, counted, or convenes."""
    guests = (guest.person for guest in meeting.optional)
    return {*meeting.required, *guests, *meeting.quorum.people, meeting.convenor}


def _engaged(person: Person, diary: Diary, inside: Mapping[str, Meeting]) -> Person:
    elsewhere = sorted(diary.of_person(person.id) - inside.keys())
    spans = tuple(
        Span(diary.starts[id_], diary.starts[id_] + diary.instance.meetings[id_].duration)
        for id_ in elsewhere
    )
    return replace(person, busy=person.busy + spans) if spans else person


def load_of(
    instance: Instance, assign: Mapping[str, int], but: Iterable[str]
) -> Counter[tuple[str, int]]:
    """Count meetings by police officer and day, without those in `but`."""
    load: Counter[tuple[str, int]] = Counter()
    for id_ in assign.keys() - set(but):
        for person in police_of(instance, instance.meetings[id_]):
            load[person, assign[id_] // DAY] += 1
    return load


def least_cost(instance: Instance, choices: Mapping[str, Iterable[int]]) -> int:
    """Return a bound that needs no search: every meeting at its cheapest, nobody in the way."""
    weights = instance.weights
    total = 0
    for id_, starts in choices.items():
        meeting = instance.meetings[id_]
        out = weights.unscheduled + weights.liaison_missed * len(liaisons_of(meeting))
        total += min([out, *(cost_of(instance, meeting, start) for start in starts)])
    return total
