"""A year's notice as a value, read from the open holiday-cn JSON form and written to it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from govgrid.errors import Invalid
from govgrid.sheets import RowError
from govgrid.workdays.calendar import Decreed

MOST_BYTES = 2**20
_MOST_DAYS = 400
_MOST_PAPERS = 20
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class Notice:
    """The days that the notice of a year decrees; `rows` counts those of its file."""

    year: int
    papers: list[str]
    rows: int
    days: dict[date, Decreed] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return the notice of a document that `document` made."""
        days = {
            date.fromisoformat(d["date"]): Decreed(d["name"], d["isOffDay"])
            for d in document["days"]
        }
        return cls(document["year"], document["papers"], len(days), days)

    def document(self) -> dict[str, Any]:
        """Return the notice in the open form."""
        return {
            "year": self.year,
            "papers": self.papers,
            "days": [
                {"name": said.name, "date": day.isoformat(), "isOffDay": said.off}
                for day, said in sorted(self.days.items())
            ],
        }


def read_notice(data: bytes) -> tuple[Notice, list[RowError]]:
    """Return the notice of a file and what is wrong with its `days`, counted from 1.

    Raise `Invalid` for a file that is no notice at all.
    """
    document = _document(data)
    year, days, papers = (document.get(key) for key in ("year", "days", "papers"))
    if type(year) is not int or year not in _YEARS:
        raise Invalid("文件中的 year（年份）缺失或不是合理的年份。")
    if not isinstance(days, list) or len(days) > _MOST_DAYS:
        raise Invalid("文件中的 days（日期列表）缺失或格式不对。")
    if not days:
        # The open data set keeps such a file until the notice is out: it announces nothing.
        raise Invalid(
            "%(year)s 年的文件中没有日期：放假通知可能尚未发布，请待发布后再导入。", year=year
        )
    listed = papers if isinstance(papers, list) else []
    notice = Notice(year, [str(paper)[:300] for paper in listed[:_MOST_PAPERS]], len(days))
    errors = [error for number, day in enumerate(days, 1) for error in _take(notice, number, day)]
    return notice, errors


def _document(data: bytes) -> Mapping[str, Any]:
    if len(data) > MOST_BYTES:
        raise Invalid("文件过大，不是一年的工作日安排。")
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Invalid("文件不是 JSON（UTF-8 编码），无法读取。") from None
    if not isinstance(document, dict):
        raise Invalid("文件不是工作日安排：应有 year、papers、days 三项。")
    return document


def _take(notice: Notice, number: int, entry: object) -> Iterator[RowError]:
    if not isinstance(entry, dict):
        reason = Invalid("应为含 name、date、isOffDay 的一项。")
        yield RowError(number, "days", str(entry)[:80], reason)
        return
    found = next(_faults(notice, entry), None)
    if found is not None:
        column, reason = found
        yield RowError(number, column, str(entry.get(column, ""))[:80], reason)
        return
    notice.days[date.fromisoformat(entry["date"])] = Decreed(entry["name"], entry["isOffDay"])


def _faults(notice: Notice, entry: Mapping[str, object]) -> Iterator[tuple[str, Invalid]]:
    name, day = entry.get("name"), _day(entry.get("date"))
    if day is None:
        yield "date", Invalid("不是日期，请写成 2026-10-08 的形式。")
    elif not date(notice.year - 1, 12, 1) <= day <= date(notice.year, 12, 31):
        yield "date", Invalid("不在 %(year)s 年通知的范围内。", year=notice.year)
    elif day in notice.days:
        yield "date", Invalid("此日期出现了两次。")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 40 or not name.isprintable():
        yield "name", Invalid("节日名称应为 1 至 40 个字。")
    if not isinstance(entry.get("isOffDay"), bool):
        yield "isOffDay", Invalid("应为 true 或 false。")


def _day(written: object) -> date | None:
    try:
        day = date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return day if day and day.isoformat() == written else None
