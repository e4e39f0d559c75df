"""From the bytes of a sheet file to rows of cells: xlsx and CSV, every size bounded first."""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from govgrid.errors import Invalid
from govgrid.sheets.cells import Uncomputed
from govgrid.sheets.package import MARK, MOST_ROWS, broken, letters, repacked, too_long
from govgrid.sheets.writing import QUOTED

MOST_BYTES = 64 * 2**20
MOST_COLUMNS = 20_000
_ROW = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ENDLESS = re.compile(r"[^\n]{4000000}")

Cells = list[object]
Table = tuple[str, Iterable[Cells]]  # name, rows from the first on


def tables(data: bytes, name: str) -> Iterator[Table]:
    """Yield the tables of a file, first sheet first. Raise `Invalid` for what is no sheet."""
    if len(data) > MOST_BYTES:
        raise Invalid("文件超过 %(most)s MB，请拆分后分批导入。", most=MOST_BYTES // 2**20)
    if not data.strip():
        raise Invalid("文件是空的。")
    ending = name.lower().rpartition(".")[2]
    if ending == "xlsx":
        if not data.startswith(b"PK"):
            raise Invalid(
                "这不是 .xlsx 文件（或设有密码）。请用表格软件打开，另存为 .xlsx 后重试。"
            )
        yield from _workbook(data)
    elif ending in {"csv", "txt"}:
        if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise Invalid("这是表格软件的文件，不是 CSV。请把扩展名改回 .xlsx 后重试。")
        yield name, _lines(_decoded(data))
    else:
        raise Invalid("只能导入 .xlsx 或 .csv 文件，现为“%(name)s”。", name=name[-60:])


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("文件编码是 UTF-16。请另存为“CSV UTF-8”后重试。")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            raise Invalid(
                "文件编码既不是 UTF-8 也不是 GB18030（第 %(line)s 行有无法识别的字节）。"
                "请另存为“CSV UTF-8”后重试。",
                line=data.count(b"\n", 0, error.start) + 1,
            ) from None


def _lines(text: str) -> Iterator[Cells]:
    if _ENDLESS.search(text):
        raise too_long()
    first = text[: text.find("\n")]  # a text without any line end loses nothing that counts
    delimiter = max(",\t;", key=first.count)
    _measure(csv.reader(_rows(text), delimiter=delimiter))
    reader = csv.reader(_rows(text), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield [_unquoted(cell) if cell[:1] == "'" else cell for cell in cells]
    except csv.Error:
        raise Invalid(
            "CSV 第 %(line)s 行附近的引号不成对，或单元格过长，请检查。", line=reader.line_num
        ) from None


def _rows(text: str) -> Iterator[str]:
    """Yield the lines with their ends; a stream would hold the text twice more."""
    return (found[0] for found in _ROW.finditer(text))


def _measure(rows: Iterator[list[str]]) -> None:
    """Raise `Invalid` for too many rows or columns, before any of them costs memory."""
    with suppress(csv.Error):  # told with its line when the rows are read
        for number, cells in enumerate(rows):
            if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise too_long()


def _unquoted(cell: str) -> str:
    """Take away the `'` that keeps a text from acting as a formula."""
    return cell[1:] if QUOTED.match(cell) else cell


def _unmarked(sheet: CalamineSheet, rows: Iterable[Cells]) -> Iterator[Cells]:
    """Yield the rows with formulas that have no result told from texts."""
    left = sheet.start[1] if sheet.start else 0  # rows begin with the first column that is used
    for number, cells in enumerate(rows, 1):
        yield [
            Uncomputed(sheet.name, f"{letters(at)}{number}", cell[len(MARK) - 1 :])
            if isinstance(cell, str) and cell.startswith(MARK)
            else cell
            for at, cell in enumerate(cells, left + 1)
        ]


def _workbook(data: bytes) -> Iterator[Table]:
    try:
        package, marks = repacked(data)
        with CalamineWorkbook.from_filelike(package) as book:
            for meta in book.sheets_metadata:
                if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible:
                    sheet = book.get_sheet_by_name(meta.name)
                    rows: Iterator[Cells] = (list(cells) for cells in sheet.iter_rows())
                    yield meta.name, _unmarked(sheet, rows) if marks else rows
    except (CalamineError, OSError):
        raise broken() from None
