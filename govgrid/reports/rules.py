"""What a report consists of, and the plain rules that its figures follow: no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Self

from govgrid.clock import HERE
from govgrid.sheets.book import Share, Table

TOP = 20  # rows of a list that shows only the foremost
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of figures that stand in a table, too: lines, columns or bars.

    Values are shares (0 to 1) of lines, counts of columns and bars; None is a gap.
    """

    kind: str
    caption: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the report; `empty` says why there is nothing to show, and nothing else stands."""

    title: str
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of the first page; `change` in words."""

    label: str
    figure: str
    of: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A month (its first day) of an area as it stood at a moment."""

    code: str
    area: str
    month: date
    as_of: datetime
    headlines: tuple[Headline, ...]
    chapters: tuple[Chapter, ...]

    @property
    def title(self) -> str:
        return f"{self.area}{self.month.year}年{self.month.month}月物业服务与联席会议月报"

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known of the month."""
        return all(chapter.empty for chapter in self.chapters)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who makes the report, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts that add up, field by field."""

    @classmethod
    def total(cls, rows: Iterable[Self]) -> Self:
        """Return the sums."""
        values = attrgetter(*(field.name for field in fields(cls)))
        return cls(*map(sum, zip(*map(values, [cls(), *rows]), strict=True)))


@dataclass(frozen=True, slots=True)
class Breaches(Sums):
    """Cases received; replied to late, closed late (or not at all though due), either of both."""

    received: int = 0
    replied_late: int = 0
    closed_late: int = 0
    breached: int = 0


@dataclass(frozen=True, slots=True)
class Showcases(Sums):
    """Compounds due to publish, those that did, in time; items judged, promises met."""

    due: int = 0
    published: int = 0
    in_time: int = 0
    judged: int = 0
    met: int = 0


@dataclass(frozen=True, slots=True)
class Actions(Sums):
    """Action items given and closed in the month, closed by their deadline; open, overdue now."""

    given: int = 0
    closed: int = 0
    closed_in_time: int = 0
    open: int = 0
    overdue: int = 0


def next_first(month: date) -> date:
    """Return the first day of the following month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def before(month: date) -> date:
    """Return the first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def year_before(month: date) -> date:
    """Return the first day of the same month a year before."""
    return month.replace(year=month.year - 1)


def counted_on(month: date, as_of: datetime) -> date:
    """Return the day whose coverage a report shows: the month's last, or today inside it."""
    return min(next_first(month) - timedelta(days=1), as_of.astimezone(HERE).date())


def change(now: Share, then: Share) -> float | None:
    """Return the difference of two shares, None where one of them is none."""
    if now.rate is None or then.rate is None:
        return None
    return now.rate - then.rate


def moment(at: datetime) -> str:
    """Return `2026年11月24日 09:00`."""
    here = at.astimezone(HERE)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"


def month_word(month: date) -> str:
    """Return `2026年10月`."""
    return f"{month.year}年{month.month}月"
