"""Workbooks for people: chapters as sheets, real numbers and percentages, no text that acts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from govgrid.clock import HERE
from govgrid.sheets.cells import trimmed
from govgrid.sheets.writing import ACTING


class Form(Enum):
    """How a column's values are written: their type, and the format of a spreadsheet."""

    TEXT = ""
    COUNT = "#,##0"
    AREA = "#,##0.0"
    RATE = "0.0%"
    POINTS = "+0.0;-0.0;0.0"  # percentage points
    SHARE = "share"  # a part of a whole: rate, part and whole, each in a column of its own
    DAY = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; over nothing there is no rate."""

    part: float
    whole: float

    @property
    def rate(self) -> float | None:
        return self.part / self.whole if self.whole else None


Value = str | float | date | Share | None


@dataclass(frozen=True, slots=True)
class Field:
    """A column: heading, form, width in characters; of a share, what part and whole are called."""

    heading: str
    form: Form = Form.TEXT
    width: int = 10
    parts: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; the last one sums up where `total` says so."""

    caption: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sheet: notes, then tables one below the other."""

    title: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Formats:
    heading: Format
    caption: Format
    title: Format
    note: Format
    quoted: Format
    plain: dict[Form, Format] = field(default_factory=dict)
    summed: dict[Form, Format] = field(default_factory=dict)


def write_book(
    stream: BinaryIO,
    title: str,
    leaves: Sequence[Leaf],
    front: Sequence[tuple[str, str]],
    at: datetime,
) -> None:
    """Write an .xlsx whose first sheet says what it is, by `front`: labels and texts.

    `at` (aware) is its creation date: the same content gives the same bytes.
    """
    with Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": title, "created": at.astimezone(HERE).replace(tzinfo=None)})
        forms = _formats(book)
        _front(book, title, front, leaves, forms)
        for leaf in leaves:
            _leaf(book.add_worksheet(leaf.title[:31]), title, leaf, front, forms)


def _formats(book: Workbook) -> _Formats:
    made = _Formats(
        heading=book.add_format(
            {"bold": True, "bg_color": "#E8EDF4", "bottom": 1, "text_wrap": True, "valign": "top"}
        ),
        caption=book.add_format({"bold": True, "font_size": 12}),
        title=book.add_format({"bold": True, "font_size": 16}),
        note=book.add_format({"font_color": "#555555"}),
        quoted=book.add_format({"quote_prefix": True}),
    )
    for form in Form:
        code = {} if form in {Form.TEXT, Form.SHARE} else {"num_format": form.value}
        made.plain[form] = book.add_format(code)
        made.summed[form] = book.add_format({**code, "bold": True, "top": 1})
    return made


def _front(
    book: Workbook,
    title: str,
    front: Sequence[tuple[str, str]],
    leaves: Sequence[Leaf],
    forms: _Formats,
) -> None:
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 80)
    _text(sheet, 0, 0, title, forms.title, forms)
    for row, (label, text) in enumerate(front, 2):
        _text(sheet, row, 0, label, forms.heading, forms)
        _text(sheet, row, 1, text, None, forms)
    first = len(front) + 3
    for row, leaf in enumerate(leaves, first):
        sheet.write_url(row, 0, f"internal:'{leaf.title[:31]}'!A1", string=leaf.title)
        _text(sheet, row, 1, "；".join(t.caption for t in leaf.tables), None, forms)


def _leaf(
    sheet: Worksheet, title: str, leaf: Leaf, front: Sequence[tuple[str, str]], forms: _Formats
) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    _text(sheet, 0, 0, f"{title} · {leaf.title}", forms.title, forms)
    _text(sheet, 1, 0, "　".join(f"{label}：{text}" for label, text in front), forms.note, forms)
    row = 2
    for note in leaf.notes:
        _text(sheet, row, 0, note, forms.note, forms)
        row += 1
    for place, width in enumerate(_widths(leaf.tables)):
        sheet.set_column(place, place, width)
    for table in leaf.tables:
        row = _table(sheet, row + 1, table, forms)


def _table(sheet: Worksheet, row: int, table: Table, forms: _Formats) -> int:
    """Write a table from that row on; return the first free row after it."""
    _text(sheet, row, 0, table.caption, forms.caption, forms)
    if table.note:
        row += 1
        _text(sheet, row, 0, table.note, forms.note, forms)
    row += 1
    if not table.rows:
        _text(sheet, row, 0, "没有数据", forms.note, forms)
        return row + 1
    columns = list(_columns(table.fields))
    for place, column in enumerate(columns):
        _text(sheet, row, place, column.heading, forms.heading, forms)
    for number, values in enumerate(table.rows, 1):
        last = table.total and number == len(table.rows)
        for place, (column, value) in enumerate(zip(columns, _spread(table, values), strict=True)):
            _put(sheet, row + number, place, value, column.form, forms, last=last)
    return row + len(table.rows) + 1


def _columns(fields: Sequence[Field]) -> Iterator[Field]:
    for one in fields:
        if one.form is Form.SHARE:
            yield Field(one.heading, Form.RATE)
            yield Field(one.parts[0], Form.COUNT)
            yield Field(one.parts[1], Form.COUNT)
        else:
            yield one


def _spread(table: Table, values: Sequence[Value]) -> Iterator[Value]:
    for one, value in zip(table.fields, values, strict=True):
        if one.form is not Form.SHARE:
            yield value
        elif isinstance(value, Share):
            yield from (value.rate, value.part, value.whole)
        else:
            yield from (None, None, None)


def _widths(tables: Sequence[Table]) -> list[int]:
    found: list[int] = []
    for table in tables:
        for place, column in enumerate(_columns(table.fields)):
            wide = max(column.width, 2 * len(column.heading) + 2)
            if place == len(found):
                found.append(wide)
            found[place] = max(found[place], wide)
    return found


def _put(
    sheet: Worksheet, row: int, place: int, value: Value, form: Form, forms: _Formats, *, last: bool
) -> None:
    look = (forms.summed if last else forms.plain)[form]
    if isinstance(value, str):
        _text(sheet, row, place, value, look if last else None, forms)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
    elif isinstance(value, Share) or value is None:
        sheet.write_blank(row, place, None, look)
    elif form is Form.POINTS:
        sheet.write_number(row, place, value * 100, look)
    else:
        sheet.write_number(row, place, value, look)


def _text(
    sheet: Worksheet, row: int, place: int, text: str, look: Format | None, forms: _Formats
) -> None:
    text = trimmed(text)
    acting = text[:1] in ACTING and look is None
    sheet.write_string(row, place, text, forms.quoted if acting else look)
