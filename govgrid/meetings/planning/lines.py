"""A month to plan as the database knows it: units, people and rooms behind the instance's keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from govgrid.errors import Refusal
from govgrid.meetings.planning.ground import Ground
from govgrid.meetings.planning.instance import Base, DayKind, Instance
from govgrid.meetings.queries.engaged import Away, Room, Sitting
from govgrid.meetings.queries.roster import Called, Held, Person
from govgrid.meetings.queries.units import Meets


class Treat(StrEnum):
    """What becomes of meetings that stand already."""

    KEEP = "keep"  # they stay where they are
    AGAIN = "again"  # those that nobody has confirmed are planned anew
    REPAIR = "repair"  # all may move, the fewest possible; units without one get none


@dataclass(frozen=True, slots=True)
class Adjust:
    """What gives way for one unit in this month alone: by way of a remedy, or by hand."""

    allow: tuple[DayKind, ...] = ()
    window: tuple[int, int] | None = None
    venue_id: int | None = None
    stand_ins: Mapping[str, str] = field(default_factory=dict)  # who is replaced → by whom
    pin: int | None = None  # the minute of the month at which it stays


@dataclass(frozen=True, slots=True)
class Line:
    """One unit's meeting in the plan, with who is called, where, and what stands already."""

    meets: Meets
    called: tuple[Called, ...]
    room: Room
    sitting: Sitting | None
    fixed: bool
    previous: datetime | None

    @property
    def key(self) -> str:
        return self.meets.key

    @property
    def minutes(self) -> int:
        """Return how long it takes."""
        if self.sitting is None:
            return self.meets.setup.minutes_long
        return int((self.sitting.end - self.sitting.start).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read of a unit, before times away are known."""

    meets: Meets
    posts: tuple[Held, ...]
    room: Room
    sitting: Sitting | None
    previous: datetime | None


@dataclass(frozen=True, slots=True)
class Read:
    """All that was read of an area's month."""

    drafts: list[Draft]
    people: dict[int, Person]
    away: dict[int, list[Away]]
    rooms: dict[int, Room]
    elsewhere: list[Sitting]
    middles: dict[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Problem:
    """The instance, and what its keys stand for.

    `lines` are the area's units, `elsewhere` titles of meetings outside that hold its people,
    `refused` what cannot be planned at all and why. `away` is by officer's code.
    """

    ground: Ground
    instance: Instance
    lines: Mapping[str, Line]
    elsewhere: Mapping[str, str]
    people: Mapping[str, Person]
    away: Mapping[str, tuple[Away, ...]]
    refused: Mapping[str, Refusal]
    base: Base | None = None  # a repair's: where meetings stand
