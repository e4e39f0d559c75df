"""Reading an import sheet: headings found or mapped, cells checked, every error listed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, NamedTuple

from govgrid.errors import Invalid
from govgrid.sheets.cells import Uncomputed, narrow, shown, trimmed
from govgrid.sheets.files import Cells, tables
from govgrid.sheets.outcome import Column, Row, Sheet

HEADING_ROWS = 10  # a title or a note may stand above the headings
TICK = 2000  # rows that are read at a time, then a sign of progress
LOOKED_AT = 2000  # rows among which the different words of a column are gathered
MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class SheetMap:
    """How a source's sheet becomes ours.

    `columns`: its heading, as `plain` writes it, to our column's key, empty to leave it out.
    `words`: our column's key to its words and ours.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class How:
    """How a sheet is to be read: mapped, with signs of progress; `ahead` where it is read already."""

    mapping: SheetMap = field(default_factory=SheetMap)
    tick: Callable[[int], None] | None = None
    ahead: Sheet | None = None


def read_sheet(data: bytes, name: str, columns: Sequence[Column], how: How | None = None) -> Sheet:
    """Return the read sheet. Raise `Invalid` where the file is not such a sheet."""
    how = how or How()
    if how.ahead is not None:
        return how.ahead
    table = _table(data, name, columns, how.mapping)
    places, ignored = _places(table.top[table.at], columns, how.mapping)
    sheet = Sheet(columns, frozenset(places), ignored=ignored)
    below = chain(table.top[table.at + 1 :], table.rows)
    _read_rows(sheet, places, below, table.at + 2, how)
    return sheet


class _Table(NamedTuple):
    """A table with the headings: `top` its first rows, `at` which of them they are."""

    title: str
    top: list[Cells]
    at: int
    rows: Iterator[Cells]


