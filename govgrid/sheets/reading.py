"""Reading an import sheet: headings found, cells checked, every error listed."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from govgrid.errors import Invalid
from govgrid.sheets.cells import narrow, shown, trimmed
from govgrid.sheets.files import Cells, tables
from govgrid.sheets.outcome import Column, Row, RowError, Sheet

HEADING_ROWS = 10  # a title or a note may stand above the headings


def read_sheet(data: bytes, name: str, columns: Sequence[Column]) -> Sheet:
    """Return the read sheet. Raise `Invalid` where the file is not such a sheet."""
    refusal: Invalid | None = None
    for _title, lines in tables(data, name):
        rows = iter(lines)
        top = list(islice(rows, HEADING_ROWS))
        try:
            at = _heading_row(top, columns)
        except Invalid as error:
            refusal = refusal or error
            continue
        places, ignored = _places(top[at], columns)
        sheet = Sheet(columns, frozenset(places), ignored=ignored)
        _read_rows(sheet, places, chain(top[at + 1 :], rows), at + 2)
        return sheet
    raise refusal or Invalid("文件中没有数据表。")


def plain(heading: object) -> str:
    """Return a heading without star, unit or white space: `建筑面积（㎡）*` is `建筑面积`."""
    written = re.sub(r"\s", "", narrow(trimmed(shown(heading)))).replace("*", "")
    return re.sub(r"\([^()]*\)$", "", written)


def _heading_row(top: list[Cells], columns: Sequence[Column]) -> int:
    required = {plain(column.heading) for column in columns if column.required}
    known = {plain(column.heading) for column in columns}
    best, matched = 0, 0
    for at, cells in enumerate(top):
        found = known & {plain(cell) for cell in cells}
        if required <= found:
            return at
        if len(found) > matched:
            best, matched = at, len(found)
    if not matched:
        raise Invalid(
            "没有找到表头。第一行应有这些列：%(columns)s。请核对是否选错了文件、工作表，"
            "或文件编码不是 UTF-8、GB18030。",
            columns="、".join(column.heading for column in columns if column.required),
        )
    found = {plain(cell) for cell in top[best]}
    missing = [c.heading for c in columns if c.required and plain(c.heading) not in found]
    raise Invalid(
        "第 %(row)s 行的表头缺少必填列：%(columns)s。请补上后重试。",
        row=best + 1,
        columns="、".join(missing),
    )


def _places(cells: Cells, columns: Sequence[Column]) -> tuple[dict[str, int], list[str]]:
    keys = {plain(column.heading): column.key for column in columns}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for at, cell in enumerate(cells):
        heading = plain(cell)
        key = keys.get(heading)
        if key is None:
            if heading:
                ignored.append(trimmed(shown(cell))[:40])
        elif key in places:
            raise Invalid("表头“%(heading)s”出现了两次，请删去一列。", heading=heading)
        else:
            places[key] = at
    return places, ignored


def _read_rows(sheet: Sheet, places: dict[str, int], lines: Iterator[Cells], first: int) -> None:
    keys = [column.key for column in sheet.columns]
    plan = [(c, places[c.key]) for c in sheet.columns if c.key in places]
    for number, cells in enumerate(lines, first):
        row = Row(number, dict.fromkeys(keys), _kept(cells, plan))
        if not row.cells:
            continue
        wrong = len(sheet.errors)
        for column, _at in plan:
            cell = row.cells.get(column.key)
            if cell is None:
                if column.required:
                    sheet.refuse(row, column.key, Invalid("不能为空。"))
                continue
            try:
                row.values[column.key] = column.read(cell)
            except Invalid as reason:
                value = shown(cell)[:80]
                sheet.errors.append(RowError(number, column.heading, value, reason))
        (sheet.rows if len(sheet.errors) == wrong else sheet.bad).append(row)


def _kept(cells: Cells, plan: list[tuple[Column, int]]) -> dict[str, object]:
    kept: dict[str, object] = {}
    width = len(cells)
    for column, at in plan:
        cell = cells[at] if at < width else None
        if isinstance(cell, str):
            cell = trimmed(cell)
        if cell is not None and cell != "":
            kept[column.key] = cell
    return kept
