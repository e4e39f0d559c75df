"""What one line of a plan meets at every slot of its month."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from govgrid.errors import Refusal
from govgrid.meetings.models import Part, PlanLine, PlanRun
from govgrid.meetings.planning.clashes import Roads
from govgrid.meetings.planning.ground import Ground, place, travel
from govgrid.meetings.planning.instance import DayKind, Instance
from govgrid.meetings.planning.lines import adjust_of
from govgrid.meetings.queries import engaged
from govgrid.meetings.queries.lines import key_of, lines_of
from govgrid.meetings.queries.runs import names
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.meetings.rules import Slot, month_span, slots
from govgrid.meetings.rules.moving import Engaged, Guest, Moving, Way, free_guests, why_not
from govgrid.meetings.rules.settings import Setup
from govgrid.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Answer:
    """A slot, what stands in its way, and who of those asked could come."""

    slot: Slot
    obstacles: tuple[Refusal, ...]
    guests: tuple[int, ...]


def answers(
    db: Session, run: PlanRun, line: PlanLine, calendar: Calendar, *, at: datetime
) -> list[Answer]:
    """Return every slot of the line's month, where the run's other lines stay where they are."""
    setup = _adjusted(setup_of_unit(db, line.unit), run, line)
    known = names(db, [officer for officer, _role, _part in line.due])
    due = tuple(Guest(o, known.get(o, ""), Part.of_key(part)) for o, _role, part in line.due)
    meeting = Moving(
        due,
        setup.fewest(sum(one.part is Part.QUORUM for one in due)),
        line.venue_id,
        line.venue.name,
        timedelta(minutes=line.minutes_long),
    )
    taken = _Taken({one.officer_id for one in due}, line.venue_id)
    taken.read(db, run, line)
    way = _way(db, setup, Ground(run.month, calendar), {line.venue_id, *taken.rooms})
    return [
        Answer(
            slot,
            tuple(why_not(meeting, slot.start, taken.people, taken.room, way)),
            tuple(free_guests(meeting, slot.start, taken.people, way)),
        )
        for slot in slots(run.month, setup, calendar, at)
    ]


def _adjusted(setup: Setup, run: PlanRun, line: PlanLine) -> Setup:
    """Return the settings with what gives way in this run."""
    adjust = adjust_of(run.adjust.get(key_of(line.unit), {}))
    first, last = adjust.window or (setup.window_from, setup.window_to)
    return replace(
        setup,
        evenings=setup.evenings or DayKind.EVENING in adjust.allow,
        weekends=setup.weekends or DayKind.WEEKEND in adjust.allow,
        window_from=first,
        window_to=last,
        minutes_long=line.minutes_long,
    )


class _Taken:
    """What takes some people and one room in a month."""

    def __init__(self, wanted: set[int], venue_id: int) -> None:
        self.wanted, self.venue_id = wanted, venue_id
        self.people: dict[int, list[Engaged]] = defaultdict(list)
        self.room: list[Engaged] = []
        self.rooms: set[int] = set()

    def read(self, db: Session, run: PlanRun, line: PlanLine) -> None:
        """Read times away, closures, the run's other lines, and meetings outside the run."""
        start, end = month_span(run.month)
        for officer, spans in engaged.away(db, self.wanted, start, end).items():
            self.people[officer] += [Engaged(s.start, s.end, s.reason) for s in spans]
        for room in engaged.rooms_of(db, (), [self.venue_id], start, end):
            self.room += [Engaged(c.start, c.end, c.reason) for c in room.closures]
        known = self._lines(db, run, line)
        elsewhere = engaged.sittings_elsewhere(db, self.wanted, [self.venue_id], start, end, known)
        for sitting in elsewhere:
            held = Engaged(sitting.start, sitting.end, sitting.title, sitting.venue_id)
            self._hold(held, {sitter.officer_id for sitter in sitting.sitters})

    def _lines(self, db: Session, run: PlanRun, line: PlanLine) -> set[int]:
        known = set()
        for other in db.scalars(lines_of(run.id)):
            if other.meeting_id is not None:
                known.add(other.meeting_id)
            if other.id == line.id or other.start is None:
                continue
            length = timedelta(minutes=other.minutes_long)
            held = Engaged(other.start, other.start + length, other.unit.name, other.venue_id)
            required = {officer for officer, _role, part in other.due if part == Part.REQUIRED}
            self._hold(held, required | {*other.guests})
        return known

    def _hold(self, held: Engaged, officers: set[int]) -> None:
        there = officers & self.wanted
        if held.venue_id == self.venue_id:
            self.room.append(held)
        elif there and held.venue_id is not None:
            self.rooms.add(held.venue_id)
        for officer in there:
            self.people[officer].append(held)


def _way(db: Session, setup: Setup, ground: Ground, rooms: set[int]) -> Way:
    """Return how long it takes from room to room."""
    start, end = month_span(ground.month)
    known = engaged.rooms_of(db, (), rooms, start, end)
    middles = engaged.middles(db, {room.community_id for room in known})
    keys = {room.id: room.key for room in known}
    ways = travel(setup.travel_base, setup.travel_per_km, setup.travel_cap)
    roads = Roads(Instance("", ground.days, {}, 0, ways, place(known, middles), {}, {}))
    return lambda a, b: timedelta(minutes=roads.between(keys[a], keys[b]))
