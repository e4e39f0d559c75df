"""Small instances for the tests: a few meetings in November 2026, changed as a test needs."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from govgrid.meetings.planning.instance import (
    USUAL,
    Day,
    DayKind,
    Guest,
    GuestKind,
    Instance,
    Meeting,
    Person,
    Previous,
    Quorum,
    Span,
    Travel,
    Venue,
)

FIRST = date(2026, 11, 1)  # a Sunday
TRAVEL = Travel(base=10, per_km=4, round=5, cap=90, same_venue=0)


def at(day: int, clock: str) -> int:
    """Return the minute of `9:00` on that day of the month."""
    hour, minute = clock.split(":")
    return (day - 1) * 1440 + int(hour) * 60 + int(minute)


def away(*days: int) -> tuple[Span, ...]:
    return tuple(Span(at(day, "0:00"), at(day + 1, "0:00")) for day in days)


def meeting(id_: str, **changes: Any) -> Meeting:
    """Return a meeting of leader and officer in its own room, on a working day of the 2nd to 6th."""
    usual: dict[str, Any] = {
        "compound": f"compound-{id_}",
        "community": "C1",
        "street": "S1",
        "district": "D1",
        "venue": f"room-{id_}",
        "duration": 60,
        "window": (2, 6),
        "grid": "A",
        "allow": (DayKind.WORK,),
        "required": (f"leader-{id_}", "police-1"),
        "optional": (),
        "quorum": Quorum((), 0),
        "preferred": (),
        "prev": None,
        "convenor": f"leader-{id_}",
    }
    return Meeting(id=id_, **{**usual, **changes})


def instance(
    meetings: Iterable[Meeting],
    *,
    busy: Mapping[str, tuple[Span, ...]] | None = None,
    rooms_busy: Mapping[str, tuple[Span, ...]] | None = None,
    **changes: Any,
) -> Instance:
    """Return a month for the meetings: people's roles are what stands before the dash."""
    meetings = list(meetings)
    busy, rooms_busy = busy or {}, rooms_busy or {}
    people = {p for m in meetings for p in (*m.required, *m.quorum.people, m.convenor)}
    people |= {g.person for m in meetings for g in m.optional} | busy.keys()
    rooms = {m.venue for m in meetings} | rooms_busy.keys()
    days = (FIRST + timedelta(n) for n in range(30))
    usual: dict[str, Any] = {
        "month": "2026-11",
        "days": tuple(Day(day, day.isoweekday(), day.isoweekday() < 6) for day in days),
        "grids": {"A": (540, 630, 840, 930, 1140)},
        "evening_from": 1080,
        "travel": TRAVEL,
        "venues": {r: Venue(r, 0, 0, rooms_busy.get(r, ())) for r in sorted(rooms)},
        "people": {
            p: Person(p, p.partition("-")[0], "S1", busy.get(p, ())) for p in sorted(people)
        },
        "meetings": {m.id: m for m in meetings},
        "weights": USUAL,
    }
    return Instance(**{**usual, **changes})


def liaison(person: str = "liaison-1") -> Guest:
    return Guest(person, GuestKind.LIAISON)


def busy_month(count: int = 24) -> Instance:
    """Return meetings of three streets that share officers, leaders and a manager."""
    rows = []
    for number in range(count):
        street = f"S{number % 3}"
        people = (f"leader-{number // 3}", f"police-{street}-{number % 2}")
        rows.append(
            meeting(
                f"M{number:03}",
                street=street,
                window=(2, 10 + count // 20),
                required=(*people, "pm-1") if number % 6 == 0 else people,
                optional=(liaison(f"liaison-{street}"),),
                venue=f"room-{number // 4}",
                prev=Previous(number % 5 + 1, 540),
            )
        )
    return instance(rows, busy={"pm-1": away(2, 3, 4, 5)})
