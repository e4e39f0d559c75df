"""Decisions about agendas: order, minutes, what changed since the notice, how old tasks are."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self

from govgrid.errors import Invalid, Refusal
from govgrid.media import JPEG, PDF, PNG, WEBP, media_type
from govgrid.meetings.models import AgendaKind, Kind, Media
from govgrid.meetings.rules.settings import HEARD, Standing
from govgrid.words import N_, Word

CARRY_OVER = Standing(AgendaKind.CARRY_OVER, N_("上次会议督办事项落实情况"), 10)
COVERAGE = Standing(AgendaKind.COVERAGE, N_("老旧院落管理覆盖情况"), 5)
MOST_STANDING, MOST_ITEMS = 20, 300
LONGEST = 240  # minutes of one item
MIB = 1024 * 1024
MOST_BYTES, MOST_FILES = 10 * MIB, 20  # of one file; of one meeting
PROPOSALS = 5  # of one attendee for one meeting
_MEDIA = {PDF: Media.PDF, PNG: Media.PNG, JPEG: Media.JPEG, WEBP: Media.WEBP}


class Change(Word):
    """What became of an item after the notice had left."""

    ADDED = "added", N_("新增")
    CHANGED = "changed", N_("有修改")
    MOVED = "moved", N_("调整顺序")
    REMOVED = "removed", N_("已取消")


class Dated(Protocol):
    """What the age of a task follows from."""

    @property
    def deadline(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Line:
    """An agenda item as a notice showed it; `files` are the hashes of what was attached."""

    item: int
    kind: str
    title: str
    brief: str
    minutes: int
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Return the line that was stored as JSON."""
        return cls(**{**stored, "files": tuple(stored["files"])})


@dataclass(frozen=True, slots=True)
class Age:
    """How long a task has been open, in days and in meetings held since, and past its deadline."""

    days: int
    meetings: int
    overdue: int
    late: bool

    @property
    def told(self) -> list[Refusal]:
        """Return it in words."""
        said: list[Refusal] = [Invalid("已交办 %(n)s 天", n=self.days)]
        if self.meetings:
            said.append(Invalid("结转 %(n)s 次", n=self.meetings))
        if self.overdue:
            said.append(Invalid("逾期 %(n)s 次", n=self.overdue))
        elif self.late:
            said.append(Invalid("已逾期"))
        return said


def age(task: Dated, given: date, held: Iterable[date], today: date) -> Age:
    """Return a task's age; `held` are the days of its unit's meetings, in any order.

    Overdue counts the meetings, that of today among them, which found it open past its deadline.
    """
    since = [day for day in held if given < day <= today]
    return Age(
        days=max((today - given).days, 0),
        meetings=len(since),
        overdue=sum(day > task.deadline for day in since),
        late=task.deadline < today,
    )


def placed(order: Sequence[int], moved: int, to: int) -> list[int]:
    """Return the order with one of its members at place `to` (from 1; beyond an end: at it)."""
    rest = [one for one in order if one != moved]
    rest.insert(min(max(to, 1), len(order)) - 1, moved)
    return rest


def changes(before: Sequence[Line], after: Sequence[Line]) -> dict[int, Change]:
    """Return by item what changed; the fewest items count as moved."""
    old, new = {line.item: line for line in before}, {line.item: line for line in after}
    places = {line.item: place for place, line in enumerate(before)}
    kept = [line.item for line in after if line.item in old]
    stayed = {kept[at] for at in _rising([places[item] for item in kept])}
    found = dict.fromkeys(old.keys() - new.keys(), Change.REMOVED)
    for item, line in new.items():
        if item not in old:
            found[item] = Change.ADDED
        elif line != old[item]:
            found[item] = Change.CHANGED
        elif item not in stayed:
            found[item] = Change.MOVED
    return found


def _rising(numbers: Sequence[int]) -> list[int]:
    """Return the places of one longest rising row among the numbers."""
    ends: list[int] = []
    tops: list[int] = []
    back: list[int] = []
    for place, number in enumerate(numbers):
        at = bisect_left(ends, number)
        ends[at : at + 1] = [number]
        tops[at : at + 1] = [place]
        back.append(tops[at - 1] if at else -1)
    row = tops[-1] if tops else -1
    found = []
    while row >= 0:
        found.append(row)
        row = back[row]
    return found[::-1]


def media_of(data: bytes) -> Media:
    """Return what the bytes are, whatever the file is called. Raise `Invalid` for anything else."""
    kind = media_type(data)
    if kind in _MEDIA:
        return _MEDIA[kind]
    raise Invalid("附件只能是 PDF 或图片（PNG、JPEG、WebP），请转换后再上传。")


def template(kind: Kind, rows: Iterable[tuple[str, str, str]], length: int) -> list[Standing]:
    """Return the standing items of such rows: kind, title, minutes; rows without a title go.

    Raise `Invalid` where one is wrong, where what must be heard is missing, or where they take
    longer than a meeting of `length` minutes.
    """
    found = [_row(*row) for row in rows if row[1].strip()]
    if len(found) > MOST_STANDING:
        raise Invalid("常设议题最多 %(n)s 项。", n=MOST_STANDING)
    missing = [one.word for one in AgendaKind if one in HEARD[kind] - {row.kind for row in found}]
    if missing:
        raise Invalid("每次会议都要听取%(kinds)s，议程模板不能缺少。", kinds=missing)
    total = sum(row.minutes for row in found)
    if total > length:
        raise Invalid(
            "常设议题合计 %(n)s 分钟，超过会议时长 %(length)s 分钟。", n=total, length=length
        )
    return found


def _row(key: str, title: str, minutes: str) -> Standing:
    try:
        kind = AgendaKind.of_key(key)
    except ValueError:
        raise Invalid("议题“%(title)s”的类别不在可选范围内。", title=title[:40]) from None
    if kind is AgendaKind.CARRY_OVER:
        raise Invalid("上次督办由系统自动列入，不必写进模板。")
    if len(title.strip()) > 120:
        raise Invalid("议题“%(title)s…”过长，最多 120 个字。", title=title[:20])
    if not minutes.isdecimal() or not 1 <= int(minutes) <= LONGEST:
        raise Invalid("议题“%(title)s”的用时应为 1—%(most)s 分钟。", title=title[:40], most=LONGEST)
    return Standing(kind, title.strip(), int(minutes))
