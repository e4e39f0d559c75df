"""What the forms about settings and rooms carry."""

import re
from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import Field

from govgrid.access import Role
from govgrid.clock import HERE
from govgrid.errors import Invalid
from govgrid.meetings.models import Kind, Part, Reminder, Scope
from govgrid.meetings.rules.settings import HALVES
from govgrid.web.forms import Form

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_BETWEEN = re.compile(r"[\s,，、;；]+")


class KindForm(Form):
    kind: Kind = Field(default=Kind.JOINT, title="会议类别")


class SettingsForm(Form):
    """Settings of one place; what is empty is taken from above."""

    kind: Kind = Field(default=Kind.JOINT, title="会议类别")
    scope: Scope | None = Field(default=None, title="召开方式")
    like: int | None = Field(default=None, title="沿用")
    venue_id: int | None = Field(default=None, title="会议室")
    minutes_long: int | None = Field(default=None, title="会议时长", ge=15, le=240)
    window_from: int | None = Field(default=None, title="窗口起日", ge=1, le=31)
    window_to: int | None = Field(default=None, title="窗口止日", ge=1, le=31)
    starts: str = Field(default="", title="开始时刻", max_length=200)
    evenings: Literal["yes", "no"] | None = Field(default=None, title="晚间")
    weekends: Literal["yes", "no"] | None = Field(default=None, title="周末")
    quorum: int | None = Field(default=None, title="法定人数", ge=0, le=99)
    preferred_own: bool = Field(default=False, title="优先时段")
    preferred: list[str] = Field(default=[], title="优先时段")
    reminders_own: bool = Field(default=False, title="会前提醒")
    reminders: list[str] = Field(default=[], title="会前提醒")
    follow_up: int | None = Field(default=None, title="催回复", ge=0, le=7)
    due_days: int | None = Field(default=None, title="督办到期提醒", ge=0, le=14)
    part: list[str] = Field(default=[], title="参会方式")
    travel_base: int | None = Field(default=None, title="路程基数", ge=0, le=120)
    travel_per_km: int | None = Field(default=None, title="每公里分钟", ge=0, le=60)
    travel_cap: int | None = Field(default=None, title="路程上限", ge=0, le=240)
    paused: bool = Field(default=False, title="暂不召开")
    version: int

    def values(self) -> dict[str, Any]:
        """Return the settings by column. Raise `Invalid` on a time that is none."""
        plain = (
            "scope", "venue_id", "minutes_long", "window_from", "window_to", "quorum",
            "travel_base", "travel_per_km", "travel_cap", "follow_up", "due_days", "paused",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "like_id": self.like,
            "starts": minutes_of(self.starts) if self.starts else None,
            "evenings": _yes(self.evenings),
            "weekends": _yes(self.weekends),
            "preferred": self._halves() if self.preferred_own else None,
            "reminders": self._reminders() if self.reminders_own else None,
            "roster": self._roster() or None,
        }

    def _roster(self) -> dict[str, str]:
        pairs = (text.partition(":") for text in self.part if text)
        try:
            return {
                Role.of_key(role).value: Part.of_key(part).value for role, _colon, part in pairs
            }
        except ValueError:
            raise _invalid("part", "“参会方式”不在可选范围内，请重新选择。") from None

    def _reminders(self) -> list[list[str]]:
        pairs = (text.partition(":") for text in self.reminders)
        try:
            return [
                [Role.of_key(role).value, Reminder.of_key(kind).value]
                for role, _colon, kind in pairs
            ]
        except ValueError:
            raise _invalid("reminders", "“会前提醒”不在可选范围内，请重新选择。") from None

    def _halves(self) -> list[list[int | str]]:
        found: list[list[int | str]] = []
        for text in self.preferred:
            dow, _dash, half = text.partition("-")
            if dow not in "1234567" or half not in HALVES:
                raise _invalid("preferred", "“优先时段”不在可选范围内，请重新选择。")
            found.append([int(dow), half])
        return found


def minutes_of(text: str) -> list[int]:
    """Return `09:00 14:30` as minutes of the day, in order."""
    found = []
    for part in filter(None, _BETWEEN.split(text)):
        match = _CLOCK.fullmatch(part)
        if match is None:
            raise Invalid(
                "开始时刻“%(value)s”不是时间，请写成 09:00 14:30 的形式。",
                fields={"starts": Invalid("请写成 09:00 14:30 的形式。")},
                value=part[:20],
            )
        found.append(int(match[1]) * 60 + int(match[2]))
    return sorted(set(found))


class BotForm(Form):
    """The address of a chat group's bot."""

    address: str = Field(title="机器人地址", min_length=1, max_length=300)


class VenueForm(Form):
    """A room; coordinates are WGS84 unless `crs` says otherwise."""

    name: str = Field(title="名称", min_length=1, max_length=80)
    address: str = Field(default="", title="地址", max_length=200)
    longitude: float | None = Field(default=None, title="经度", ge=73, le=136)
    latitude: float | None = Field(default=None, title="纬度", ge=3, le=54)
    crs: Literal["wgs84", "gcj02", "cgcs2000"] = Field(default="wgs84", title="坐标系")
    capacity: int | None = Field(default=None, title="可容纳人数", ge=1, le=5000)
    version: int = 0


class ClosureForm(Form):
    """Days or hours in which a room is not to be had; without a time, whole days."""

    from_day: date = Field(title="开始日期")
    from_time: time | None = Field(default=None, title="开始时间")
    to_day: date = Field(title="结束日期")
    to_time: time | None = Field(default=None, title="结束时间")
    reason: str = Field(title="事由", min_length=1, max_length=80)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Return the moments between; a last day without a time counts whole."""
        start = datetime.combine(self.from_day, self.from_time or time(), HERE)
        if self.to_time is not None:
            return start, datetime.combine(self.to_day, self.to_time, HERE)
        after = date.fromordinal(min(self.to_day.toordinal() + 1, date.max.toordinal()))
        return start, datetime.combine(after, time(), HERE)


def _yes(answer: str | None) -> bool | None:
    return None if answer is None else answer == "yes"


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, fields={field: Invalid(message)})
