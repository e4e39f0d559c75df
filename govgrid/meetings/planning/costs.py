"""What a plan costs, part by part: the same weights for every way of planning."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

from govgrid.meetings.planning.instance import DAY, GuestKind, Instance, Meeting
from govgrid.meetings.planning.starts import part_of

POLICE = "police"


@dataclass(frozen=True, slots=True)
class Score:
    """Cost by cause; `total` is the plan's objective."""

    unscheduled: int = 0
    stability: int = 0
    preference: int = 0
    late: int = 0
    offhours: int = 0
    police_over: int = 0
    liaison_missed: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, part.name) for part in fields(self))


def cost_of(instance: Instance, meeting: Meeting, start: int) -> int:
    """Return what this start costs by itself, whatever other meetings do."""
    return (
        stability(instance, meeting, start)
        + preference(instance, meeting, start)
        + late(instance, start)
        + offhours(instance, start)
    )


def stability(instance: Instance, meeting: Meeting, start: int) -> int:
    before, weights = meeting.prev, instance.weights
    if before is None:
        return 0
    same_day = instance.days[start // DAY].dow == before.dow
    same_time = start % DAY == before.start
    if same_day:
        return 0 if same_time else weights.keep_dow_only
    return weights.keep_start_only if same_time else weights.keep_none


def preference(instance: Instance, meeting: Meeting, start: int) -> int:
    half = (instance.days[start // DAY].dow, part_of(instance, start % DAY))
    return 0 if half in meeting.preferred else instance.weights.not_preferred


def late(instance: Instance, start: int) -> int:
    weights = instance.weights
    return weights.late_per_day * max(0, start // DAY + 1 - weights.late_after_day)


def offhours(instance: Instance, start: int) -> int:
    if not instance.days[start // DAY].work:
        return instance.weights.weekend
    return instance.weights.evening if start % DAY >= instance.evening_from else 0


def police_of(instance: Instance, meeting: Meeting) -> list[str]:
    """Return whose days the meeting weighs on; who is named twice counts twice."""
    return [person for person in meeting.required if instance.people[person].role == POLICE]


def liaisons_of(meeting: Meeting) -> list[str]:
    return [guest.person for guest in meeting.optional if guest.kind is GuestKind.LIAISON]


def score(
    instance: Instance, assign: Mapping[str, int], attend: Mapping[str, tuple[str, ...]]
) -> Score:
    """Return what the plan costs."""
    weights = instance.weights
    parts: Counter[str] = Counter()
    load: Counter[tuple[str, int]] = Counter()
    for id_, meeting in instance.meetings.items():
        start = assign.get(id_)
        came = attend.get(id_, ()) if start is not None else ()
        missed = sum(person not in came for person in liaisons_of(meeting))
        parts["liaison_missed"] += weights.liaison_missed * missed
        if start is None:
            parts["unscheduled"] += weights.unscheduled
            continue
        parts["stability"] += stability(instance, meeting, start)
        parts["preference"] += preference(instance, meeting, start)
        parts["late"] += late(instance, start)
        parts["offhours"] += offhours(instance, start)
        load.update((person, start // DAY) for person in police_of(instance, meeting))
    over = sum(max(0, times - weights.police_day_soft) for times in load.values())
    return Score(**parts, police_over=weights.police_over * over)
