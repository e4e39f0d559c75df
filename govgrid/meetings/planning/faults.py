"""Contradictions in an instance or a base: where, and what."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from govgrid.meetings.planning.instance import DAY, Base, Instance, Meeting, Span
from govgrid.meetings.planning.starts import open_starts
from govgrid.words import N_, Term

Fault = tuple[str, Term | str]
"""A place such as `meetings[3].window`, and what is wrong there."""
MOST_DAYS = 400
DEAREST = 1_000_000
FARTHEST = 50_000  # km
"""Larger numbers are slips, and sums of them would not fit into the solver."""


def instance_faults(instance: Instance) -> Iterator[Fault]:
    """Yield every contradiction; none means that it can be planned from."""
    yield from _settings(instance)
    yield from _calendar(instance)
    for index, venue in enumerate(instance.venues.values()):
        where = f"venues[{index}]（{venue.id}）"
        yield from _busy(f"{where}.busy", venue.busy)
        if max(abs(venue.x), abs(venue.y)) > FARTHEST:
            yield where, N_("坐标应在 ±50000 公里之内")
    for index, person in enumerate(instance.people.values()):
        yield from _busy(f"people[{index}]（{person.id}）.busy", person.busy)
    for index, meeting in enumerate(instance.meetings.values()):
        where = f"meetings[{index}]（{meeting.id}）"
        found = list(_meeting(instance, meeting))
        yield from ((f"{where}.{place}", what) for place, what in found)
        if not found and not any(open_starts(instance, meeting)):
            yield f"{where}.window", N_("窗口内没有允许开会的日子和时段")


def base_faults(instance: Instance, base: Base) -> Iterator[Fault]:
    """Yield every start outside the month."""
    end = len(instance.days) * DAY
    for id_, start in base.assign.items():
        if not 0 <= start < end:
            yield f"assign.{id_}", N_("不在当月之内")


def _settings(instance: Instance) -> Iterator[Fault]:
    travel = instance.travel
    minutes = (travel.base, travel.per_km, travel.cap, travel.same_venue)
    if not all(0 <= one <= DAY for one in minutes) or not 1 <= travel.round <= DAY:
        yield "travel", N_("应在 0 至 1440 之间，round 至少为 1")
    if not 0 <= instance.evening_from <= DAY:
        yield "evening_from", N_("应在 0 至 1440 之间")
    for name in type(instance.weights).__slots__:
        if not 0 <= getattr(instance.weights, name) <= DEAREST:
            yield f"weights.{name}", N_("应在 0 至 1000000 之间")
    for name, starts in instance.grids.items():
        if any(not 0 <= start < DAY for start in starts):
            yield f"grids.{name}", N_("应在 0 至 1439 之间")


def _calendar(instance: Instance) -> Iterator[Fault]:
    days = instance.days
    if not 0 < len(days) <= MOST_DAYS:
        yield "days", N_("应有 1 至 400 天")
        return
    if days[0].date.strftime("%Y-%m") != instance.month:
        yield "days[0].date", N_("与 month 不符")
    for index, day in enumerate(days):
        if day.date != days[0].date + timedelta(index):
            yield f"days[{index}].date", N_("日期不连续")
        if day.dow != day.date.isoweekday():
            yield f"days[{index}].dow", N_("与日期的星期不符")


def _busy(where: str, spans: tuple[Span, ...]) -> Iterator[Fault]:
    if any(span.start > span.end for span in spans):
        yield where, N_("结束早于开始")
    most = 2 * MOST_DAYS * DAY
    if any(span.start < -most or span.end > most for span in spans):
        yield where, N_("离当月太远")


def _meeting(instance: Instance, meeting: Meeting) -> Iterator[Fault]:
    yield from _people(instance, meeting)
    if meeting.venue not in instance.venues:
        yield "venue", N_("没有这个场地")
    if meeting.grid not in instance.grids:
        yield "grid", N_("没有这个时段表")
    if not 0 < meeting.duration <= DAY:
        yield "duration", N_("应在 1 至 1440 分钟之间")
    if not 1 <= meeting.window[0] <= meeting.window[1] <= len(instance.days):
        yield "window", N_("不在当月之内，或首日晚于末日")
    if any(not 1 <= half.dow <= 7 for half in meeting.preferred):
        yield "preferred", N_("星期应为 1 至 7")
    before = meeting.prev
    if before and not (1 <= before.dow <= 7 and 0 <= before.start < DAY):
        yield "prev", N_("星期应为 1 至 7，时刻应在 0 至 1439 之间")


def _people(instance: Instance, meeting: Meeting) -> Iterator[Fault]:
    guests = [guest.person for guest in meeting.optional]
    named = {
        "required": meeting.required,
        "optional": guests,
        "quorum.people": meeting.quorum.people,
        "convenor": [meeting.convenor],
    }
    for place, people in named.items():
        for person in people:
            if person not in instance.people:
                yield place, N_("没有这个人员")
    if not meeting.required:
        yield "required", N_("没有必须到会的人员")
    if _doubled(guests):
        yield "optional", N_("同一人员出现两次")
    if _doubled(meeting.quorum.people):
        yield "quorum.people", N_("同一人员出现两次")
    if not 0 <= meeting.quorum.min <= len(meeting.quorum.people):
        yield "quorum.min", N_("多于可计入的人数")


def _doubled(people: Iterable[str]) -> bool:
    return any(times > 1 for times in Counter(people).values())
