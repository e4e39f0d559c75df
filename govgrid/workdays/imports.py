"""Import of a year's notice in the open holiday-cn JSON form."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Office
from govgrid.errors import Forbidden, Invalid
from govgrid.sheets import Change, Changes, Outcome, RowError
from govgrid.workdays.calendar import Decreed
from govgrid.workdays.models import WorkdayNotice, WorkdayRow

_MOST_BYTES = 2**20
_MOST_DAYS = 400
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class _Notice:
    year: int
    papers: list[str]
    rows: int
    days: dict[date, Decreed] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


def load(db: Session, actor: Actor | None, data: bytes, name: str, *, at: datetime) -> Outcome:
    """Store the notice of a year; its days take the place of an earlier file for that year.

    Rows are the file's `days`, counted from 1. Raise `Invalid` for a file that is no notice.
    """
    if actor is not None and actor.office is not Office.SYSTEM:
        raise Forbidden("工作日安排适用于全市，请由系统管理员导入。")
    notice = _read(data)
    if notice.errors:
        return Outcome("workdays", notice.rows, errors=notice.errors)
    outcome = _compared(notice, _stored(db, notice.year))
    digest = hashlib.sha256(data).hexdigest()
    if db.info.get("reading"):
        return outcome
    if outcome.created or outcome.updated or db.get(WorkdayNotice, notice.year) is None:
        _replace(db, notice, digest, at)
    journal.record(
        db,
        actor,
        "import",
        "workdays",
        notice.year,
        file=name,
        sha256=digest,
        rows=outcome.rows,
        created=outcome.created,
        updated=outcome.updated,
    )
    return outcome


def _read(data: bytes) -> _Notice:
    document = _document(data)
    year, days, papers = (document.get(key) for key in ("year", "days", "papers"))
    if not isinstance(year, int) or year not in _YEARS:
        raise Invalid("文件中的 year（年份）缺失或不是合理的年份。")
    if not isinstance(days, list) or len(days) > _MOST_DAYS:
        raise Invalid("文件中的 days（日期列表）缺失或格式不对。")
    if not days:
        # The open data set keeps such a file until the notice is out: it announces nothing.
        raise Invalid(
            "%(year)s 年的文件中没有日期：放假通知可能尚未发布，请待发布后再导入。", year=year
        )
    named = [str(paper)[:300] for paper in papers] if isinstance(papers, list) else []
    notice = _Notice(year, named, len(days))
    for number, entry in enumerate(days, 1):
        _take(notice, number, entry)
    return notice


def _document(data: bytes) -> Mapping[str, Any]:
    if len(data) > _MOST_BYTES:
        raise Invalid("文件过大，不是一年的工作日安排。")
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Invalid("文件不是 JSON（UTF-8 编码），无法读取。") from None
    if not isinstance(document, dict):
        raise Invalid("文件不是工作日安排：应有 year、papers、days 三项。")
    return document


def _take(notice: _Notice, number: int, entry: object) -> None:
    if not isinstance(entry, dict):
        reason = Invalid("应为含 name、date、isOffDay 的一项。")
        notice.errors.append(RowError(number, "days", str(entry)[:80], reason))
        return
    found = next(_faults(notice, entry), None)
    if found is not None:
        column, reason = found
        notice.errors.append(RowError(number, column, str(entry.get(column, ""))[:80], reason))
        return
    notice.days[date.fromisoformat(entry["date"])] = Decreed(entry["name"], entry["isOffDay"])


def _faults(notice: _Notice, entry: Mapping[str, object]) -> Iterator[tuple[str, Invalid]]:
    name, day = entry.get("name"), _day(entry.get("date"))
    if day is None:
        yield "date", Invalid("不是日期，请写成 2026-10-08 的形式。")
    elif not date(notice.year - 1, 12, 1) <= day <= date(notice.year, 12, 31):
        yield "date", Invalid("不在 %(year)s 年通知的范围内。", year=notice.year)
    elif day in notice.days:
        yield "date", Invalid("此日期出现了两次。")
    if not isinstance(name, str) or not 0 < len(name) <= 40:
        yield "name", Invalid("节日名称应为 1 至 40 个字。")
    if not isinstance(entry.get("isOffDay"), bool):
        yield "isOffDay", Invalid("应为 true 或 false。")


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None


def _stored(db: Session, year: int) -> dict[date, Decreed]:
    columns = select(WorkdayRow.day, WorkdayRow.name, WorkdayRow.off)
    rows = db.execute(columns.where(WorkdayRow.year == year))
    return {day: Decreed(name, off) for day, name, off in rows}


def _compared(notice: _Notice, stored: dict[date, Decreed]) -> Outcome:
    created = len(notice.days.keys() - stored.keys())
    unchanged = len(notice.days.items() & stored.items())
    # A day that a corrected notice no longer names is an update too: it is ordinary again.
    gone = len(stored.keys() - notice.days.keys())
    updated = len(notice.days) - created - unchanged + gone
    changes = _changes(notice, stored)
    return Outcome("workdays", notice.rows, created, updated, unchanged, changes=changes)


def _changes(notice: _Notice, stored: dict[date, Decreed]) -> Changes:
    changes = Changes()
    for number, (day, said) in enumerate(notice.days.items(), 1):
        before = stored.get(day)
        if before is None:
            changes.add(number, f"{day} {said.name}")
        elif before != said:
            told = (_shown(before), _shown(said))
            changes.change(Change(number, f"{day} {said.name}", (("isOffDay", *told),)))
    for day in sorted(stored.keys() - notice.days.keys()):
        changes.change(Change(0, str(day), (("days", _shown(stored[day]), ""),)))
    return changes


def _shown(said: Decreed) -> str:
    return f"{said.name} {'休' if said.off else '班'}"


def _replace(db: Session, notice: _Notice, digest: str, at: datetime) -> None:
    year = notice.year
    db.execute(delete(WorkdayRow).where(WorkdayRow.year == year))
    db.merge(WorkdayNotice(year=year, papers=notice.papers, sha256=digest, loaded_at=at))
    db.flush()
    rows = [
        {"year": year, "day": day, "name": said.name, "off": said.off}
        for day, said in notice.days.items()
    ]
    db.execute(insert(WorkdayRow), rows)
