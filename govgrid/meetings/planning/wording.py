"""Reasons and ways out in the words of whoever plans; names instead of ids where known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from govgrid.meetings.planning.instance import (
    DAY,
    DayKind,
    Instance,
    Meeting,
    ReasonKind,
    Span,
    Way,
)

FEW = 4  # busy times, meetings or people told by name
DAYS = "一二三四五六日"
KINDS = {DayKind.WORK: "工作日白天", DayKind.EVENING: "工作日晚上", DayKind.WEEKEND: "周末和休息日"}


class Wording:
    """Says things about one instance."""

    def __init__(self, instance: Instance, names: Mapping[str, str]) -> None:
        self._instance = instance
        self._names = names

    def name(self, id_: str) -> str:
        return self._names.get(id_, id_)

    def unit(self, id_: str) -> str:
        """Return the unit of a meeting."""
        meeting = self._instance.meetings[id_]
        return self._names.get(id_) or self._names.get(meeting.compound) or id_

    def listed(self, names: Sequence[str]) -> str:
        shown = "、".join(names[:FEW])
        return shown if len(names) <= FEW else f"{shown}等 {len(names)} 项"

    def moment(self, start: int) -> str:
        day = self._instance.days[start // DAY]
        clock = f"{start % DAY // 60}:{start % 60:02}"
        return f"{day.date.month}月{day.date.day}日（周{DAYS[day.dow - 1]}）{clock}"

    def span(self, span: Span) -> str:
        """Return a busy time: whole days, or hours of one day."""
        first, last = self._day(span.start), self._day(span.end - 1)
        whole = span.start % DAY == 0 and span.end % DAY == 0
        if whole or first != last:
            return first if first == last else f"{first}至{last}"
        return f"{first} {_clock(span.start)}–{_clock(span.end)}"

    def _day(self, minute: int) -> str:
        days = self._instance.days
        date = days[max(0, min(minute // DAY, len(days) - 1))].date
        return f"{date.month}月{date.day}日"

    def window(self, meeting: Meeting) -> str:
        first, last = meeting.window
        return f"{self._day((first - 1) * DAY)}至{self._day((last - 1) * DAY)}"

    def never_free(
        self,
        meeting: Meeting,
        kind: ReasonKind,
        people: Sequence[str],
        venue: str | None,
        *,
        short: bool,
    ) -> str:
        """Say who leaves the meeting no slot; `short` means the people leave no quorum."""
        window = f"窗口 {self.window(meeting)}"
        if kind is ReasonKind.TWO_PEOPLE_NEVER_MEET:
            one, other = people
            return (
                f"{self.name(one)}与{self.name(other)}在{window}内没有共同的空闲时段："
                f"{self.busy(one, meeting)}；{self.busy(other, meeting)}。"
            )
        causes = [] if short else [self.busy(person, meeting) for person in people]
        if venue:
            causes.append(f"场地{self.name(venue)}已被占用")
        if short:
            away = self.listed([self.name(person) for person in people])
            causes.append(f"到会人数不足 {meeting.quorum.min} 人（{away}有安排）")
        return f"{window}内没有可用时段：{'；'.join(causes)}。"

    def never_open(self, meeting: Meeting) -> str:
        return f"窗口 {self.window(meeting)} 内没有允许开会的日子和时段。"

    def busy(self, person: str, meeting: Meeting) -> str:
        """Say when the person is busy inside the window: days with the same hours together."""
        first, last = (meeting.window[0] - 1) * DAY, meeting.window[1] * DAY
        spans = [s for s in self._instance.people[person].busy if s.start < last and first < s.end]
        days: dict[str, list[int]] = defaultdict(list)
        for span in _merged(spans):
            if span.start // DAY == (span.end - 1) // DAY and span.end - span.start < DAY:
                days[f" {_clock(span.start)}–{_clock(span.end)}"].append(span.start // DAY)
            else:
                days[""] += range(span.start // DAY, (span.end - 1) // DAY + 1)
        shown = [self._range(run) + hours for hours, on in days.items() for run in _runs(on)]
        return f"{self.name(person)} {self.listed(shown)}有安排"

    def _range(self, run: range) -> str:
        first, last = self._day(run[0] * DAY), self._day(run[-1] * DAY)
        return first if first == last else f"{first}至{last}"

    def not_found(self, meeting: Meeting, starts: Sequence[int]) -> str:
        return (
            f"窗口 {self.window(meeting)} 内有 {len(starts)} 个时段各方均空闲，"
            "但在限定时间内没有找到与其他会议不冲突的安排，请延长计算时间再试。"
        )

    def room_full(self, meeting: Meeting, meetings: Sequence[Meeting]) -> str:
        others = [self.unit(other.id) for other in meetings if other.id != meeting.id]
        return (
            f"场地{self.name(meeting.venue)}在窗口 {self.window(meeting)} 内排不下 "
            f"{len(meetings)} 场会议，其余为：{self.listed(others)}。"
        )

    def excluded(self, meeting: Meeting, meetings: Sequence[Meeting], shared: Sequence[str]) -> str:
        others = [self.unit(other.id) for other in meetings if other.id != meeting.id]
        people = self.listed([self.name(person) for person in shared])
        who = f"（均需{people}到会）" if shared else ""
        return (
            f"窗口 {self.window(meeting)} 内，本场与{self.listed(others)}"
            f"共 {len(meetings)} 场会议{who}无法全部召开。"
        )

    def way(self, way: Way) -> str:
        """Say what gives way, and when the meeting could then be held."""
        moment = self.moment(way.start)
        moved = f"，另有 {len(way.moves)} 场会议改期" if way.moves else ""
        return f"{self._giving_way(way)}，可于 {moment} 召开{moved}。"

    def _giving_way(self, way: Way) -> str:
        if way.allow:
            return f"允许安排在{KINDS[way.allow]}"
        if way.window:
            meeting = replace(self._instance.meetings[way.meeting], window=way.window)
            return f"窗口放宽到 {self.window(meeting)}"
        if way.by and way.person:
            return f"由{self.name(way.by)}代替{self.name(way.person)}到会"
        whose = self.name(way.person or way.venue or "")
        if way.busy:
            return f"取消{whose} {self.span(way.busy)}的占用"
        return f"改在{whose}召开"


def _clock(minute: int) -> str:
    return f"{minute % DAY // 60}:{minute % 60:02}"


def _runs(days: Iterable[int]) -> list[range]:
    """Return days as ranges of days that follow each other."""
    runs: list[range] = []
    for day in sorted(set(days)):
        if runs and runs[-1].stop == day:
            runs[-1] = range(runs[-1].start, day + 1)
        else:
            runs.append(range(day, day + 1))
    return runs


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Join what touches, so that a week away is told as one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
