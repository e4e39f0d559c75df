"""What settings come to: inherited from street to community to unit, and what contradicts itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from govgrid.access import Role
from govgrid.errors import Invalid, Refusal
from govgrid.meetings.models import AgendaKind, Kind, Part, Reminder, Scope
from govgrid.words import N_
from govgrid.workdays import Calendar, DayKind

NOON, EVENING = 12 * 60, 18 * 60  # minutes of the day
EARLIEST, LATEST = 7 * 60, 22 * 60
HALVES = ("am", "pm", "eve")
DEFAULT = N_("系统默认")
OWN_ROOM = "%s会议室"  # what a community's own room is called where nobody named it
PLAIN = (
    "scope", "venue_id", "minutes_long", "window_from", "window_to", "starts", "evenings",
    "weekends", "quorum", "preferred", "travel_base", "travel_per_km", "travel_cap",
    "reminders", "follow_up", "due_days", "agenda",
)  # fmt: skip
_COMMON: dict[str, Any] = {
    "venue_id": None,
    "minutes_long": 60,
    "window_from": 1,
    "window_to": 31,
    "preferred": [],
    "quorum": 50,
    "travel_base": 10,
    "travel_per_km": 4,
    "travel_cap": 90,
    "reminders": [[role.value, Reminder.DAY.value] for role in Role],
    "follow_up": 3,
    "due_days": 3,
}
DEFAULTS: dict[Kind, dict[str, Any]] = {
    Kind.JOINT: {
        **_COMMON,
        "scope": Scope.COMPOUND,
        "starts": [540, 630, 840, 930, 1140],
        "evenings": False,
        "weekends": False,
        "agenda": [
            [AgendaKind.REQUIREMENT.value, N_("通报主管部门工作要求落实情况"), 10],
            [AgendaKind.CASE.value, N_("通报居民诉求办理情况"), 20],
            [AgendaKind.SHOWCASE.value, N_("通报物业服务“双晒”情况"), 15],
        ],
        "roster": {
            Role.SECRETARY: Part.REQUIRED,
            Role.GRID_LEADER: Part.REQUIRED,
            Role.POLICE: Part.REQUIRED,
            Role.PROJECT_MANAGER: Part.REQUIRED,
            Role.MICRO_GRID_MEMBER: Part.QUORUM,
            Role.LIAISON: Part.OPTIONAL,
        },
    },
    # An owners' meeting is the project's promise: in hours in which owners are at home.
    Kind.OWNERS: {
        **_COMMON,
        "scope": Scope.NOBODY,
        "starts": [570, 870, 1140],
        "evenings": True,
        "weekends": True,
        "agenda": [
            [AgendaKind.SHOWCASE.value, N_("通报物业服务“双晒”情况"), 20],
            [AgendaKind.CASE.value, N_("通报居民诉求办理情况"), 20],
            [AgendaKind.PROPOSAL.value, N_("听取业主意见和建议"), 15],
        ],
        "roster": {
            Role.PROJECT_MANAGER: Part.REQUIRED,
            Role.OWNERS_COMMITTEE: Part.QUORUM,
            Role.STEWARD: Part.OPTIONAL,
            Role.GRID_LEADER: Part.OPTIONAL,
        },
    },
}
# What each kind of meeting hears: no template leaves it out, and no agenda drops it.
HEARD: dict[Kind, frozenset[AgendaKind]] = {
    Kind.JOINT: frozenset({AgendaKind.REQUIREMENT, AgendaKind.CASE, AgendaKind.SHOWCASE}),
    Kind.OWNERS: frozenset({AgendaKind.SHOWCASE, AgendaKind.CASE}),
}
CONVENORS: dict[Kind, tuple[Role, ...]] = {
    Kind.JOINT: (Role.SECRETARY, Role.GRID_LEADER),
    Kind.OWNERS: (Role.PROJECT_MANAGER,),
}
SCOPES: dict[Kind, tuple[Scope, ...]] = {
    Kind.JOINT: tuple(Scope),
    Kind.OWNERS: (Scope.NOBODY, Scope.COMPOUND),
}


class Standing(NamedTuple):
    """A standing item of a unit's agendas, and the minutes it is given."""

    kind: AgendaKind
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings that hold, and by field (`roster.police` …) the name of the place that says so."""

    kind: Kind
    scope: Scope
    venue_id: int | None
    minutes_long: int
    window_from: int
    window_to: int
    starts: tuple[int, ...]
    evenings: bool
    weekends: bool
    quorum: int
    preferred: tuple[tuple[int, str], ...]
    travel_base: int
    travel_per_km: int
    travel_cap: int
    reminders: frozenset[tuple[Role, Reminder]]
    follow_up: int
    due_days: int
    agenda: tuple[Standing, ...]
    roster: Mapping[Role, Part]
    sources: Mapping[str, str] = field(compare=False)

    def part(self, role: Role) -> Part:
        """Return what the role's holders are to the meeting."""
        return self.roster.get(role, Part.NONE)

    def allows(self, kind: DayKind, minute: int) -> bool:
        """Tell whether a meeting may begin at that minute of a day of that kind."""
        if kind is DayKind.HOLIDAY or (kind is DayKind.WEEKEND and not self.weekends):
            return False
        return self.evenings or minute < EVENING or kind is DayKind.WEEKEND

    def within(self, day: date) -> bool:
        """Tell whether the day lies in the window of its month."""
        return self.window_from <= day.day <= self.window_to

    def fewest(self, members: int) -> int:
        """Return how many of so many members must come."""
        return min(members, members * self.quorum // 100 + 1) if members else 0


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says: values by column, None where it says nothing."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saying:
    """An area's own settings, and the area whose settings it takes where it has none."""

    name: str
    values: Mapping[str, Any]
    like_id: int | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """The settings of areas for one kind of meeting."""

    kind: Kind
    says: Mapping[int, Saying]

    def layers(self, area_id: int, above: Iterable[int]) -> list[Layer]:
        """Return who says something about an area's meetings, the nearest first.

        Raise `Invalid` where areas are like one another in a circle.
        """
        return [
            Layer(said.name, said.values)
            for place in (area_id, *above)
            for said in self._like(place)
        ]

    def _like(self, area_id: int) -> Iterator[Saying]:
        seen: dict[int, str] = {}
        place: int | None = area_id
        while place is not None and (said := self.says.get(place)) is not None:
            if place in seen:
                raise Invalid(
                    "会议设置的沿用关系成环：%(circle)s。请取消其中一处“沿用”。",
                    circle=" → ".join([*seen.values(), said.name]),
                )
            seen[place] = said.name
            yield said
            place = said.like_id

    def setup(self, area_id: int, above: Iterable[int], *own: Layer) -> Setup:
        """Return what holds for an area, or with a layer of its own for one of its units."""
        return resolve(self.kind, [*own, *self.layers(area_id, above)])


def resolve(kind: Kind, layers: Iterable[Layer]) -> Setup:
    """Return what the layers, the nearest first, come to over the defaults."""
    said = [*layers, Layer(DEFAULT, DEFAULTS[kind])]
    sources: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name in PLAIN:
        layer = next((one for one in said if one.values.get(name) is not None), said[-1])
        values[name], sources[name] = layer.values.get(name), layer.name
    roster: dict[Role, Part] = {}
    for role in Role:
        speaks = (one for one in said if role in (one.values.get("roster") or {}))
        layer = next(speaks, said[-1])
        sources[f"roster.{role}"] = layer.name
        part = Part.of_key((layer.values.get("roster") or {}).get(role, Part.NONE))
        if part is not Part.NONE:
            roster[role] = part
    return Setup(
        kind=kind,
        scope=Scope.of_key(values.pop("scope")),
        starts=tuple(sorted(values.pop("starts"))),
        preferred=tuple((int(dow), str(half)) for dow, half in values.pop("preferred")),
        reminders=_pairs(tuple((role, kind) for role, kind in values.pop("reminders"))),
        agenda=_standing(tuple(map(tuple, values.pop("agenda")))),
        roster=roster,
        sources=sources,
        **values,
    )


@lru_cache(maxsize=1000)
def _pairs(keys: tuple[tuple[str, str], ...]) -> frozenset[tuple[Role, Reminder]]:
    return frozenset((Role.of_key(role), Reminder.of_key(kind)) for role, kind in keys)


@lru_cache(maxsize=1000)
def _standing(rows: tuple[tuple[str, str, int], ...]) -> tuple[Standing, ...]:
    return tuple(Standing(AgendaKind.of_key(kind), title, minutes) for kind, title, minutes in rows)


def contradictions(setup: Setup) -> Iterator[tuple[str, Refusal]]:
    """Yield each field that cannot be meant, with why and who says it."""
    who = setup.sources
    if setup.scope not in SCOPES[setup.kind]:
        yield "scope", Invalid("业主恳谈会只能按小区召开（来自%(who)s）。", who=who["scope"])
    if setup.window_from > setup.window_to:
        yield (
            "window_to",
            Invalid(
                "召开窗口的起日 %(first)s（来自%(one)s）晚于止日 %(last)s（来自%(other)s）。",
                first=setup.window_from,
                one=who["window_from"],
                last=setup.window_to,
                other=who["window_to"],
            ),
        )
    yield from _wrong_starts(setup)
    yield from _wrong_halves(setup)
    if not any(setup.part(role) is Part.REQUIRED for role in CONVENORS[setup.kind]):
        roles = [role.word for role in CONVENORS[setup.kind]]
        yield (
            f"roster.{CONVENORS[setup.kind][0]}",
            Invalid("会议没有召集人：%(roles)s中至少有一个应为必到。", roles=roles),
        )


def _wrong_starts(setup: Setup) -> Iterator[tuple[str, Refusal]]:
    who = setup.sources["starts"]
    if not setup.starts or len(set(setup.starts)) != len(setup.starts):
        yield "starts", Invalid("开始时刻为空或有重复（来自%(who)s）。", who=who)
        return
    last = setup.starts[-1] + setup.minutes_long
    if setup.starts[0] < EARLIEST or last > LATEST:
        yield (
            "starts",
            Invalid("会议应在 07:00—22:00 之间：开始时刻来自%(who)s，时长 %(n)s 分钟来自%(other)s。",
                    who=who, n=setup.minutes_long, other=setup.sources["minutes_long"]),
        )  # fmt: skip
    if not setup.evenings and not setup.weekends and setup.starts[0] >= EVENING:
        yield (
            "starts",
            Invalid("开始时刻都在晚间（来自%(who)s），而晚间不安排会议（来自%(other)s）。",
                    who=who, other=setup.sources["evenings"]),
        )  # fmt: skip


def _wrong_halves(setup: Setup) -> Iterator[tuple[str, Refusal]]:
    held = {half_of(minute) for minute in setup.starts}
    for dow, half in setup.preferred:
        shut = (dow > 5 and not setup.weekends) or (
            half == "eve" and dow <= 5 and not setup.evenings
        )
        if shut or half not in held:
            yield (
                "preferred",
                Invalid(
                    "优先时段（来自%(who)s）中有不可能的半天：周末、晚间未开放，或没有对应的开始时刻。",
                    who=setup.sources["preferred"],
                ),
            )
            return


def half_of(minute: int) -> str:
    """Return am, pm or eve for a minute of the day."""
    return "am" if minute < NOON else "eve" if minute >= EVENING else "pm"


def open_days(setup: Setup, month: date, calendar: Calendar) -> list[date]:
    """Return the days of the month on which a meeting may begin."""
    following = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    days = (month + timedelta(days=n) for n in range((following - month).days))
    return [
        day
        for day in days
        if setup.within(day) and any(setup.allows(calendar.kind(day), m) for m in setup.starts)
    ]


def workless(setup: Setup, months: Iterable[date], calendar: Calendar) -> date | None:
    """Return the first of the months whose window holds no day to meet on."""
    return next((month for month in months if not open_days(setup, month, calendar)), None)
