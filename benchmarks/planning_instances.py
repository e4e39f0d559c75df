"""Make instances to plan: `python -m benchmarks.planning_instances PROFILE SIZE SEED -o FILE`.

Every instance has a hidden plan that holds all meetings: nobody is made busy during it.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.exchange import write_instance
from govgrid.meetings.planning.greedy import seat
from govgrid.meetings.planning.instance import (
    DAY,
    USUAL,
    Day,
    DayKind,
    Guest,
    GuestKind,
    HalfDay,
    Instance,
    Meeting,
    Part,
    Person,
    Previous,
    Quorum,
    Span,
    Travel,
    Venue,
)

GRIDS = {"A": (540, 630, 840, 930, 1140), "B": (570, 870, 960, 1170)}
EVENING = 1080
TRAVEL = Travel(base=10, per_km=4, round=5, cap=90, same_venue=0)
BUSY = ((480, 750), (810, 1050), (1110, 1260), (480, 600), (840, 960), (630, 780))
SIZES = {"street": (40, 1), "district": (450, 12), "city": (10_000, 261)}
# 2026: Spring Festival's rest days and make-up working days, as decreed for that year
RESTS = {date(2026, 2, day) for day in range(15, 24)}
MADE_UP = {date(2026, 2, 14), date(2026, 2, 28)}


@dataclass(frozen=True, slots=True)
class Profile:
    """What makes a month hard."""

    month: date = date(2026, 11, 1)
    window: tuple[int, int] = (5, 25)
    busy: int = 9
    """Busy times of a person in the month, on average."""
    away: float = 0.0
    """Share of people who are away for a week or more."""
    per_officer: int = 6
    per_room: int = 3
    per_manager: int = 2
    roaming: float = 0.04
    """Share of managers who also serve another street."""
    evenings: float = 0.35
    """Share of units that allow evenings; above 1: evenings only."""
    weekends: float = 0.12
    entangled: float = 0.0
    """Share of meetings that require a member whom others count for their quorum."""
    streets: int | None = None


PROFILES = {
    "base": Profile(),
    "tight": Profile(window=(9, 18), busy=11),
    "spring": Profile(month=date(2026, 2, 1), busy=12),
    "absences": Profile(away=0.3),
    "one-officer": Profile(per_officer=25),
    "few-rooms": Profile(per_room=12),
    "evenings": Profile(evenings=2, per_officer=4, per_manager=1),
    "roaming": Profile(roaming=0.4, per_manager=3),
    "entangled": Profile(entangled=0.5),
    "one-street": Profile(streets=1),
    "nightmare": Profile(
        month=date(2026, 2, 1), busy=14, away=0.3, per_officer=25, per_room=5, roaming=0.1
    ),
}


def generate(profile: str, size: str, seed: int) -> Instance:
    """Return an instance; the same arguments give the same one."""
    return _Maker(PROFILES[profile], *SIZES[size], seed).make(f"{size}-{profile}-{seed}")


class _Maker:
    def __init__(self, profile: Profile, meetings: int, streets: int, seed: int) -> None:
        self.profile = profile
        self.count = meetings
        self.streets = min(profile.streets or streets, streets)
        self.dice = random.Random(seed)
        self.people: dict[str, Person] = {}
        self.venues: dict[str, Venue] = {}
        self.meetings: dict[str, Meeting] = {}
        self.days = tuple(_days(profile.month))

    def make(self, name: str) -> Instance:
        for street, size in enumerate(self._sizes()):
            self._add_street(street, size)
        self._roam()
        self._entangle()
        empty = Instance(
            f"{self.profile.month:%Y-%m}",
            self.days,
            GRIDS,
            EVENING,
            TRAVEL,
            self.venues,
            self.people,
            self.meetings,
            USUAL,
            name,
        )
        return self._busied(empty, self._hidden(empty))

    def _sizes(self) -> list[int]:
        weights = [self.dice.uniform(0.5, 1.5) for _ in range(self.streets)]
        sizes = [int(self.count * weight / sum(weights)) for weight in weights]
        sizes[0] += self.count - sum(sizes)
        return sizes

    def _person(self, role: str, street: str) -> str:
        id_ = f"{role}-{len(self.people):06}"
        self.people[id_] = Person(id_, role, street, ())
        return id_

    def _venue(self, x: float, y: float) -> str:
        id_ = f"V{len(self.venues):05}"
        self.venues[id_] = Venue(id_, round(x, 2), round(y, 2), ())
        return id_

    def _add_street(self, number: int, size: int) -> None:
        street, district = f"S{number:04}", f"D{number // 12:03}"
        profile, dice = self.profile, self.dice
        x, y = dice.uniform(-20, 20), dice.uniform(-20, 20)
        officers = [self._person("police", street) for _ in range(-(-size // profile.per_officer))]
        managers = [self._person("pm", street) for _ in range(-(-size // profile.per_manager))]
        rooms = [
            self._venue(x + dice.uniform(-1.5, 1.5), y + dice.uniform(-1.5, 1.5))
            for _ in range(-(-size // profile.per_room))
        ]
        liaison = self._person("liaison", street)
        housing = f"housing-{district}"
        self.people.setdefault(housing, Person(housing, "housing", street, ()))
        leader = secretary = ""
        for index in range(size):
            if index % 2 == 0 or not leader:
                leader = self._person("gridleader", street)
            if index % 4 == 0:
                secretary = self._person("secretary", street)
            required = [leader, dice.choice(managers), officers[index // profile.per_officer]]
            if dice.random() < 0.25:
                required.append(secretary)
            members = [self._person("micro", street) for _ in range(dice.randint(4, 9))]
            self._add_meeting(
                street,
                district,
                community=f"{street}-C{index // 4:02}",
                venue=rooms[index // profile.per_room],
                required=tuple(required),
                quorum=Quorum(tuple(members), -(-len(members) // 2)),
                optional=(Guest(liaison, GuestKind.LIAISON), Guest(housing, GuestKind.HOUSING)),
            )

    def _add_meeting(self, street: str, district: str, **given: object) -> None:
        dice, id_ = self.dice, f"M{len(self.meetings):06}"
        halves = [HalfDay(dow, part) for dow in range(1, 6) for part in (Part.AM, Part.PM)]
        grid = dice.choice("AB")
        previous = Previous(dice.randint(1, 5), dice.choice(GRIDS[grid][:-1]))
        self.meetings[id_] = Meeting(
            id=id_,
            compound=f"K{len(self.meetings):06}",
            street=street,
            district=district,
            duration=dice.choice((60, 90, 90, 90, 90, 120)),
            window=self.profile.window,
            grid=grid,
            allow=self._allowed(),
            preferred=tuple(dice.sample(halves, dice.randint(1, 3))),
            prev=previous if dice.random() < 0.8 else None,
            convenor=given["required"][0],  # type: ignore[index]
            **given,  # type: ignore[arg-type]
        )

    def _allowed(self) -> tuple[DayKind, ...]:
        if self.profile.evenings > 1:
            return (DayKind.EVENING,)
        allowed = [DayKind.WORK]
        if self.dice.random() < self.profile.evenings:
            allowed.append(DayKind.EVENING)
        if self.dice.random() < self.profile.weekends:
            allowed.append(DayKind.WEEKEND)
        return tuple(allowed)

    def _roam(self) -> None:
        """Let some managers serve a second street as well."""
        managers = [id_ for id_, person in self.people.items() if person.role == "pm"]
        for id_, meeting in self.meetings.items():
            if self.dice.random() < self.profile.roaming:
                other = self.dice.choice(managers)
                required = (meeting.required[0], other, *meeting.required[2:])
                self.meetings[id_] = replace(meeting, required=tuple(dict.fromkeys(required)))

    def _entangle(self) -> None:
        """Require members who are counted for the quorum of the street's next meeting, too."""
        ids = list(self.meetings)
        for before, id_ in pairwise(ids):
            one, other = self.meetings[before], self.meetings[id_]
            if one.street == other.street and self.dice.random() < self.profile.entangled:
                wanted = (*other.required, one.quorum.people[0])
                self.meetings[id_] = replace(other, required=wanted)

    def _hidden(self, empty: Instance) -> dict[str, int]:
        board = Board(empty)
        wanted = {id_: self.dice.choice(starts) for id_, starts in board.choices.items()}
        hidden = seat(board, wanted, lambda: False)
        if len(hidden) < len(self.meetings):
            raise SystemExit(f"no hidden plan for {empty.name}: {len(hidden)} of {self.count}")
        return hidden

    def _busied(self, empty: Instance, hidden: Mapping[str, int]) -> Instance:
        taken: dict[str, list[Span]] = defaultdict(list)
        for id_, start in hidden.items():
            meeting = self.meetings[id_]
            for name in (meeting.venue, *meeting.required, *meeting.quorum.people):
                taken[name].append(Span(start, start + meeting.duration))
        people = {
            id_: replace(person, busy=self._busy(taken[id_], self._leave(person)))
            for id_, person in self.people.items()
        }
        venues = {
            id_: replace(venue, busy=self._busy(taken[id_], None))
            for id_, venue in self.venues.items()
        }
        return replace(empty, people=people, venues=venues)

    def _leave(self, person: Person) -> Span | None:
        if person.role == "micro" or self.dice.random() >= self.profile.away:
            return None
        first = self.dice.randrange(0, len(self.days) - 7)
        return Span(first * DAY, (first + self.dice.randint(5, 12)) * DAY)

    def _busy(self, taken: Iterable[Span], leave: Span | None) -> tuple[Span, ...]:
        """Return busy times beside what is taken; a leave is cut into its days."""
        dice = self.dice
        wanted = [
            Span(day * DAY + start, day * DAY + end)
            for day, (start, end) in (
                (dice.randrange(len(self.days)), dice.choice(BUSY))
                for _ in range(dice.randint(self.profile.busy // 2, self.profile.busy * 3 // 2))
            )
        ]
        if leave:
            wanted += [Span(at, at + DAY) for at in range(leave.start, leave.end, DAY)]
        free = (
            span
            for span in sorted(set(wanted))
            if not any(span.start < end and start < span.end for start, end in taken)
        )
        return tuple(free)


def _days(first: date) -> Iterable[Day]:
    day = first
    while day.month == first.month:
        work = day in MADE_UP or (day.isoweekday() < 6 and day not in RESTS)
        yield Day(day, day.isoweekday(), work)
        day += timedelta(1)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("profile", choices=PROFILES)
    asked.add_argument("size", choices=SIZES)
    asked.add_argument("seed", type=int)
    asked.add_argument("-o", "--output", type=Path, required=True)
    given = asked.parse_args()
    given.output.write_bytes(write_instance(generate(given.profile, given.size, given.seed)))


if __name__ == "__main__":
    main()
