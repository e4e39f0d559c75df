"""Chinese text into lines of exact width: kinsoku, squeezed marks, numbers kept with units.

Lengths are in em of the text's own size. GB/T 9704-2012 wants 28 characters on a line; the
renderer stretches spaces only, so each line is broken and spaced here.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby, pairwise

from govgrid.errors import Invalid
from govgrid.press.fonts import CLOSING, OPENING, Face, Fonts

NO_START = frozenset(CLOSING + "—…·～％%‰℃㎡々,.;:!?)]}/")
NO_END = frozenset(OPENING + "([{￥¥")
UNITS = (
    "平方米|平方公里|公里|立方米|千瓦时|千瓦|小时|分钟|工作日|个月|万元|亿元|万户|个百分点"
    "|[年月日时分秒天周户人个件元角名次项台栋幢单层号期届条处米吨度路部辆盏套家位点%％‰℃㎡]"
)
NUMBER = re.compile(rf"第?[0-9][0-9,.:]*(?:{UNITS})?")

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/-]*")
LONGEST_CODE = 28
"""Characters, half a line: a longer one would leave too little before it, and breaks as a word."""

NEVER, CODES, NUMBERS, WORDS, FREE = range(5)
"""How willingly a line is broken at a place: the lower, the looser the line must be."""

LOOSEST = {FREE: 0.15, WORDS: 0.5, NUMBERS: float("inf"), CODES: float("inf")}
"""The space between characters up to which a break of that kind is taken."""

SLIGHT = 1e-6
GRAIN = 0.002
"""Letter spacing comes out exact in whole grains; between them the renderer rounds down."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one style."""

    text: str
    style: str = "fang"
    whole: bool = False
    """A name: broken only where a number would be."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run in one font: what its marks give up before and after, and what every character gains."""

    text: str
    face: str
    before: float = 0.0
    after: float = 0.0
    spacing: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    spans: tuple[Span, ...]
    indent: float

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Measure:
    """How wide lines are and where they begin."""

    width: float = 28.0
    first: float = 2.0
    rest: float = 0.0
    even: bool = True
    """Whether full lines meet the right edge."""


BODY = Measure()


def compose(
    pieces: Sequence[Piece], fonts: Fonts, measure: Measure = BODY, where: str = ""
) -> tuple[Line, ...]:
    """Break the pieces into lines; spaces at a line's end are dropped.

    Raises Invalid, naming the character and `where`, when no font has one.
    """
    row = _Row.of(pieces, fonts, where)
    lines: list[Line] = []
    start = 0
    while start < len(row.text):
        indent = measure.rest if lines else measure.first
        line, start = row.line(start, measure.width - indent, indent, even=measure.even)
        lines.append(line)
    return tuple(lines)


def balanced(pieces: Sequence[Piece], fonts: Fonts, width: float, where: str) -> tuple[Line, ...]:
    """Break a title into as few lines as fit, of about the same length."""

    def tried(room: float) -> tuple[Line, ...]:
        return compose(pieces, fonts, Measure(room, 0.0, 0.0, even=False), where)

    fewest = tried(width)
    narrow = natural_width(pieces, fonts, where) / max(1, len(fewest))
    rooms = (narrow + step * 0.5 for step in range(int((width - narrow) * 2) + 1))
    return next((lines for lines in map(tried, rooms) if len(lines) <= len(fewest)), fewest)


def natural_width(pieces: Sequence[Piece], fonts: Fonts, where: str) -> float:
    """Return the width in em of the pieces on one line."""
    return _Row.of(pieces, fonts, where).widths[-1]


