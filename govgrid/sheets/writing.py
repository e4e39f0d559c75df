"""Writing sheets, row by row: exports that import back unchanged, and empty templates."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from govgrid.errors import Invalid
from govgrid.sheets.cells import written
from govgrid.sheets.outcome import Column

TEMPLATE_ROWS = 5000
MOST_XLSX_ROWS = 1_000_000
ACTING = ("=", "+", "-", "@")  # what a spreadsheet takes for a formula
QUOTED = re.compile(r"'*[=+\-@]")

Values = Mapping[str, object]


def write_sheet(
    stream: BinaryIO, columns: Sequence[Column], rows: Iterable[Values], title: str
) -> int:
    """Write an .xlsx of the rows, keyed by column key; no text can act as a formula.

    Return the number of rows. Raise `Invalid` where they are more than a sheet holds.
    """
    count = 0
    with Workbook(stream, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = _page(book, title)
        _head(book, sheet, columns)
        quoted = book.add_format({"quote_prefix": True})
        for count, row in enumerate(rows, 1):
            if count > MOST_XLSX_ROWS:
                raise Invalid("超过一张表的行数上限，请按区域分开导出，或导出为 CSV。")
            for place, column in enumerate(columns):
                _put(sheet, count, place, row.get(column.key), quoted)
    return count


def write_csv(stream: BinaryIO, columns: Sequence[Column], rows: Iterable[Values]) -> int:
    """Write CSV in UTF-8 with BOM; text that would act as a formula stands behind a `'`.

    Return the number of rows. The reader takes the `'` away again.
    """
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading(column) for column in columns)
    count = 0
    for row in rows:
        writer.writerow(_plain(written(row.get(column.key))) for column in columns)
        count += 1
    text.detach()
    return count


def write_features(stream: BinaryIO, rows: Iterable[Values]) -> int:
    """Write GeoJSON in WGS84: `geometry` of a row is GeoJSON text, the rest its properties."""
    stream.write(b'{"type":"FeatureCollection","features":[')
    count = 0
    for count, row in enumerate(rows, 1):
        told = {key: value for key, value in row.items() if key != "geometry"}
        properties = json.dumps(told | {"crs": "wgs84"}, ensure_ascii=False)
        feature = f'{{"type":"Feature","properties":{properties},"geometry":{row["geometry"]}}}'
        stream.write((",\n" if count > 1 else "\n").encode() + feature.encode())
    stream.write(b"\n]}\n")
    return count


def write_template(stream: BinaryIO, columns: Sequence[Column], title: str) -> None:
    """Write an empty .xlsx: headings with notes, drop-downs, and a page that explains them."""
    with Workbook(stream) as book:
        sheet = _page(book, title)
        _head(book, sheet, columns)
        as_text = book.add_format({"num_format": "@"})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(12, 2 * len(column.heading) + 4), as_text)
            if column.choices:
                allowed = {"validate": "list", "source": list(column.choices)}
                sheet.data_validation(1, place, TEMPLATE_ROWS, place, allowed)
            if column.note:
                sheet.write_comment(0, place, column.note)
        _explain(book, columns)


def heading(column: Column) -> str:
    """Return the heading as it stands in a sheet, with a star where a value is required."""
    return column.heading + ("*" if column.required else "")


def _plain(cell: str | float | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if QUOTED.match(cell) else cell
    return digits(cell)


def digits(number: float) -> str:
    """Return a number in full, without an exponent."""
    return str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")


def _page(book: Workbook, title: str) -> Worksheet:
    sheet: Worksheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31])
    sheet.freeze_panes(1, 0)
    return sheet


def _head(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    plain = book.add_format({"bold": True, "bg_color": "#E8EDF4", "bottom": 1})
    needed = book.add_format({"bold": True, "bg_color": "#FBE9E7", "bottom": 1})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, heading(column), needed if column.required else plain)


def _put(sheet: Worksheet, row: int, place: int, value: object, quoted: Format) -> None:
    cell = written(value)
    if isinstance(cell, float) and float(format(cell, ".16G")) != cell:
        cell = digits(cell)  # the writer keeps 16 digits
    if isinstance(cell, str):
        sheet.write_string(row, place, cell, quoted if cell[:1] in ACTING else None)
    elif cell is not None:
        sheet.write_number(row, place, cell)


def _explain(book: Workbook, columns: Sequence[Column]) -> None:
    page = book.add_worksheet("填写说明")
    bold = book.add_format({"bold": True, "bottom": 1})
    for place, (word, width) in enumerate((("列", 18), ("必填", 8), ("可选值", 48), ("说明", 60))):
        page.set_column(place, place, width)
        page.write_string(0, place, word, bold)
    for row, column in enumerate(columns, 1):
        page.write_string(row, 0, column.heading)
        page.write_string(row, 1, "是" if column.required else "")
        page.write_string(row, 2, "、".join(column.choices))
        page.write_string(row, 3, column.note)
