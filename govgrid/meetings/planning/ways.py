"""Ways out for a meeting without a place: one thing gives way, and a plan is found with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.costs import cost_of
from govgrid.meetings.planning.crew import Crew
from govgrid.meetings.planning.instance import (
    DAY,
    DayKind,
    Instance,
    Meeting,
    Reason,
    Span,
    Way,
    WayKind,
)
from govgrid.meetings.planning.parts import Limits, Part, everyone, excerpt
from govgrid.meetings.planning.starts import Moments
from govgrid.meetings.planning.wording import Wording

WORK = 3.0  # deterministic seconds to find a plan with one way
TRIES = 20  # substitutes, rooms or busy times tried of a kind
SEARCHES = 2  # of those, for how many a plan is searched that moves other meetings
NOT_YET = -1


def applied(instance: Instance, way: Way) -> Instance:
    """Return the instance with the way taken."""
    meeting = instance.meetings[way.meeting]
    if way.kind is WayKind.LIFT:
        return _lifted(instance, way)
    changed = changed_meeting(meeting, way)
    return replace(instance, meetings={**instance.meetings, meeting.id: changed})


def changed_meeting(meeting: Meeting, way: Way) -> Meeting:
    """Return the meeting with the way taken; the same where it lifts a busy time."""
    if way.allow:
        return replace(meeting, allow=(*meeting.allow, way.allow))
    if way.window:
        return replace(meeting, window=way.window)
    if way.by and way.person:
        return _substituted(meeting, way.person, way.by)
    if way.venue and way.kind is WayKind.VENUE:
        return replace(meeting, venue=way.venue)
    return meeting


def _substituted(meeting: Meeting, person: str, by: str) -> Meeting:
    required = tuple(by if one == person else one for one in meeting.required)
    convenor = by if meeting.convenor == person else meeting.convenor
    return replace(meeting, required=required, convenor=convenor)


def _lifted(instance: Instance, way: Way) -> Instance:
    if way.person:
        person = instance.people[way.person]
        busy = tuple(span for span in person.busy if span != way.busy)
        return replace(instance, people={**instance.people, person.id: replace(person, busy=busy)})
    assert way.venue
    venue = instance.venues[way.venue]
    busy = tuple(span for span in venue.busy if span != way.busy)
    return replace(instance, venues={**instance.venues, venue.id: replace(venue, busy=busy)})


class Ways:
    """Tries ways out beside a plan: what was held stays held, though perhaps at another time."""

    def __init__(
        self,
        board: Board,
        choices: Mapping[str, tuple[int, ...]],
        held: Mapping[str, int],
        crew: Crew,
        wording: Wording,
    ) -> None:
        self._board = board
        self._choices = choices
        self._held = held
        self._diary = board.diary(held)
        self._crew = crew
        self._wording = wording
        meetings = board.instance.meetings.values()
        self._counted = {person for one in meetings for person in one.quorum.people}

    def out_of(self, id_: str, reason: Reason) -> tuple[Way, ...]:
        """Return ways that were found to work, at most one of a kind and person."""
        meeting = self._board.instance.meetings[id_]
        people = [p for p in reason.people if p in meeting.required] or list(meeting.required)
        kinds = [
            *([way] for way in self._day_kinds(meeting)),
            *(self._substitutes(meeting, person) for person in people),
            self._rooms(meeting),
            *(self._lifts(meeting, person) for person in people),
            self._room_lifts(meeting),
            self._windows(meeting),
        ]
        found = (self._first(list(islice(ways, TRIES))) for ways in kinds)
        return tuple(way for way in found if way)

    def _first(self, ways: list[Way]) -> Way | None:
        """Return the first way that works, best one that moves nobody else."""
        if self._crew.over():
            return None
        tried = chain(map(self._beside, ways), map(self._among, ways[:SEARCHES]))
        return next((way for way in tried if way), None)

    def _beside(self, way: Way) -> Way | None:
        """Try the way with every other meeting where it is."""
        instance, meeting, free = self._changed(way)
        starts = [at for at in free if not self._diary.clashing(meeting, at)]
        if not starts:
            return None
        start = min(starts, key=lambda at: (cost_of(instance, meeting, at), at))
        return self._told(replace(way, start=start))

    def _among(self, way: Way) -> Way | None:
        """Try the way with the street's other meetings free to move, as few as can be."""
        instance, meeting, free = self._changed(way)
        street = [id_ for id_ in self._held if instance.meetings[id_].street == meeting.street]
        diary = self._board.diary({i: at for i, at in self._held.items() if i not in set(street)})
        choices = {
            id_: tuple(
                at for at in self._choices[id_] if not diary.clashing(instance.meetings[id_], at)
            )
            for id_ in street
        }
        choices[meeting.id] = tuple(at for at in free if not diary.clashing(meeting, at))
        if not choices[meeting.id]:
            return None
        stay = {id_: self._held[id_] for id_ in street}
        limits = Limits(WORK, self._crew.left())
        part = Part(excerpt(instance, choices, diary), choices, limits, stay=stay)
        found = self._crew.search([part], lambda _index, _found: None)[0]
        if found is None or found.assign.keys() != choices.keys():
            return None
        moves = {id_: at for id_, at in found.assign.items() if stay.get(id_, at) != at}
        return self._told(replace(way, start=found.assign[meeting.id], moves=moves))

    def _changed(self, way: Way) -> tuple[Instance, Meeting, list[int]]:
        """Return the instance with the way taken, its meeting, and when that is free."""
        instance = applied(self._board.instance, way)
        meeting = instance.meetings[way.meeting]
        moments = Moments(instance)
        return instance, meeting, moments.starts(moments.free(meeting))

    def _told(self, way: Way) -> Way:
        return replace(way, text=self._wording.way(way))

    def _day_kinds(self, meeting: Meeting) -> Iterator[Way]:
        for kind in DayKind:
            if kind not in meeting.allow:
                yield Way(WayKind.ALLOW, meeting.id, NOT_YET, "", allow=kind)

    def _substitutes(self, meeting: Meeting, person: str) -> Iterator[Way]:
        """Yield those of the same role and street who have the least to do."""
        people, away = self._board.instance.people, set(everyone(meeting))
        role, street = people[person].role, people[person].street
        fit = [
            one.id
            for one in people.values()
            if one.role == role
            and one.street == street
            and one.id not in away
            and one.id not in self._counted
        ]
        for by in sorted(fit, key=lambda one: (len(self._diary.of_person(one)), one)):
            yield Way(WayKind.SUBSTITUTE, meeting.id, NOT_YET, "", person=person, by=by)

    def _rooms(self, meeting: Meeting) -> Iterator[Way]:
        """Yield rooms, the nearest first."""
        between = self._board.roads.between
        rooms = sorted(self._board.instance.venues, key=lambda v: (between(meeting.venue, v), v))
        for room in rooms:
            if room != meeting.venue:
                yield Way(WayKind.VENUE, meeting.id, NOT_YET, "", venue=room)

    def _lifts(self, meeting: Meeting, person: str) -> Iterator[Way]:
        for span in _within(self._board.instance.people[person].busy, meeting):
            yield Way(WayKind.LIFT, meeting.id, NOT_YET, "", person=person, busy=span)

    def _room_lifts(self, meeting: Meeting) -> Iterator[Way]:
        for span in _within(self._board.instance.venues[meeting.venue].busy, meeting):
            yield Way(WayKind.LIFT, meeting.id, NOT_YET, "", venue=meeting.venue, busy=span)

    def _windows(self, meeting: Meeting) -> Iterator[Way]:
        """Yield wider windows, by one day more at a time, later days first."""
        first, last = meeting.window
        end = len(self._board.instance.days)
        for more in range(1, max(end - last, first - 1) + 1):
            for window in ((first, last + more), (first - more, last)):
                if window[0] >= 1 and window[1] <= end:
                    yield Way(WayKind.WINDOW, meeting.id, NOT_YET, "", window=window)


def _within(busy: Iterable[Span], meeting: Meeting) -> Iterator[Span]:
    """Yield the busy times that touch the window."""
    first, last = (meeting.window[0] - 1) * DAY, meeting.window[1] * DAY
    for span in dict.fromkeys(busy):
        if span.start < last and first < span.end:
            yield span