def _table(data: bytes, name: str, columns: Sequence[Column], mapping: SheetMap) -> _Table:
    """Return the only table that has the headings. Raise `Invalid` for none and for two."""
    refusal: Invalid | None = None
    found: _Table | None = None
    for title, lines in tables(data, name):
        rows = iter(lines)
        top = list(islice(rows, HEADING_ROWS))
        try:
            at = _heading_row(top, columns, mapping)
        except Invalid as error:
            refusal = refusal or error
            continue
        if found:
            raise Invalid(
                "工作表“%(one)s”和“%(other)s”的表头都符合，无法确定导入哪一张。"
                "请删除或隐藏不需要的一张，或并入同一张后重试。",
                one=found.title,
                other=title,
            )
        found = _Table(title, top, at, rows)
    if found is None:
        raise refusal or Invalid("文件中没有数据表。")
    return found


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of a file, with the first cells below it and the different ones among more."""

    text: str
    samples: list[str]
    words: list[str]


def headings(data: bytes, name: str, columns: Sequence[Column], mapping: SheetMap) -> list[Heading]:
    """Return the headings of the table that most likely is meant, whether or not they are ours."""
    best: tuple[int, int, list[Cells]] | None = None
    for _title, lines in tables(data, name):
        rows = list(islice(lines, HEADING_ROWS + LOOKED_AT))
        for at, cells in enumerate(rows[:HEADING_ROWS]):
            keys = keys_of(cells, columns, mapping)
            known, filled = sum(key is not None for key in keys), sum(map(_filled, cells))
            if filled > 1 and (best is None or 100 * known + filled > best[0]):
                best = 100 * known + filled, at, rows
    if best is None:
        raise Invalid("文件中没有数据表。")
    _score, at, rows = best
    return [
        _heading(cell, [row[place] for row in rows[at + 1 :] if place < len(row)])
        for place, cell in enumerate(rows[at])
        if plain(cell)
    ]


def _filled(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _heading(cell: object, below: list[object]) -> Heading:
    texts = [text[:60] for one in below if one is not None and (text := trimmed(shown(one)))]
    words = list(islice(dict.fromkeys(texts), MOST_WORDS))
    return Heading(trimmed(shown(cell))[:60], texts[:3], words)


def plain(heading: object) -> str:
    """Return a heading without star, unit or white space: `建筑面积（㎡）*` is `建筑面积`."""
    written = re.sub(r"\s", "", narrow(trimmed(shown(heading)))).replace("*", "")
    return re.sub(r"\([^()]*\)$", "", written)


def keys_of(cells: Cells, columns: Sequence[Column], mapping: SheetMap) -> list[str | None]:
    """Return the column key for each heading cell: mapped, else its own; None for none."""
    own = {plain(column.heading): column.key for column in columns}
    headings = [plain(cell) for cell in cells]
    mapped = {mapping.columns[heading] for heading in headings if heading in mapping.columns}
    found: list[str | None] = []
    for heading in headings:
        key = mapping.columns.get(heading)
        if key is None:
            key = own.get(heading)
            key = None if key in mapped else key
        found.append(key or None)
    return found


def _heading_row(top: list[Cells], columns: Sequence[Column], mapping: SheetMap) -> int:
    required = {column.key for column in columns if column.required}
    best, matched = 0, 0
    for at, cells in enumerate(top):
        found = {key for key in keys_of(cells, columns, mapping) if key}
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
    there = {key for key in keys_of(top[best], columns, mapping) if key}
    missing = [column.heading for column in columns if column.key in required - there]
    raise Invalid(
        "第 %(row)s 行的表头缺少必填列：%(columns)s。请补上后重试。",
        row=best + 1,
        columns="、".join(missing),
    )


def _places(
    cells: Cells, columns: Sequence[Column], mapping: SheetMap
) -> tuple[dict[str, int], list[str]]:
    places: dict[str, int] = {}
    ignored: list[str] = []
    for at, (cell, key) in enumerate(zip(cells, keys_of(cells, columns, mapping), strict=True)):
        if key is None:
            if plain(cell):
                ignored.append(trimmed(shown(cell))[:40])
        elif key in places:
            heading = next(column.heading for column in columns if column.key == key)
            raise Invalid("表头“%(heading)s”出现了两次，请删去一列。", heading=heading)
        else:
            places[key] = at
    return places, ignored


def _read_rows(
    sheet: Sheet, places: dict[str, int], lines: Iterator[Cells], first: int, how: How
) -> None:
    """Fill the sheet, some rows at a time, those column by column."""
    columns = sheet.columns
    keys = [column.key for column in columns]
    while piece := list(islice(lines, TICK)):
        read = [
            _read_column(
                column, how.mapping.words.get(column.key), _cut(piece, places.get(column.key))
            )
            for column in columns
        ]
        faulty = {
            at for found, column in zip(read, columns, strict=True) for at in _faulty(column, found)
        }
        for at, (cells, values) in enumerate(zip(piece, zip(*read, strict=True), strict=True)):
            if values.count(None) == len(values):
                continue
            row = Row(first + at, dict(zip(keys, values, strict=True)), cells, places)
            if at in faulty:
                _refuse(sheet, row, columns)
            else:
                sheet.rows.append(row)
        first += len(piece)
        if how.tick:
            how.tick(first - 1)


def _cut(rows: list[Cells], at: int | None) -> Cells:
    """Return one column of the rows, none of which need be that wide."""
    if at is None:
        return [None] * len(rows)
    return [cells[at] if at < len(cells) else None for cells in rows]


def _read_column(column: Column, words: Mapping[str, str] | None, cells: Cells) -> list[Any]:
    """Return the value of each cell, None for an empty one, the refusal for a wrong one."""

    def read(cell: Any) -> Any:
        if isinstance(cell, str):
            cell = trimmed(cell)
        elif isinstance(cell, Uncomputed):
            return cell.refusal()
        if cell is None or cell == "":
            return None
        try:
            return column.read(words.get(shown(cell), cell) if words else cell)
        except Invalid as reason:
            return reason.with_traceback(None)  # which would keep the rows of this piece

    different = set(cells)
    # True equals 1, but does not read like it.
    if 2 * len(different) > len(cells) or bool in map(type, cells):
        return list(map(read, cells))
    known = {cell: read(cell) for cell in different}
    return [known[cell] for cell in cells]


def _faulty(column: Column, values: list[Any]) -> list[int]:
    """Return where among the values of a column something is wrong or wanting."""
    if not any(issubclass(kind, Invalid) for kind in set(map(type, values))) and not (
        column.required and None in values
    ):
        return []
    return [at for at, value in enumerate(values) if _wrong(column, value)]


def _wrong(column: Column, value: object) -> Invalid | None:
    if value is None and column.required:
        return Invalid("不能为空。")
    return value if isinstance(value, Invalid) else None


def _refuse(sheet: Sheet, row: Row, columns: Sequence[Column]) -> None:
    """Note what is wrong with a row, in the order of the columns."""
    sheet.bad.append(row)
    for column in columns:
        if reason := _wrong(column, row.values[column.key]):
            row.values[column.key] = None
            sheet.refuse(row, column.key, reason)
