"""The minutes in the official form (GB/T 9704-2012, 纪要): a document to one PDF/A-3a."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import segno

from govgrid.clock import HERE
from govgrid.errors import Refusal
from govgrid.meetings.papers import wording
from govgrid.meetings.papers.document import (
    ActionRow,
    AgendaItem,
    Attendee,
    EnclosedFile,
    MinutesDocument,
    RatesTable,
    ShowcaseTable,
    Verification,
)
from govgrid.meetings.papers.layout import (
    BLOCK,
    BODY_SIZE,
    SMALL_SIZE,
    Block,
    Column,
    Headline,
    Paragraph,
    Typesetter,
    clean,
    printable,
)
from govgrid.meetings.papers.lines import Line, Measure, Piece, natural_width
from govgrid.meetings.papers.stationery import page
from govgrid.meetings.papers.tables import (
    FILES,
    Rows,
    action_rows,
    file_rows,
    rate_rows,
    showcase_rows,
    stem,
)
from govgrid.press.fonts import Fonts
from govgrid.press.press import Enclosure, Press, Sheet

QR_SIDE = 28.0
FILES_NOTE = "注：未注明“未嵌入”的文件均以原件嵌在本纪要的PDF内，可在阅读器的附件栏中打开；SHA-256为原件的校验值。"


def print_minutes(press: Press, document: MinutesDocument) -> bytes:
    """Return the PDF; the same document gives the same bytes.

    Raises Invalid for a character no font has, Unavailable when printing fails.
    """
    return press.print(minutes_sheet(press.fonts, document))


def print_many(press: Press, documents: Iterable[MinutesDocument]) -> list[bytes | Refusal]:
    """Return each document's PDF, or why it has none."""
    return press.many(partial(print_minutes, press), documents)


def minutes_sheet(fonts: Fonts, document: MinutesDocument) -> Sheet:
    """Compose the document; all the text is set here, the press only paints it."""
    view = _Setting(Typesetter(fonts), document).view()
    html = page("minutes.html", fonts, minutes=view)
    enclosures = (  # by name: a PDF's name tree is sorted, and the renderer keeps our order
        *(
            Enclosure(one.place, one.content, clean(one.name), "Supplement")
            for one in document.files
            if one.content
        ),
        Enclosure("meeting.ics", document.calendar, "会议日历"),
        Enclosure("meeting.json", document.meeting_json, "会议数据", "Source"),
    )
    images = (("code.svg", _code(document.verification)),)
    photos = tuple((one.place, one.picture) for one in document.files if one.picture)
    return Sheet(html, document.at, enclosures, images, photos)


def _code(verification: Verification) -> str:
    code = segno.make_qr(verification.url, error="m")
    svg: str = code.svg_inline(border=0, omitsize=True)
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