@dataclass(frozen=True, slots=True)
class _Row:
    """The whole text, character by character, with running totals from its start."""

    text: str
    faces: tuple[Face, ...]
    breaks: tuple[int, ...]
    """How willingly the line breaks before each character."""
    widths: tuple[float, ...]
    before: tuple[float, ...]
    """What opening marks can give up, and after: what closing marks can; totals."""
    after: tuple[float, ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece], fonts: Fonts, where: str) -> "_Row":
        text = "".join(piece.text for piece in pieces)
        faces = tuple(_faces(pieces, fonts, where))
        pairs = tuple(zip(text, faces, strict=True))
        return cls(
            text,
            faces,
            tuple(_breaks(text, pieces)),
            _totals(_width(face, char) for char, face in pairs),
            _totals(_slack(face, char, OPENING) for char, face in pairs),
            _totals(_slack(face, char, CLOSING) for char, face in pairs),
        )

    def line(self, start: int, room: float, indent: float, *, even: bool) -> tuple[Line, int]:
        """Set the line that begins at `start`; return it with the next one's start."""
        end = self._end(start, room, even=even)
        last = self._trimmed(start, end)
        spare = room - self._wide(start, last)
        following = self._skipped(end)
        if spare < -SLIGHT:
            share = min(1.0, -spare / (self._give(start, last) or 1.0))
            return Line(self._squeezed(start, last, share), indent), following
        full = even and following < len(self.text)
        return Line(self._stretched(start, last, spare if full else 0.0), indent), following

    def _end(self, start: int, room: float, *, even: bool) -> int:
        reach = self._reach(start, room)
        if reach == len(self.text):
            return reach
        tight = self._squeezed_end(start, room, reach) if even else None
        for kind, loosest in LOOSEST.items():
            end = self._break_at(start, reach, kind)
            if end is None:
                continue
            loose = self._looseness(start, end, room)
            if tight and loose > SLIGHT and (tight[1] <= 0.5 or loose > 0.06):
                return tight[0]
            if not even or loose <= loosest:
                return end
        return tight[0] if tight else reach

    def _reach(self, start: int, room: float) -> int:
        """Return how far the room goes, closing spaces not counted."""
        end = bisect_right(self.widths, self.widths[start] + room + SLIGHT) - 1
        return self._skipped(max(end, start + 1))

    def _break_at(self, start: int, reach: int, kind: int) -> int | None:
        places = range(reach, start, -1)
        return next((place for place in places if self.breaks[place] >= kind), None)

    def _squeezed_end(self, start: int, room: float, reach: int) -> tuple[int, float] | None:
        """Return the first break past the reach that squeezing allows, and the share it takes."""
        for end in range(reach + 1, min(reach + 8, len(self.text)) + 1):
            if self.breaks[end] < FREE:
                continue
            last = self._trimmed(start, end)
            give = self._give(start, last)
            over = self._wide(start, last) - room
            return (end, over / give) if give and over <= give + SLIGHT else None
        return None

    def _looseness(self, start: int, end: int, room: float) -> float:
        last = self._trimmed(start, end)
        return (room - self._wide(start, last)) / max(1, last - start - 1)

    def _wide(self, start: int, last: int) -> float:
        return self.widths[last] - self.widths[start]

    def _give(self, start: int, last: int) -> float:
        """Return what the marks inside can give up; those at the edges keep their square."""
        inner = self.after[max(start, last - 1)] - self.after[start]
        return inner + self.before[last] - self.before[min(start + 1, last)]

    def _trimmed(self, start: int, end: int) -> int:
        while end > start + 1 and self.text[end - 1] == " ":
            end -= 1
        return end

    def _skipped(self, end: int) -> int:
        while end < len(self.text) and self.text[end] == " ":
            end += 1
        return end

    def _squeezed(self, start: int, last: int, share: float) -> tuple[Span, ...]:
        marks = [self._mark(start, last, place, share) for place in range(start, last)]
        return self._spans(start, last, marks)

    def _stretched(self, start: int, last: int, spare: float) -> tuple[Span, ...]:
        """Share the spare room among the gaps, in whole grains, the first ones one more."""
        grains = round(spare / GRAIN)
        each, more = divmod(grains, max(1, last - start - 1))
        wide, narrow = (each + 1) * GRAIN, each * GRAIN
        marks = [(0.0, 0.0, wide if gap < more else narrow, 0) for gap in range(last - start)]
        return self._spans(start, last, marks)

    def _spans(
        self, start: int, last: int, marks: Sequence[tuple[float, float, float, int]]
    ) -> tuple[Span, ...]:
        """Join neighbours of one font and one spacing into runs."""
        runs = groupby(range(start, last), key=lambda i: (self.faces[i].key, *marks[i - start]))
        return tuple(
            Span("".join(self.text[place] for place in places), face, before, after, spacing)
            for (face, before, after, spacing, _), places in runs
        )

    def _mark(
        self, start: int, last: int, place: int, share: float
    ) -> tuple[float, float, float, int]:
        """Return what this mark gives up, and a number that keeps squeezed marks apart."""
        before = (self.before[place + 1] - self.before[place]) * share if place > start else 0.0
        after = (self.after[place + 1] - self.after[place]) * share if place < last - 1 else 0.0
        return before, after, 0.0, place if before or after else 0


def _totals(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(accumulate(values, initial=0.0))


def _faces(pieces: Sequence[Piece], fonts: Fonts, where: str) -> Iterable[Face]:
    for piece in pieces:
        for char in piece.text:
            yield _face_of(fonts, piece.style, char, where)


def _face_of(fonts: Fonts, style: str, char: str, where: str) -> Face:
    if face := fonts.face(char, style):
        return face
    shown = char if char.isprintable() else unicodedata.name(char, "控制字符")
    message = "%(where)s中的字符“%(char)s”（U+%(code)s）没有字体可用，无法打印，请改用其他写法。"
    raise Invalid(message, where=where or "正文", char=shown, code=f"{ord(char):04X}")


def _width(face: Face, char: str) -> float:
    return face.widths[char]


def _slack(face: Face, char: str, marks: str) -> float:
    """Return how much narrower a mark can be set: at most half, and never into its ink."""
    if char not in marks or face.widths[char] < 0.85:
        return 0.0
    left, right = face.bearings[char]
    return max(0.0, min(0.5, (left if marks is OPENING else right) - 0.05))


def _breaks(text: str, pieces: Sequence[Piece]) -> list[int]:
    """Return how willingly a line breaks before each character, and at the text's end."""
    inner = [_between(*pair) for pair in pairwise(text)]
    breaks = [FREE, *inner, FREE] if text else [FREE]
    for found in NUMBER.finditer(text):
        _hold(breaks, found.start(), found.end(), NUMBERS)
    for found in CODE.finditer(text):
        if len(found[0]) <= LONGEST_CODE and any(map(str.isdigit, found[0])):
            _hold(breaks, found.start(), found.end(), CODES)
    place = 0
    for piece in pieces:
        if piece.whole:
            _hold(breaks, place, place + len(piece.text), NUMBERS)
        place += len(piece.text)
    return breaks


def _hold(breaks: list[int], start: int, end: int, kind: int) -> None:
    for place in range(start + 1, end):
        breaks[place] = min(breaks[place], kind)


@lru_cache(maxsize=65536)
def _between(left: str, right: str) -> int:
    if right == " " or right in NO_START or left in NO_END or unicodedata.combining(right):
        return NEVER
    return WORDS if _in_word(left) and _in_word(right) else FREE


@lru_cache(maxsize=65536)
def _in_word(char: str) -> bool:
    """Tell a letter or sign of a Latin word or number from a Chinese character."""
    width = unicodedata.east_asian_width(char)
    narrow = width in {"Na", "N", "H"}
    return char != " " and (narrow or (width == "A" and char.isalpha()))
