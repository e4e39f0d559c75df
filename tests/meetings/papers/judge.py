"""Holds a printed minutes against the official form and against what it was printed from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

import pikepdf
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from govgrid.meetings.papers import wording
from govgrid.meetings.papers.document import MinutesDocument
from govgrid.meetings.papers.lines import NO_END, NO_START

from .build import VENDOR
from .measure import MM, Row, Sheet, fonts, measure

LEFT, RIGHT, TOP, BOTTOM = 28.0, 184.0, 37.0, 262.0
PITCH, CHARACTER = 225 / 22, 156 / 28
SMALL, TITLE, TABLE = 14 * MM, 22 * MM, 12 * MM
FACES = {"FandolFang", "LXGWWenKai", "NotoSansSC", "NotoSerifSC"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, each in one line, and the largest distance from each measure, mm."""

    faults: list[str]
    off: dict[str, float]


class Judge:
    """Measures one paper."""

    def __init__(self, pdf: bytes, document: MinutesDocument) -> None:
        self.pdf, self.document = pdf, document
        self.sheets = measure(pdf)
        self.off: dict[str, float] = {}

    def verdict(self) -> Verdict:
        faults = [
            *self._page(),
            *self._head(),
            *self._lines(),
            *self._kinsoku(),
            *self._imprint(),
            *self._numbers(),
            *self._annexes(),
            *self._faces(),
            *self._text(),
            *self._inside(),
        ]
        return Verdict(faults, self.off)

    def _near(self, what: str, found: float, wanted: float, most: float = 0.5) -> Iterator[str]:
        distance = abs(found - wanted)
        self.off[what] = max(self.off.get(what, 0.0), distance)
        if distance > most:
            yield f"{what}: {found:.3f} mm, not {wanted:.3f}"

    def _page(self) -> Iterator[str]:
        with pikepdf.open(BytesIO(self.pdf)) as document:
            for page in document.pages:
                _x, _y, wide, high = (float(side) * MM for side in page.mediabox)
                yield from self._near("paper width", wide, 210)
                yield from self._near("paper height", high, 297)

    def _rows(self) -> list[Row]:
        return [row for sheet in self.sheets for row in sheet.rows()]

    def _begins(self, word: str) -> Row | None:
        found = (row for row in self._rows() if row.text.startswith(word[:8]))
        return next(found, None)

    def _head(self) -> Iterator[str]:
        rows = self.sheets[0].rows()
        masthead = next(row for row in rows if row.glyphs[0].size > 8)
        top = masthead.baseline - _ink(masthead.text[0], masthead.glyphs[0].size)
        yield from self._near("masthead top", top, TOP + 35)
        yield from self._near("masthead centre", (masthead.left + masthead.right) / 2, 106)
        issue, line = self._begins(self.document.issue), self._begins(self.document.house.body)
        if issue is None or line is None:
            yield "number or issuing office: not on paper"
            return
        yield from self._near("number centre", (issue.left + issue.right) / 2, 106)
        yield from self._near("issuing office left", line.left, LEFT)
        yield from self._near("date right", line.right, RIGHT)
        red = [r for r in self.sheets[0].rules if r.right - r.left > 150 and r.top < 130]
        if bool(red) is not self.document.house.red_rule:
            yield "red rule: not as the house has it"
        for title in self.sheets[0].rows(TITLE):
            yield from self._near("title centre", (title.left + title.right) / 2, 106)
            yield from self._near("title size", title.glyphs[0].size, TITLE, 0.05)

    def _lines(self) -> Iterator[str]:
        for number, sheet in enumerate(self.sheets, 1):
            rows = sheet.rows(CHARACTER)
            head = TOP + 9 * PITCH if number == 1 else 0.0  # the head keeps no lines
            for one, two in pairwise(rows):
                steps = (two.baseline - one.baseline) / PITCH
                if steps < 6 and one.baseline > head and self._plain(sheet, one, two):
                    yield from self._near("line pitch", (steps - round(steps)) * PITCH, 0, 0.1)
                if abs(two.left - LEFT) < 0.5 and round(steps) == 1 and self._body(one):
                    yield from self._near("right edge of a full line", one.right, RIGHT, 0.3)
            for row in rows:
                if not LEFT - 0.3 < row.left < row.right < RIGHT + 0.3:
                    yield f"page {number}: a line stands outside the block: {row.text[:12]}"
            if len(rows) == 22 and len(sheet.rows()) == 23:  # the number is the last
                yield from self._full(number, rows)

    def _full(self, number: int, rows: list[Row]) -> Iterator[str]:
        middle = [row.baseline - 0.38 * CHARACTER for row in (rows[0], rows[-1])]
        yield from self._near("first line of a full page", middle[0] - PITCH / 2, TOP)
        yield from self._near("last line of a full page", middle[1] + PITCH / 2, BOTTOM)
        for row in rows:
            plain = all("\u4e00" <= char <= "\u9fff" for char in row.text)
            if plain and row.right > RIGHT - 0.5 and row.left < LEFT + 0.5 and len(row.text) != 28:
                yield f"page {number}: {len(row.text)} characters on a full line"

    def _plain(self, sheet: Sheet, one: Row, two: Row) -> bool:
        """Tell lines with nothing of another size between them."""
        return not any(
            one.baseline + 0.5 < row.baseline < two.baseline - 0.5 for row in sheet.rows()
        ) and not any(one.baseline < rule.top < two.baseline for rule in sheet.rules)

    def _body(self, row: Row) -> bool:
        return row.right - LEFT > 100

    def _kinsoku(self) -> Iterator[str]:
        for number, sheet in enumerate(self.sheets, 1):
            for size in (CHARACTER, SMALL):
                for row in sheet.rows(size):
                    text = row.text.strip()
                    if text.startswith("—") and text.endswith("—"):
                        continue  # the page's number
                    if text and (text[0] in NO_START or text[-1] in NO_END):
                        yield f"page {number}: kinsoku at “{text[:4]}…{text[-4:]}”"

    def _imprint(self) -> Iterator[str]:
        wide = [rule for rule in self.sheets[-1].rules if rule.right - rule.left > 155.5]
        found = sorted(wide, key=lambda rule: rule.top)[-3:]
        if len(found) < 3:
            yield "imprint: three rules wanted"
            return
        for rule, thick in zip(found, (0.35, 0.25, 0.35), strict=True):
            yield from self._near("imprint rule thickness", rule.bottom - rule.top, thick, 0.05)
            yield from self._near("imprint left", rule.left, LEFT)
            yield from self._near("imprint right", rule.right, RIGHT)
        yield from self._near("imprint on the block's edge", found[-1].bottom, BOTTOM)
        small = [r for r in self.sheets[-1].rows(SMALL) if r.baseline < BOTTOM]
        yield from self._near("copies one character in", small[0].left, LEFT + SMALL)
        yield from self._near("printing date one character in", small[-1].right, RIGHT - SMALL)
        if not any(row.baseline < found[0].top for row in self.sheets[-1].rows()):
            yield "imprint: alone on its page"
        if not small[-1].text.endswith("印发") or "。" not in small[-2].text[-1:]:
            yield "imprint: copies end with 。, the last line with 印发"

    def _numbers(self) -> Iterator[str]:
        for number, sheet in enumerate(self.sheets, 1):
            row = sheet.rows()[-1]
            if row.text != f"— {number} —":
                yield f"page {number}: its number is {row.text}"
            dash = row.baseline - 0.3 * SMALL
            yield from self._near("page number 7 mm below", dash, BOTTOM + 7)
            found, wanted = (row.right, RIGHT - SMALL) if number % 2 else (row.left, LEFT + SMALL)
            yield from self._near("page number one character in", found, wanted)

    def _annexes(self) -> Iterator[str]:
        if not self.document.annexes:
            return
        sheet = next(s for s in self.sheets if s.rows()[0].text.startswith("附件"))
        label, title = sheet.rows()[:2]
        yield from self._near("attachment's label", label.left, LEFT)
        larger = 0.38 * (TITLE - CHARACTER)
        line = TOP + PITCH / 2 + 0.38 * CHARACTER
        yield from self._near("attachment on line 1", label.baseline, line)
        yield from self._near(
            "attachment's title on line 3", title.baseline - larger, line + 2 * PITCH
        )

    def _faces(self) -> Iterator[str]:
        embedded = fonts(self.pdf)
        for name, data in embedded.items():
            if not data:
                yield f"{name} is not embedded"
            if name.partition("+")[2].partition("-")[0] not in FACES:
                yield f"{name} is no font of ours"
        missing = {g.text for sheet in self.sheets for g in sheet.glyphs if g.number == 0}
        if missing:
            yield f"no glyph for {missing}"

    def _text(self) -> Iterator[str]:
        said = _bare("".join(row.text for row in self._rows()))
        said = re.sub(r"—\d+—", "", said)
        at = 0
        for text in self._wanted():
            place = said.find(_bare(text), at)
            if place < 0:
                yield f"not on paper, or not in order: {text[:30]}"
            else:
                at = place + len(_bare(text))

    def _wanted(self) -> Iterator[str]:
        one = self.document
        yield from (one.house.masthead, one.issue, one.title)
        yield wording.span(one.starts_at, one.ends_at)
        yield one.place
        yield from one.opening
        for item in one.agenda:
            yield item.title
            yield from (*item.heard, *item.discussed, *item.decided)

    def _inside(self) -> Iterator[str]:
        with pikepdf.open(BytesIO(self.pdf)) as document:
            files = {n: spec.get_file().read_bytes() for n, spec in document.attachments.items()}
            with document.open_metadata() as known:
                variant = (known["pdfaid:part"], known["pdfaid:conformance"])
            tagged = bool(document.Root.MarkInfo.Marked) and "/StructTreeRoot" in document.Root
            language = str(document.Root.Lang)
            sound = document.check_pdf_syntax()
        wanted = {"meeting.json": self.document.meeting_json, "meeting.ics": self.document.calendar}
        wanted |= {one.place: one.content for one in self.document.files if one.content}
        if files != wanted:
            yield "attachments: not what was put in"
        if variant != ("3", "A") or not tagged or language != "zh-CN":
            yield f"no tagged Chinese PDF/A-3a: {variant} {tagged} {language}"
        yield from map(str, sound)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _ink(char: str, size: float) -> float:
    """Return how high a character of the masthead reaches above its baseline, mm."""
    with TTFont(VENDOR / "fonts" / "NotoSerifSC_900Black.ttf") as file:
        pen = BoundsPen(file.getGlyphSet())
        file.getGlyphSet()[file.getBestCmap()[ord(char)]].draw(pen)
        bounds = pen.bounds
        em = file["head"].unitsPerEm
    assert bounds is not None
    return float(bounds[3] * size / em)


def judged(pdf: bytes, document: MinutesDocument) -> Verdict:
    """Return the verdict on one paper."""
    return Judge(pdf, document).verdict()
