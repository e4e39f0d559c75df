"""The minutes as a Word document for offices that must edit it: same content, the official fonts.

Word sets the lines itself; page, grid, sizes and faces are those of GB/T 9704-2012. It carries no
code and proves nothing: what counts is the signed PDF.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from io import BytesIO
from itertools import count
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from govgrid.meetings.papers import wording
from govgrid.meetings.papers.document import Attendee, MinutesDocument
from govgrid.meetings.papers.tables import (
    FILES,
    action_rows,
    file_rows,
    rate_rows,
    showcase_rows,
    stem,
)

SONG, FANG, KAI, HEI = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"
RED = RGBColor(0xE6, 0x00, 0x12)
PITCH = 225 / 22 / 25.4 * 72
"""A line, points."""
BODY, SMALL, TITLE = Pt(16), Pt(14), Pt(22)
CHARACTER = Mm(156 / 28)


def written(document: MinutesDocument) -> bytes:
    """Return the .docx."""
    word = Document()
    _page(word, document)
    _head(word, document)
    _body(word, document)
    _people(word, document)
    _annexes(word, document)
    _imprint(word, document)
    stream = BytesIO()
    word.save(stream)
    return stream.getvalue()


def _page(word: Word, document: MinutesDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(35 - 7 - 5)
    grid = OxmlElement("w:docGrid")
    for name, value in (
        ("type", "linesAndChars"), ("linePitch", str(round(PITCH * 20))),
        ("charSpace", str(round((156 / 28 / 25.4 * 72 - 16) * 4096))),
    ):  # fmt: skip
        grid.set(qn(f"w:{name}"), value)
    for old in section._sectPr.findall(qn("w:docGrid")):  # noqa: SLF001 - no other way to it
        section._sectPr.remove(old)  # noqa: SLF001
    section._sectPr.append(grid)  # noqa: SLF001
    word.settings.odd_and_even_pages_header_footer = True
    _number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    style = word.styles["Normal"]
    style.font.size = BODY
    style.font.name = FANG
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANG)
    core = word.core_properties
    core.title, core.author, core.language = document.title, document.house.body, "zh-CN"
    core.created = core.modified = document.at.astimezone(UTC).replace(tzinfo=None)


def _number(paragraph: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = side
    edge = paragraph.paragraph_format
    edge.left_indent = edge.right_indent = Pt(14)
    _run(paragraph, "— ", "宋体", SMALL)
    field = _run(paragraph, "", "宋体", SMALL)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        field._r.append(part)  # noqa: SLF001
    _run(paragraph, " —", "宋体", SMALL)


def _run(
    paragraph: Paragraph, text: str, face: str = FANG, size: Any = BODY, colour: Any = None
) -> Run:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = face, size
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)  # noqa: SLF001
    if colour is not None:
        run.font.color.rgb = colour
    return run


def _line(
    word: Word,
    pieces: Iterable[tuple[str, str]],
    *,
    indent: float = 2.0,
    hang: float = 0.0,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
    size: Any = BODY,
    before: float = 0.0,
    colour: Any = None,
) -> Paragraph:
    """Add a paragraph of pieces, each with its face; indents in characters, `before` in lines."""
    paragraph = word.add_paragraph()
    paragraph.alignment = align
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(PITCH)
    form.space_before, form.space_after = Pt(before * PITCH), Pt(0)
    form.left_indent = round(CHARACTER * hang)
    form.first_line_indent = round(CHARACTER * (indent - hang))
    for text, face in pieces:
        _run(paragraph, text, face, size, colour)
    return paragraph


def _head(word: Word, document: MinutesDocument) -> None:
    centre = WD_ALIGN_PARAGRAPH.CENTER
    if document.stage:
        _line(word, [(document.stage, HEI)], indent=0)
    masthead = document.house.masthead
    fits = Pt(min(48.0, 156 / 25.4 * 72 / max(1, len(masthead))))
    head = _line(
        word, [(masthead, SONG)], indent=0, align=centre, size=fits, before=3, colour=RED
    )  # fmt: skip
    head.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    _line(word, [(document.issue, FANG)], indent=0, align=centre, before=0.5)
    line = _line(word, [(document.house.body, FANG)], indent=0, before=1)
    line.paragraph_format.tab_stops.add_tab_stop(Mm(156), 2)
    _run(line, f"\t{wording.day(document.issued_on)}")
    if document.house.red_rule:
        _rule(line, "bottom", 12, "E60012")
    title = _line(word, [(document.title, SONG)], indent=0, align=centre, size=TITLE, before=1)
    title.paragraph_format.keep_with_next = True
    if document.correction:
        _line(word, [(f"（{document.correction}）", KAI)], indent=0, align=centre)


def _rule(paragraph: Paragraph, side: str, eighths: int, colour: str = "000000") -> None:
    """Draw a rule over or under a paragraph, its width in eighths of a point."""
    borders = OxmlElement("w:pBdr")
    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)
    paragraph._p.get_or_add_pPr().append(borders)  # noqa: SLF001


def _field(word: Word, label: str, text: str, before: float = 0.0) -> None:
    pieces = [(label, HEI), (text, FANG)]
    _line(word, pieces, hang=2.0 + len(label), before=before)


def _body(word: Word, document: MinutesDocument) -> None:
    _line(word, [], indent=0)
    _field(word, "时间：", wording.span(document.starts_at, document.ends_at))
    _field(word, "地点：", document.place)
    _field(word, "召集人：", _named(document.convenor))
    _field(word, "参会情况：", wording.turnout(document.turnout))
    for text in document.opening:
        _line(word, [(text, FANG)])
    number = 0
    for number, item in enumerate(document.agenda, 1):
        _line(word, [(f"{wording.ordinal(number)}、{item.kind}：{item.title}", HEI)])
        parts = (("听取情况", item.heard), ("讨论意见", item.discussed), ("议定事项", item.decided))
        told = [(label, texts) for label, texts in parts if any(map(str.strip, texts))]
        for place, (label, texts) in enumerate(told, 1):
            _part(word, f"（{wording.ordinal(place)}）{label}", texts)
    for title, (heads, rows) in _tables(document):
        number += 1
        _line(word, [(f"{wording.ordinal(number)}、{title}", HEI)])
        _table(word, heads, rows)
    if document.note:
        _line(word, [(f"注：{document.note}", FANG)], indent=0, size=Pt(12))


def _part(word: Word, label: str, texts: Sequence[str]) -> None:
    if len(texts) == 1:
        _line(word, [(f"{label}。", KAI), (texts[0], FANG)])
        return
    _line(word, [(label, KAI)])
    for number, text in enumerate(texts, 1):
        _line(word, [(f"{number}.{text}", FANG)])


def _tables(
    document: MinutesDocument,
) -> Iterable[tuple[str, tuple[Sequence[str], Sequence[Sequence[str]]]]]:
    if document.actions:
        yield "督办事项", action_rows(document.actions)
    if document.rates:
        yield f"四率情况（{document.rates.period}）", rate_rows(document.rates)
    if document.showcase:
        yield f"双晒情况（{document.showcase.period}）", showcase_rows(document.showcase)


def _table(word: Word, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = word.add_table(rows=0, cols=len(heads), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for place, row in enumerate((heads, *rows)):
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            paragraph = cell.paragraphs[0]
            _run(paragraph, text.replace("\n", " "), HEI if place == 0 else FANG, Pt(12))


def _people(word: Word, document: MinutesDocument) -> None:
    given = document.attendance
    groups = (
        ("出席：", given.present),
        ("请假：", given.excused),
        ("缺席：", given.absent),
        ("列席：", given.observers),
    )
    before = 1.0
    for label, people in groups:
        if people:
            _field(word, label, wording.listed(map(_named, people)), before)
            before = 0.0
    told = [
        f"{one.name}（{'，'.join(filter(None, [one.role, wording.moment(one.at)]))}）"
        for one in document.approvals
    ]
    if told:
        _field(word, "审签：", wording.listed(told))
    code = document.verification
    _line(word, [("核验码：", HEI), (f"{code.code}　保管期限：{document.retention}", FANG)],
          indent=0, size=Pt(12), before=0.5)  # fmt: skip
    _line(word, [("核验网址：", HEI), (code.url, FANG)], indent=0, size=Pt(12))


def _named(one: Attendee) -> str:
    return "".join(part for part, _name in wording.person(one))


def _annexes(word: Word, document: MinutesDocument) -> None:
    pictures = [file for file in document.files if file.picture]
    several = len(document.annexes) + len(pictures) + bool(document.files) > 1
    labels = (f"附件{number}" if several else "附件" for number in count(1))
    for annex, label in zip(document.annexes, labels, strict=False):
        _annex(word, label, annex.title)
        for text in annex.paragraphs:
            _line(word, [(text, FANG)])
    for file, label in zip(pictures, labels, strict=False):
        _annex(word, label, stem(file.name))
        drawn = word.add_picture(BytesIO(file.picture))
        shrink = min(1.0, Mm(156) / drawn.width, Mm(160) / drawn.height)
        drawn.width, drawn.height = round(drawn.width * shrink), round(drawn.height * shrink)
        word.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
        _line(word, [(f"议题：{file.item}", FANG)], indent=0, size=Pt(12))
    if document.files:
        _annex(word, next(labels), FILES)
        _table(word, *file_rows(document.files))


def _annex(word: Word, label: str, title: str) -> None:
    first = _line(word, [(label, HEI)], indent=0)
    first.paragraph_format.page_break_before = True
    _line(word, [(title, SONG)], indent=0, align=WD_ALIGN_PARAGRAPH.CENTER, size=TITLE, before=1)
    _line(word, [], indent=0)


def _imprint(word: Word, document: MinutesDocument) -> None:
    imprint = document.imprint
    first = None
    if imprint.copied_to:
        first = _line(word, [(f"抄送：{wording.listed(imprint.copied_to)}", FANG)],
                      indent=1, hang=4, size=SMALL, before=1)  # fmt: skip
        _rule(first, "top", 8)
    last = _line(word, [(imprint.office, FANG)], indent=1, size=SMALL)
    last.paragraph_format.tab_stops.add_tab_stop(Mm(156 - 5), 2)
    _run(last, f"\t{wording.day(imprint.printed_on)}印发", FANG, SMALL)
    _rule(last, "top", 6 if first is not None else 8)
    _rule(last, "bottom", 8)
