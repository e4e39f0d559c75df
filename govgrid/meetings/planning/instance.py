"""What is to be planned and what was planned: plain values; times are whole minutes from day 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

DAY = 1440


class DayKind(StrEnum):
    """What a meeting may fall on; a weekend is any day that is no working day."""

    WORK = "work"
    EVENING = "evening"
    WEEKEND = "weekend"


class Part(StrEnum):
    """A third of a day: until noon, until `evening_from`, after it."""

    AM = "am"
    PM = "pm"
    EVE = "eve"


class GuestKind(StrEnum):
    """Who is asked to come, not required."""

    LIAISON = "liaison"
    HOUSING = "housing"


class ReasonKind(StrEnum):
    """Why a meeting has no place in the plan."""

    NO_FREE_SLOT = "no_free_slot"
    TWO_PEOPLE_NEVER_MEET = "two_people_never_meet"
    VENUE_FULL = "venue_full"
    CONFLICT_SET = "conflict_set"
    NOT_FOUND = "not_found"
    """The time ended before a place was found or excluded."""


class WayKind(StrEnum):
    """What gives way so that a meeting finds its place."""

    ALLOW = "allow"
    SUBSTITUTE = "substitute"
    VENUE = "venue"
    LIFT = "lift"
    WINDOW = "window"


class Span(NamedTuple):
    """Minutes `[start, end)`."""

    start: int
    end: int


class HalfDay(NamedTuple):
    """A weekday (1 Monday to 7) and a part of it."""

    dow: int
    part: Part


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    dow: int
    work: bool
    """Decreed rest days are none, make-up working days are."""


@dataclass(frozen=True, slots=True)
class Venue:
    """A room at `x`, `y` kilometres; it holds one meeting at a time."""

    id: str
    x: float
    y: float
    busy: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    role: str
    street: str
    busy: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Guest:
    person: str
    kind: GuestKind


@dataclass(frozen=True, slots=True)
class Quorum:
    """At least `min` of the people must be free."""

    people: tuple[str, ...]
    min: int


@dataclass(frozen=True, slots=True)
class Previous:
    """When the unit met last month: weekday and minute of the day."""

    dow: int
    start: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """One unit's meeting of the month: what it needs, and what it would like."""

    id: str
    compound: str
    community: str
    street: str
    district: str
    venue: str
    duration: int
    window: tuple[int, int]
    """First and last day, counted from 1."""
    grid: str
    """Name of the slot grid."""
    allow: tuple[DayKind, ...]
    required: tuple[str, ...]
    optional: tuple[Guest, ...]
    quorum: Quorum
    preferred: tuple[HalfDay, ...]
    prev: Previous | None
    convenor: str


@dataclass(frozen=True, slots=True)
class Travel:
    """Minutes between venues: `min(cap, base + round·ceil(km·per_km/round))`."""

    base: int
    per_km: float
    round: int
    cap: int
    same_venue: int


@dataclass(frozen=True, slots=True)
class Weights:
    """What each thing costs that a plan should rather not do."""

    unscheduled: int
    keep_dow_only: int
    keep_start_only: int
    keep_none: int
    not_preferred: int
    late_after_day: int
    late_per_day: int
    evening: int
    weekend: int
    police_day_soft: int
    police_over: int
    liaison_missed: int


USUAL = Weights(
    unscheduled=1000,
    keep_dow_only=2,
    keep_start_only=3,
    keep_none=5,
    not_preferred=2,
    late_after_day=20,
    late_per_day=1,
    evening=1,
    weekend=3,
    police_day_soft=2,
    police_over=6,
    liaison_missed=3,
)


@dataclass(frozen=True, slots=True)
class Instance:
    """A month to plan: minute 0 is 00:00 of `days[0]`."""

    month: str
    days: tuple[Day, ...]
    grids: Mapping[str, tuple[int, ...]]
    """Start minutes of the day, by name."""
    evening_from: int
    travel: Travel
    venues: Mapping[str, Venue]
    people: Mapping[str, Person]
    meetings: Mapping[str, Meeting]
    weights: Weights = USUAL
    name: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that, given up, lets the meeting be held: tried and found to work."""

    kind: WayKind
    meeting: str
    start: int
    """When the meeting could then be held."""
    text: str
    moves: Mapping[str, int] = field(default_factory=dict)
    """Other meetings that would move, and to when."""
    allow: DayKind | None = None
    """ALLOW: the kind of day to open."""
    person: str | None = None
    """SUBSTITUTE: who is replaced; LIFT: whose busy time."""
    by: str | None = None
    """SUBSTITUTE: who comes instead."""
    venue: str | None = None
    """VENUE: the other room; LIFT: the room whose busy time."""
    busy: Span | None = None
    """LIFT: the busy time to lift."""
    window: tuple[int, int] | None = None
    """WINDOW: the wider window."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one meeting is not planned, in keys and in words."""

    kind: ReasonKind
    people: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    """Days of the window on which it fails, counted from 1."""
    text: str = ""
    meetings: tuple[str, ...] = ()
    """CONFLICT_SET, VENUE_FULL: meetings that cannot all be held."""
    venue: str | None = None
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Starts and guests by meeting, and a reason for each meeting without a place."""

    assign: Mapping[str, int]
    attend: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Optional people who come."""
    unplanned: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    bound: int = 0
    """Proven: no plan has a lower objective."""
    objective: int = 0
    seconds: float = 0
    """Work of the search in deterministic seconds: the same on every machine."""
    cut: bool = False
    """Ended by the clock or an interrupt, so another run may find another plan."""


@dataclass(frozen=True, slots=True)
class Base:
    """The plan to repair: `confirmed` meetings stay unless `forced` or impossible by themselves."""

    assign: Mapping[str, int]
    confirmed: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come."""

    plans: int
    objective: int
    bound: int
    planned: int
    unplanned: int