@dataclass(frozen=True, slots=True)
class AnnexView:
    label: tuple[Line, ...]
    title: Paragraph
    paragraphs: tuple[Paragraph, ...]
    table: Block | None = None
    picture: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class MinutesView:
    """What the template lays out, top to bottom."""

    name: str
    created: str
    author: str
    stage: tuple[Line, ...]
    headline: Headline
    issue: tuple[Line, ...]
    office: Headline
    issued_on: tuple[Line, ...]
    red_rule: bool
    title: Paragraph
    correction: tuple[Paragraph, ...]
    body: tuple[Block, ...]
    annex_note: tuple[Paragraph, ...]
    attendance: tuple[Paragraph, ...]
    approvals: tuple[Paragraph, ...]
    verification: tuple[Paragraph, ...]
    annexes: tuple[AnnexView, ...]
    copied_to: tuple[Line, ...]
    printed_by: tuple[Line, ...]
    printed_on: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Setting:
    """One document on its way to the template."""

    set: Typesetter
    document: MinutesDocument

    def view(self) -> MinutesView:
        document = self.document
        return MinutesView(
            name=document.title,
            created=document.at.astimezone(HERE).isoformat(timespec="seconds"),
            author=document.house.body,
            stage=self._flush(document.stage, "hei", "稿别"),
            headline=self.set.headline(document.house.masthead, "纪要标志"),
            issue=self._flush(document.issue, "fang", "期号"),
            office=self._office(),
            issued_on=self._flush(wording.day(document.issued_on), "fang", "日期"),
            red_rule=document.house.red_rule,
            title=self.set.title(document.title, "标题"),
            correction=self._correction(),
            body=tuple(self._body()),
            annex_note=tuple(self._annex_note()),
            attendance=tuple(self._attendance()),
            approvals=tuple(self._approvals()),
            verification=tuple(self._verification()),
            annexes=tuple(self._annexes()),
            copied_to=self._copied_to(),
            printed_by=self._imprint_line(document.imprint.office, "印发机关"),
            printed_on=self._imprint_line(
                f"{wording.day(document.imprint.printed_on)}印发", "印发日期"
            ),
        )

    def _flush(self, text: str, style: str, where: str) -> tuple[Line, ...]:
        return self.set.lines([Piece(text, style)], Measure(first=0.0), where)

    def _office(self) -> Headline:
        """Set the office beside the date; a very long name is set smaller."""
        pieces = [Piece(clean(self.document.house.body))]
        width = natural_width(pieces, self.set.fonts, "发文机关")
        lines = self.set.lines(pieces, Measure(width + 1, 0.0), "发文机关")
        return Headline(lines, BODY_SIZE * min(1.0, 20 / max(1.0, width)))

    def _correction(self) -> tuple[Paragraph, ...]:
        if not self.document.correction:
            return ()
        measure = Measure(first=0.0, even=False)
        piece = Piece(f"（{self.document.correction}）", "kai")
        return (Paragraph(self.set.lines([piece], measure, "更正说明"), "centered"),)

    def _body(self) -> Iterator[Block]:
        numbers = (wording.ordinal(number) for number in count(1))
        yield from self._circumstances()
        for text in self.document.opening:
            yield from self.set.paragraphs(text, "导语")
        for item, number in zip(self.document.agenda, numbers, strict=False):
            yield from self._item(number, item)
        if self.document.actions:
            yield from self._actions(next(numbers), self.document.actions)
        if self.document.rates:
            yield from self._rates(next(numbers), self.document.rates)
        if self.document.showcase:
            yield from self._showcase(next(numbers), self.document.showcase)
        if self.document.note:
            yield self.set.small([Piece(f"注：{self.document.note}")], BLOCK, 2.0, "注")

    def _circumstances(self) -> Iterator[Paragraph]:
        document = self.document
        when = wording.span(document.starts_at, document.ends_at)
        yield self.set.field("时间：", [Piece(when)])
        yield self.set.field("地点：", [Piece(document.place)])
        yield self.set.field("召集人：", list(_person(document.convenor)))
        yield self.set.field("参会情况：", [Piece(wording.turnout(document.turnout))])

    def _item(self, number: str, item: AgendaItem) -> Iterator[Paragraph]:
        where = f"议题“{item.title}”"
        yield self.set.heading(f"{number}、{item.kind}：{item.title}", where)
        parts = (("听取情况", item.heard), ("讨论意见", item.discussed), ("议定事项", item.decided))
        told = [(label, texts) for label, texts in parts if any(map(str.strip, texts))]
        for place, (label, texts) in enumerate(told, 1):
            yield from self._part(f"（{wording.ordinal(place)}）{label}", texts, where)

    def _part(self, label: str, texts: Sequence[str], where: str) -> Iterator[Paragraph]:
        """Set one paragraph after its label, several under it and numbered."""
        if len(texts) == 1:
            yield from self.set.paragraphs(texts[0], where, lead=f"{label}。")
            return
        yield self.set.heading(label, where, "kai")
        for number, text in enumerate(texts, 1):
            yield from self.set.paragraphs(f"{number}.{text}", where)

    def _actions(self, number: str, actions: Sequence[ActionRow]) -> Iterator[Block]:
        widths = ((14, "center"), (58, "left"), (24, "center"), (27, "center"), (33, "center"))
        yield self.set.heading(f"{number}、督办事项", "督办事项")
        yield self._table(widths, action_rows(actions), "督办事项表")

    def _rates(self, number: str, rates: RatesTable) -> Iterator[Block]:
        note = (
            f"注：数据截至{wording.moment(rates.as_of)}。百分率下方为分子、分母；"
            "分母为0的，以“—”表示。"
        )
        widths = ((36, "left"), *((20, "center"),) * 6)
        yield self.set.heading(f"{number}、四率情况（{rates.period}）", "四率情况")
        yield self._table(widths, rate_rows(rates), "四率表")
        yield self.set.small([Piece(note)], BLOCK, 2.0, "四率表注")

    def _showcase(self, number: str, showcase: ShowcaseTable) -> Iterator[Block]:
        rows = showcase_rows(showcase)
        several = rows[0][0] == "小区"
        spare = 0 if several else 12
        widths = (
            *(((24, "left"),) if several else ()),
            (17, "center"),
            (25 + spare, "left"),
            (27 + spare, "left"),
            (27, "left"),
            (22, "center"),
            (14, "center"),
        )
        yield self.set.heading(f"{number}、双晒情况（{showcase.period}）", "双晒情况")
        yield self._table(widths, rows, "双晒表")

    def _table(self, widths: Iterable[tuple[float, str]], rows: Rows, where: str) -> Block:
        heads, body = rows
        columns = [
            Column(head, width, align) for head, (width, align) in zip(heads, widths, strict=True)
        ]
        return self.set.table(columns, body, where)

    def _annex_note(self) -> Iterator[Paragraph]:
        titles = self._titles()
        for number, title in enumerate(titles, 1):
            mark = f"{number}." if len(titles) > 1 else ""
            label = "附件：" if number == 1 else ""
            hang = 5.0 + (0.75 if mark else 0.0)
            measure = Measure(first=2.0 if label else 5.0, rest=hang, even=False)
            pieces = [Piece(f"{label}{mark}{title}")]
            yield Paragraph(self.set.lines(pieces, measure, "附件说明"))

    def _attendance(self) -> Iterator[Paragraph]:
        attendance = self.document.attendance
        groups = (
            ("出席：", attendance.present),
            ("请假：", attendance.excused),
            ("缺席：", attendance.absent),
            ("列席：", attendance.observers),
        )
        for label, people in groups:
            if people:
                yield self.set.field(label, _names(people))

    def _approvals(self) -> Iterator[Paragraph]:
        approvals = self.document.approvals
        parts = [
            f"{one.name}（{'，'.join(filter(None, [one.role, wording.moment(one.at)]))}）"
            for one in approvals
        ]
        if parts:
            yield self.set.field("审签：", [Piece(wording.listed(parts))])

    def _verification(self) -> Iterator[Paragraph]:
        verification = self.document.verification
        grouped = " ".join(
            verification.digest[place : place + 8]
            for place in range(0, len(verification.digest), 8)
        )
        entries = (
            ("核验码：", f"{verification.code}　　保管期限：{self.document.retention}"),
            ("核验网址：", verification.url),
            ("会议数据SHA-256：", grouped),
            ("", "扫描二维码或访问核验网址，可核对本纪要与存档是否一致。"),
        )
        for label, text in entries:
            pieces = [Piece(label, "hei"), Piece(text)]
            yield self.set.small(pieces, BLOCK - QR_SIDE - 5, 0.0, "核验信息")

    def _annexes(self) -> Iterator[AnnexView]:
        several = len(self._titles()) > 1
        labels = (f"附件{number}" if several else "附件" for number in count(1))
        for annex, label in zip(self.document.annexes, labels, strict=False):
            paragraphs = (self.set.paragraphs(text, label) for text in annex.paragraphs)
            yield self._annex(
                label, annex.title, tuple(one for group in paragraphs for one in group)
            )
        for file, label in zip(self._pictures(), labels, strict=False):
            said = self.set.small([Piece(self._shown(f"议题：{file.item}"))], BLOCK, 3.0, label)
            title = self._shown(stem(file.name))
            yield self._annex(label, title, (said,), picture=file.place, alt=title)
        if self.document.files:
            yield self._list(next(labels))

    def _titles(self) -> tuple[str, ...]:
        """Return what is attached, in order: texts, pictures, and the list of all files."""
        return (
            *(annex.title for annex in self.document.annexes),
            *(self._shown(stem(file.name)) for file in self._pictures()),
            *((FILES,) if self.document.files else ()),
        )

    def _pictures(self) -> list[EnclosedFile]:
        return [file for file in self.document.files if file.picture]

    def _shown(self, text: str) -> str:
        return printable(self.set.fonts, text)

    def _annex(
        self, label: str, title: str, paragraphs: tuple[Paragraph, ...], **more: Any
    ) -> AnnexView:
        flush = self._flush(label, "hei", label)
        return AnnexView(flush, self.set.title(title, label), paragraphs, **more)

    def _list(self, label: str) -> AnnexView:
        """Set the list of all files: who has the paper can tell whether a file is the one meant."""
        widths = ((13, "center"), (63, "left"), (26, "center"), (54, "left"))
        heads, rows = file_rows(self.document.files)
        shown = [[self._shown(part) for part in row] for row in rows]
        table = self._table(widths, (heads, shown), FILES)
        note = self.set.small([Piece(FILES_NOTE)], BLOCK, 2.0, FILES)
        return self._annex(label, FILES, (note,), table=table)

    def _copied_to(self) -> tuple[Line, ...]:
        if not self.document.imprint.copied_to:
            return ()
        names = wording.listed(self.document.imprint.copied_to)
        measure = Measure(BLOCK / SMALL_SIZE - 1, 1.0, 4.0)
        return self.set.lines([Piece(f"抄送：{names}")], measure, "抄送")

    def _imprint_line(self, text: str, where: str) -> tuple[Line, ...]:
        return self.set.lines([Piece(text)], Measure(25.0, 0.0, 0.0, even=False), where)


def _names(people: Sequence[Attendee]) -> list[Piece]:
    """Return the people joined by 、; no name is broken at a line's end."""
    return [
        piece
        for place, attendee in enumerate(people, 1)
        for piece in (*_person(attendee), Piece("、" if place < len(people) else "。"))
    ]


def _person(attendee: Attendee) -> Iterator[Piece]:
    for part, name in wording.person(attendee):
        yield Piece(part, whole=name)
