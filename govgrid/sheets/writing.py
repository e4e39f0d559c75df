"""Writing sheets: exports that import back unchanged, and empty templates."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from govgrid.clock import HERE
from govgrid.sheets.cells import WordReader, shown, trimmed
from govgrid.sheets.outcome import Column
from govgrid.words import Word

TEMPLATE_ROWS = 5000


def write_sheet(
    columns: Sequence[Column], rows: Iterable[Mapping[str, object]], title: str
) -> bytes:
    """Return an .xlsx of the rows, keyed by column key; no text can act as a formula."""
    stream = io.BytesIO()
    with Workbook(stream, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = _page(book, title)
        _head(book, sheet, columns)
        quoted = book.add_format({"quote_prefix": True})
        for at, row in enumerate(rows, 1):
            for place, column in enumerate(columns):
                _put(sheet, at, place, row.get(column.key), quoted)
    return stream.getvalue()


def write_template(columns: Sequence[Column], title: str) -> bytes:
    """Return an empty .xlsx: headings with notes, and drop-downs where words are fixed."""
    stream = io.BytesIO()
    with Workbook(stream) as book:
        sheet = _page(book, title)
        _head(book, sheet, columns)
        as_text = book.add_format({"num_format": "@"})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, 16, as_text)
            if isinstance(column.read, WordReader):
                sheet.data_validation(
                    1,
                    place,
                    TEMPLATE_ROWS,
                    place,
                    {"validate": "list", "source": column.read.words},
                )
            if column.note:
                sheet.write_comment(0, place, column.note)
    return stream.getvalue()


def written(value: object) -> str | float | None:
    """Return a value as its cell: words, local times and joined lists as text."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return _written(value)


def _written(value: object) -> str:
    if isinstance(value, Word):
        return value.word
    if isinstance(value, datetime):
        return f"{value.astimezone(HERE):%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "；".join(str(written(item)) for item in value)
    return trimmed(shown(value))


def _page(book: Workbook, title: str) -> Worksheet:
    sheet: Worksheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31])
    sheet.freeze_panes(1, 0)
    return sheet


def _head(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    plain = book.add_format({"bold": True, "bg_color": "#E8EDF4", "bottom": 1})
    needed = book.add_format({"bold": True, "bg_color": "#FBE9E7", "bottom": 1})
    for place, column in enumerate(columns):
        heading = column.heading + ("*" if column.required else "")
        sheet.write_string(0, place, heading, needed if column.required else plain)


def _put(sheet: Worksheet, row: int, place: int, value: object, quoted: Format) -> None:
    cell = written(value)
    if isinstance(cell, str):
        sheet.write_string(row, place, cell, quoted if cell[:1] in tuple("=+-@") else None)
    elif cell is not None:
        sheet.write_number(row, place, cell)
