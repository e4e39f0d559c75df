"""The CP-SAT model of a part: a boolean for each meeting and start left to it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from ortools.sat.python import cp_model

from govgrid.meetings.planning.attendance import attendance
from govgrid.meetings.planning.clashes import Roads, overlap
from govgrid.meetings.planning.cliques import Slot, cliques
from govgrid.meetings.planning.costs import cost_of, liaisons_of, police_of
from govgrid.meetings.planning.diary import counted_elsewhere
from govgrid.meetings.planning.guests import Guest, Hold, Key, Touring, Visiting
from govgrid.meetings.planning.instance import DAY, Meeting
from govgrid.meetings.planning.parts import Part, least_cost
from govgrid.meetings.planning.starts import Moments

Value = Callable[[cp_model.IntVar], bool]


class Model:
    """Variables and constraints; `minimize_cost` or `minimize_moves` says what is sought."""

    def __init__(self, part: Part, exactly: Collection[str] = ()) -> None:
        """`exactly`: liaisons whose every visit is told by itself."""
        self.part = part
        self._exactly = exactly
        self.cp = cp_model.CpModel()
        self.held: dict[Key, cp_model.IntVar] = {}
        self.left_out: dict[str, cp_model.IntVar] = {}
        self._meetings = part.instance.meetings
        self._moments = Moments(part.instance)
        self._roads = Roads(part.instance)
        self._price: dict[Key, int] = {}
        self._guests: dict[str, Guest] = {}
        self._over: dict[tuple[str, int], cp_model.IntVar] = {}
        self._missed = 0
        self._add_meetings()
        people = list(self._add_people())
        self._add_rooms(people)
        self._add_guests()
        self._add_police()
        self._add_quorums()

    def _add_meetings(self) -> None:
        for id_, meeting in self._meetings.items():
            self.left_out[id_] = self.cp.new_bool_var("")
            for start in self.part.choices[id_]:
                self.held[id_, start] = self.cp.new_bool_var("")
                self._price[id_, start] = cost_of(self.part.instance, meeting, start)
            row = [self.held[id_, start] for start in self.part.choices[id_]]
            self.cp.add_exactly_one([self.left_out[id_], *row])

    def _add_people(self) -> Iterator[frozenset[str]]:
        """Keep everyone's meetings apart; yield the sets of meetings that one person shares."""
        sets = {frozenset(ids) for ids in self._requiring().values() if len(ids) > 1}
        for ids in sorted(_largest(sets), key=sorted):
            self._exclude(self._slots(ids), self._roads.passable, self._roads.longest)
            yield ids

    def _add_rooms(self, shared: Iterable[frozenset[str]]) -> None:
        rooms: dict[str, set[str]] = defaultdict(set)
        for id_, meeting in self._meetings.items():
            rooms[meeting.venue].add(id_)
        shared = list(shared)
        for _, ids in sorted(rooms.items()):
            if len(ids) > 1 and not any(ids <= others for others in shared):
                self._exclude(self._slots(ids), _after, 0)

    def _requiring(self) -> dict[str, set[str]]:
        requiring: dict[str, set[str]] = defaultdict(set)
        for id_, meeting in self._meetings.items():
            for person in meeting.required:
                requiring[person].add(id_)
        return requiring

    def _slots(self, ids: Iterable[str]) -> dict[Slot, list[Key]]:
        slots: dict[Slot, list[Key]] = defaultdict(list)
        for id_ in sorted(ids):
            meeting = self._meetings[id_]
            for start in self.part.choices[id_]:
                slots[_slot(meeting, start)].append((id_, start))
        return slots

    def _exclude(
        self,
        slots: Mapping[Slot, list[Key]],
        apart: Callable[[Slot, Slot], bool],
        longest: int,
    ) -> None:
        for clique in cliques(list(slots), apart, longest):
            keys = [key for slot in clique for key in slots[slot]]
            if len({id_ for id_, _ in keys}) > 1:
                self.cp.add_at_most_one([self.held[key] for key in keys])

    def _add_guests(self) -> None:
        requiring = self._requiring()
        invited: dict[str, set[str]] = defaultdict(set)
        for id_, meeting in self._meetings.items():
            for person in liaisons_of(meeting):
                invited[person].add(id_)
        weight = self.part.instance.weights.liaison_missed
        for person, ids in sorted(invited.items()):
            bound = requiring.get(person, set())
            guest = self._guests[person] = self._guest(person, ids - bound, bound)
            guest.sure += [(id_, at) for id_ in ids & bound for at in self.part.choices[id_]]
            self._missed += weight * len(ids)
            for key in guest.sure:
                self._price[key] -= weight

    def _guest(self, person: str, ids: set[str], bound: set[str]) -> Guest:
        slots = {
            slot: [key for key in keys if not self._busy(person, key)]
            for slot, keys in self._slots(ids).items()
        }
        free = {slot: keys for slot, keys in slots.items() if keys}
        hold = Hold(self.cp, self.held, self._roads)
        if person not in self._exactly:
            return Touring(hold, free, self._slots(bound))
        once = not least_cost(self.part.instance, self.part.choices)
        return Visiting(hold, free, self._slots(bound), once=once)

    def _busy(self, person: str, key: Key) -> bool:
        mask = self._moments.person(person, self._meetings[key[0]].duration)
        return bool(mask & self._moments.mask([key[1]]))

    def _add_police(self) -> None:
        soft = self.part.instance.weights.police_day_soft
        days: dict[tuple[str, int], list[Key]] = defaultdict(list)
        for key in self.held:
            for person in police_of(self.part.instance, self._meetings[key[0]]):
                days[person, key[1] // DAY].append(key)
        for day, keys in sorted(days.items()):
            room = max(0, soft - self.part.load.get(day, 0))
            if len(keys) > room:
                over = self.cp.new_int_var(0, len(keys) - room, "")
                self.cp.add(sum(self.held[key] for key in keys) - room <= over)
                self._over[day] = over

    def _add_quorums(self) -> None:
        """Whoever sits in another meeting is missing from the quorum."""
        counted = counted_elsewhere(self.part.instance)
        requiring = self._requiring()
        for id_, meeting in self._meetings.items():
            risky = [person for person in meeting.quorum.people if person in counted]
            if not risky:
                continue
            for start in self.part.choices[id_]:
                self._add_quorum(meeting, start, {p: requiring[p] - {id_} for p in risky})

    def _add_quorum(self, meeting: Meeting, start: int, risky: Mapping[str, set[str]]) -> None:
        bit = self._moments.mask([start])
        present = [
            person
            for person in meeting.quorum.people
            if not self._moments.person(person, meeting.duration) & bit
        ]
        spare = len(present) - meeting.quorum.min
        taken = [
            self._taken(keys)
            for person in present
            if (keys := list(self._overlapping(meeting, start, risky.get(person, set()))))
        ]
        if len(taken) > spare:
            self.cp.add(sum(taken) <= spare).only_enforce_if(self.held[meeting.id, start])

    def _overlapping(self, meeting: Meeting, start: int, ids: Iterable[str]) -> Iterator[Key]:
        for id_ in sorted(ids):
            other = self._meetings[id_]
            for at in self.part.choices[id_]:
                if overlap(start, meeting.duration, at, other.duration):
                    yield id_, at

    def _taken(self, keys: list[Key]) -> cp_model.IntVar:
        taken = self.cp.new_bool_var("")
        for key in keys:
            self.cp.add_implication(self.held[key], taken)
        return taken

    def minimize_cost(self) -> None:
        """Seek the lowest objective: what these meetings add to it."""
        weights = self.part.instance.weights
        terms = [(self.held[key], price) for key, price in self._price.items()]
        terms += [(out, weights.unscheduled) for out in self.left_out.values()]
        terms += [
            (var, -weights.liaison_missed * count)
            for guest in self._guests.values()
            for var, count in guest.worth
        ]
        terms += [(over, weights.police_over) for over in self._over.values()]
        self.cp.minimize(_sum(terms) + self._missed)

    def moves(self) -> cp_model.LinearExpr:
        """Return the part's `moves` of the plan sought."""
        part = self.part
        terms = [(out, part.price_out(id_)) for id_, out in self.left_out.items()]
        constant = 0
        for id_, start in part.stay.items():
            constant += part.price_moved(id_)
            if (id_, start) in self.held:
                terms.append((self.held[id_, start], -part.price_moved(id_)))
        return _sum(terms) + constant

    def missing(self, assign: Mapping[str, int], value: Value) -> dict[str, int]:
        """Return at how many meetings each liaison is said to be who cannot come to them."""
        attend = attendance(self.part.instance, self._moments, self._roads, assign)
        missing = {}
        for person, guest in self._guests.items():
            said = sum(count for var, count in guest.worth if value(var))
            said += sum(assign.get(id_) == start for id_, start in guest.sure)
            come = (id_ for id_, people in attend.items() if person in people)
            missing[person] = said - sum(person in liaisons_of(self._meetings[id_]) for id_ in come)
        return {person: count for person, count in missing.items() if count > 0}

    def hint(self, assign: Mapping[str, int]) -> None:
        """Start the search from a plan."""
        assign = {id_: start for id_, start in assign.items() if (id_, start) in self.held}
        self.cp.clear_hints()  # type: ignore[no-untyped-call]  # has no types in OR-Tools
        attend = attendance(self.part.instance, self._moments, self._roads, assign)
        load: Counter[tuple[str, int]] = Counter()
        for (id_, start), held in self.held.items():
            self.cp.add_hint(held, assign.get(id_) == start)
            if assign.get(id_) == start:
                people = police_of(self.part.instance, self._meetings[id_])
                load.update((person, start // DAY) for person in people)
        for id_, out in self.left_out.items():
            self.cp.add_hint(out, id_ not in assign)
        for person, guest in self._guests.items():
            comes = [key for key in assign.items() if person in attend.get(key[0], ())]
            for var, value in guest.hints(sorted(comes, key=itemgetter(1))):
                self.cp.add_hint(var, value)
        soft = self.part.instance.weights.police_day_soft
        for day, over in self._over.items():
            room = max(0, soft - self.part.load.get(day, 0))
            self.cp.add_hint(over, max(0, load[day] - room))


def _sum(terms: Sequence[tuple[cp_model.IntVar, int]]) -> cp_model.LinearExpr:
    variables, weights = zip(*terms, strict=True)
    return cp_model.LinearExpr.weighted_sum(variables, weights)


def _slot(meeting: Meeting, start: int) -> Slot:
    return Slot(start, start + meeting.duration, meeting.venue)


def _after(earlier: Slot, later: Slot) -> bool:
    return earlier.end <= later.start


def _largest(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Leave out sets that lie within another one: what keeps that apart keeps them apart."""
    kept: list[frozenset[str]] = []
    holding: dict[str, list[frozenset[str]]] = defaultdict(list)
    for ids in sorted(sets, key=lambda ids: (-len(ids), sorted(ids))):
        if any(ids <= other for other in holding[min(ids)]):
            continue
        kept.append(ids)
        for id_ in ids:
            holding[id_].append(ids)
    return kept
