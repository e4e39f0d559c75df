"""Reads back from a PDF where each glyph and each rule stands, in mm from the page's top left."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby
from typing import Any

import pikepdf

MM = 25.4 / 72
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Glyph:
    text: str
    left: float
    right: float
    baseline: float
    size: float
    font: str
    number: int


@dataclass(frozen=True, slots=True)
class Rule:
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Row:
    """The glyphs on one baseline."""

    glyphs: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def baseline(self) -> float:
        return self.glyphs[0].baseline

    @property
    def left(self) -> float:
        return self.glyphs[0].left

    @property
    def right(self) -> float:
        return self.glyphs[-1].right


@dataclass(frozen=True, slots=True)
class Sheet:
    glyphs: tuple[Glyph, ...]
    rules: tuple[Rule, ...]

    def rows(self, size: float | None = None) -> list[Row]:
        chosen = [g for g in self.glyphs if size is None or abs(g.size - size) < 0.01]
        # Two marks that share a square begin at the same place: they stay as they were drawn.
        chosen.sort(key=lambda glyph: (round(glyph.baseline, 1), round(glyph.left, 2)))
        lines = groupby(chosen, key=lambda glyph: round(glyph.baseline, 1))
        return [Row(tuple(glyphs)) for _, glyphs in lines]


def measure(pdf: bytes) -> list[Sheet]:
    with pikepdf.open(BytesIO(pdf)) as document:
        return [_Reader(page).read() for page in document.pages]


def fonts(pdf: bytes) -> dict[str, Any]:
    """Return each font's name with its embedded file, None where there is none."""
    found = {}
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            for font in page.Resources.Font.values():
                descriptor = font.DescendantFonts[0].FontDescriptor
                files = [descriptor.get(name) for name in ("/FontFile2", "/FontFile3")]
                data = next((bytes(file.read_bytes()) for file in files if file), None)
                found[str(font.BaseFont)] = data
    return found


@dataclass
class _Font:
    name: str
    widths: dict[int, float]
    default: float
    texts: dict[int, str]


@dataclass
class _Reader:
    page: pikepdf.Page
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def read(self) -> Sheet:
        known: Any = self.page.get("/Resources", pikepdf.Dictionary()).get("/Font", {})
        self.fonts = {name: _font(font) for name, font in known.items()}
        self.clip: list[tuple[float, float]] = []
        self.matrix: Matrix = (1, 0, 0, 1, 0, 0)
        self.stack: list[Matrix] = []
        self.path: list[tuple[float, float]] = []
        self.pen = 1.0
        for step in pikepdf.parse_content_stream(self.page):
            name, operands = str(step.operator), list(step.operands)
            self._move(name, operands)
            self._paint(name, operands)
        return Sheet(tuple(self.glyphs), tuple(self.rules))

    def _move(self, name: str, operands: list[Any]) -> None:
        if name == "q":
            self.stack.append(self.matrix)
        elif name == "Q":
            self.matrix = self.stack.pop()
        elif name == "cm":
            self.matrix = _times(tuple(map(float, operands)), self.matrix)
        elif name == "Tm":
            self.text = _times(tuple(map(float, operands)), self.matrix)

    def _paint(self, name: str, operands: list[Any]) -> None:
        if name == "Tf":
            self.font, self.size = self.fonts[str(operands[0])], float(operands[1])
        elif name == "TJ":
            self._show(operands[0])
        elif name == "w":
            self.pen = float(operands[0]) * abs(self.matrix[0])
        elif name in {"m", "l"}:
            self.path.append(_place(self.matrix, float(operands[0]), float(operands[1])))
        elif name == "S":
            self._rule()
        elif name == "W*":
            self.clip = self.path
        elif name == "f*":
            self._border()
        elif name in {"f", "n", "B"}:
            self.path = []

    def _border(self) -> None:
        """A box's border is a fill cut down to the border's own four corners."""
        if len(self.clip) == 4:
            xs, ys = zip(*self.clip, strict=True)
            self.rules.append(Rule(min(xs), max(xs), min(ys), max(ys)))
        self.path = []

    def _rule(self) -> None:
        xs, ys = zip(*self.path, strict=True)
        half = self.pen * MM / 2 if len(set(ys)) == 1 else 0.0
        self.rules.append(Rule(min(xs), max(xs), min(ys) - half, max(ys) + half))
        self.path = []

    def _show(self, array: Any) -> None:
        reach = 0.0
        for part in array:
            if isinstance(part, pikepdf.String):
                for number in _pairs(bytes(part)):
                    wide = self.font.widths.get(number, self.font.default) * self.size / 1000
                    self._glyph(number, reach, wide)
                    reach += wide
            else:
                reach -= float(part) * self.size / 1000

    def _glyph(self, number: int, reach: float, wide: float) -> None:
        left, baseline = _place(self.text, reach, 0)
        right, _ = _place(self.text, reach + wide, 0)
        size = self.size * abs(self.text[0]) * MM
        text = self.font.texts.get(number, "\ufffd")
        self.glyphs.append(Glyph(text, left, right, baseline, size, self.font.name, number))


def _times(one: Any, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def _place(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return (a * x + c * y + e) * MM, 297 - (b * x + d * y + f) * MM


def _pairs(data: bytes) -> Iterator[int]:
    return (int.from_bytes(data[place : place + 2]) for place in range(0, len(data), 2))


def _font(font: Any) -> _Font:
    below = font.DescendantFonts[0]
    widths: dict[int, float] = {}
    parts = list(below.get("/W", []))
    while parts:
        first, second = int(parts.pop(0)), parts.pop(0)
        if isinstance(second, pikepdf.Array):
            widths |= {first + step: float(wide) for step, wide in enumerate(second)}
        else:
            wide = float(parts.pop(0))
            widths |= dict.fromkeys(range(first, int(second) + 1), wide)
    texts = {}
    for number, text in re.findall(
        rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", font.ToUnicode.read_bytes()
    ):
        texts[int(number, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return _Font(str(font.BaseFont), widths, float(below.get("/DW", 1000)), texts)
