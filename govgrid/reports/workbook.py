"""A report, or several of the same month, as a workbook: one sheet a chapter."""

import io
from collections.abc import Sequence
from dataclasses import replace

from govgrid.reports.rules import Chapter, Report, Stamp, moment
from govgrid.sheets.book import Leaf, Table, write_book


def workbook(reports: Sequence[Report], stamp: Stamp) -> bytes:
    """Return the .xlsx; of several reports the tables stand one below the other."""
    first = reports[0]
    front = [
        ("区域", first.area),
        ("月份", f"{first.month:%Y-%m}"),
        ("数据截至", moment(first.as_of)),
        ("导出人", stamp.by),
        ("导出时间", moment(stamp.at)),
    ]
    if len(reports) > 1:
        front.append(("收录", "、".join(one.area for one in reports)))
    chapters = zip(*(one.chapters for one in reports), strict=True)
    stream = io.BytesIO()
    leaves = [_leaf(reports, parts) for parts in chapters]
    write_book(stream, first.title, leaves, front, stamp.at)
    return stream.getvalue()


def _leaf(reports: Sequence[Report], parts: Sequence[Chapter]) -> Leaf:
    tables: list[Table] = []
    notes: dict[str, None] = {}
    for report, chapter in zip(reports, parts, strict=True):
        before = f"{report.area} · " if len(reports) > 1 else ""
        if chapter.empty:
            notes[f"{before}{chapter.empty}"] = None
        notes |= dict.fromkeys(chapter.notes)
        tables += [replace(table, caption=before + table.caption) for table in chapter.tables]
    return Leaf(parts[0].title, tuple(tables), tuple(notes))
