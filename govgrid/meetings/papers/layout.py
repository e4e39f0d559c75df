"""Composed blocks of a page: paragraphs, hanging fields, tables. Lengths in mm."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from govgrid.meetings.papers.lines import (
    BODY,
    Line,
    Measure,
    Piece,
    balanced,
    compose,
    natural_width,
)
from govgrid.press.fonts import Fonts

BLOCK = 156.0
PITCH = 225 / 22
BODY_SIZE = BLOCK / 28
TITLE_SIZE = 7.761
"""2号, 22 pt."""
SMALL_SIZE = 4.939
"""4号, 14 pt: the imprint."""
TABLE_SIZE = 4.233
"""小四号, 12 pt."""
CELL_EDGES = 2 * 1.2 + 0.3
"""A cell's padding and its share of the rules."""
ROW_LINES = 24
"""A table row longer than this is set as two, so that no row outgrows a page."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    lines: tuple[Line, ...]
    kind: str = "text"
    """Its CSS class; heading makes it an h2."""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    lines: tuple[Line, ...]
    align: str


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: str = "table"


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Headline:
    """A masthead fitted to the block's width."""

    lines: tuple[Line, ...]
    size: float


@dataclass(frozen=True, slots=True)
class Typesetter:
    """Sets plain text in the official form; every refusal names where the text stands."""

    fonts: Fonts

    def lines(
        self, pieces: Iterable[Piece], measure: Measure = BODY, where: str = ""
    ) -> tuple[Line, ...]:
        return compose(_cleaned(pieces), self.fonts, measure, where)

    def paragraphs(self, text: str, where: str, lead: str = "") -> tuple[Paragraph, ...]:
        """Set each line of the text as a paragraph; the lead goes before the first."""
        parts = [part for part in text.splitlines() if part.strip()]
        leads = [lead] + [""] * len(parts)
        return tuple(
            Paragraph(self.lines([Piece(first, "kai"), Piece(part.strip())], where=where))
            for first, part in zip(leads, parts, strict=False)
        )

    def heading(self, text: str, where: str, style: str = "hei") -> Paragraph:
        return Paragraph(self.lines([Piece(text, style)], where=where), "heading")

    def field(self, label: str, pieces: Sequence[Piece], where: str = "") -> Paragraph:
        """Set a label in 黑体 and its text, whose lines align after the colon."""
        indent = 2.0 + natural_width([Piece(label, "hei")], self.fonts, label)
        measure = Measure(first=2.0, rest=indent)
        return Paragraph(self.lines([Piece(label, "hei"), *pieces], measure, where or label))

    def title(self, text: str, where: str, width: float = BLOCK) -> Paragraph:
        pieces = _cleaned([Piece(text, "title")])
        return Paragraph(balanced(pieces, self.fonts, width / TITLE_SIZE, where), "title")

    def headline(self, text: str, where: str) -> Headline:
        """Set the masthead as large as fits: one line, or two when it is very long."""
        pieces = _cleaned([Piece(text, "title")])
        width = natural_width(pieces, self.fonts, where)
        room = width + 0.1 if width <= 20 else width / 2 + 1
        lines = balanced(pieces, self.fonts, room, where)
        widest = min(room, max(1.0, width))
        return Headline(lines, min(17.0, BLOCK / widest, 25 / len(lines)))

    def small(self, pieces: Iterable[Piece], width: float, hang: float, where: str) -> Paragraph:
        """Set text of table size into a width, its further lines indented by `hang` em."""
        measure = Measure(width / TABLE_SIZE, 0.0, hang, even=False)
        return Paragraph(self.lines(pieces, measure, where), "small")

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]], where: str) -> Table:
        """Set each cell's text into its column; a newline in it begins a new line."""
        head = tuple(
            Cell(self._cell(column.title, column, "hei", where), "center") for column in columns
        )
        body = tuple(part for row in rows for part in self._rows(columns, row, where))
        return Table(tuple(columns), head, body)

    def _rows(
        self, columns: Sequence[Column], row: Sequence[str], where: str
    ) -> Iterable[tuple[Cell, ...]]:
        texts = [
            self._cell(text, column, "fang", f"{where}“{column.title}”一栏")
            for column, text in zip(columns, row, strict=True)
        ]
        tallest = max(map(len, texts), default=0)
        for top in range(0, max(1, tallest), ROW_LINES):
            yield tuple(
                Cell(lines[top : top + ROW_LINES], column.align)
                for column, lines in zip(columns, texts, strict=True)
            )

    def _cell(self, text: str, column: Column, style: str, where: str) -> tuple[Line, ...]:
        measure = Measure((column.width - CELL_EDGES) / TABLE_SIZE, 0.0, 0.0, even=False)
        parts = text.splitlines()
        return tuple(
            line for part in parts for line in self.lines([Piece(part, style)], measure, where)
        )


def _cleaned(pieces: Iterable[Piece]) -> list[Piece]:
    return [Piece(clean(piece.text), piece.style, piece.whole) for piece in pieces]


def clean(text: str) -> str:
    """Compose accents, turn line ends and tabs into spaces, drop what has no shape."""
    spaced = " ".join(text.replace("\t", " ").splitlines())
    composed = unicodedata.normalize("NFC", spaced)
    return "".join(char for char in composed if not _shapeless(char))


def _shapeless(char: str) -> bool:
    """Tell zero-width joiners, direction marks and variation selectors."""
    selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return selector or unicodedata.category(char) == "Cf"


def printable(fonts: Fonts, text: str) -> str:
    """Put 〓, as printers do, for a character without font: one name must not stop a street."""
    return "\n".join(
        "".join(char if fonts.face(char, "fang") else "〓" for char in clean(line))
        for line in text.splitlines()
    )
