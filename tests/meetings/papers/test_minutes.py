import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import pikepdf
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from govgrid.errors import Invalid
from govgrid.meetings.papers.document import AgendaItem, Attendee, House, Imprint, MinutesDocument
from govgrid.meetings.papers.minutes import minutes_sheet, print_many, print_minutes
from govgrid.press.press import Press

from .build import CALENDAR, MEETING, VENDOR, annexed_minutes, example_minutes, full_page_minutes
from .measure import Glyph, Row, Sheet, fonts, measure

LEFT, RIGHT, TOP, BOTTOM = 28.0, 184.0, 37.0, 262.0
PITCH = 225 / 22
BODY = 156 / 28


@pytest.fixture(scope="module")
def example(press: Press) -> bytes:
    return print_minutes(press, example_minutes())


@pytest.fixture(scope="module")
def pages(example: bytes) -> list[Sheet]:
    return measure(example)


@pytest.fixture(scope="module")
def full(press: Press) -> list[Sheet]:
    return measure(print_minutes(press, full_page_minutes()))


def body_rows(sheet: Sheet) -> list[Row]:
    return sheet.rows(BODY)


def said(sheets: list[Sheet]) -> str:
    return "".join(row.text for sheet in sheets for row in sheet.rows())


def ink(font: str, char: str, size: float) -> tuple[float, float]:
    """Bottom and top of a character's ink above its baseline, in mm."""
    with TTFont(VENDOR / "fonts" / font) as file:
        pen = BoundsPen(file.getGlyphSet())
        file.getGlyphSet()[file.getBestCmap()[ord(char)]].draw(pen)
        em = file["head"].unitsPerEm
    return pen.bounds[1] * size / em, pen.bounds[3] * size / em


def test_a_full_page_has_twenty_two_lines(full: list[Sheet]) -> None:
    rows = body_rows(full[1])
    assert len(rows) == 22
    steps = [two.baseline - one.baseline for one, two in pairwise(rows)]
    assert max(abs(step - PITCH) for step in steps) < 0.02
    assert rows[0].baseline - 0.88 * BODY > TOP
    assert rows[-1].baseline + 0.12 * BODY < BOTTOM


def test_full_lines_meet_both_edges(full: list[Sheet]) -> None:
    rows = [*body_rows(full[1]), *body_rows(full[2])[:-1]]
    assert max(abs(row.left - LEFT) for row in rows) < 0.05
    assert max(abs(row.right - RIGHT) for row in rows) < 0.1


def test_a_line_of_plain_characters_has_twenty_eight(press: Press) -> None:
    item = AgendaItem("提议", "试印", heard=("会" * 400,))
    rows = body_rows(measure(print_minutes(press, replace(example_minutes(), agenda=(item,))))[1])
    assert [len(row.glyphs) for row in rows[:8]] == [28] * 8
    pitches = {round(two.left - one.left, 2) for row in rows[:8] for one, two in _pairs(row)}
    assert pitches == {5.57}


def _pairs(row: Row) -> list[tuple[Glyph, Glyph]]:
    return list(pairwise(row.glyphs))


def test_rare_characters_do_not_move_a_line(press: Press) -> None:
    item = AgendaItem("提议", "试印", heard=("彧犇喆昇珺堃玥㎡会议" * 120,))
    sheets = measure(print_minutes(press, replace(full_page_minutes(), agenda=(item,))))
    rows = body_rows(sheets[1])
    assert len(rows) == 22
    assert [len(row.glyphs) for row in rows] == [28] * 22
    steps = [two.baseline - one.baseline for one, two in pairwise(rows)]
    assert max(abs(step - PITCH) for step in steps) < 0.02


def test_nothing_stands_outside_the_block(pages: list[Sheet]) -> None:
    for sheet in pages:
        glyphs = [glyph for glyph in sheet.glyphs if glyph.baseline < BOTTOM]
        assert min(glyph.left for glyph in glyphs) > LEFT - 0.05
        assert max(glyph.right for glyph in glyphs) < RIGHT + 0.1
        assert min((rule.left for rule in sheet.rules), default=LEFT) > LEFT - 0.1
        assert max((rule.right for rule in sheet.rules), default=RIGHT) < RIGHT + 0.1


def test_masthead_number_and_title(pages: list[Sheet]) -> None:
    rows = pages[0].rows()
    masthead, issue, line, title = rows[:4]
    assert masthead.text == "望江路街道多方联席会议纪要"
    top = masthead.baseline - ink("NotoSerifSC_900Black.ttf", "望", masthead.glyphs[0].size)[1]
    assert top == pytest.approx(TOP + 35, abs=0.5)
    assert issue.text == "第10期"
    assert line.text == "青禾区望江路街道办事处2026年10月14日"
    assert line.left == pytest.approx(LEFT, abs=0.05)
    assert line.right == pytest.approx(RIGHT, abs=0.05)
    assert title.glyphs[0].size == pytest.approx(22 * 25.4 / 72, abs=0.01)
    assert title.left - LEFT == pytest.approx(RIGHT - title.right, abs=0.1)


def test_the_masthead_is_red(example: bytes) -> None:
    with pikepdf.open(BytesIO(example)) as pdf:
        colours = [
            tuple(round(float(value), 2) for value in step.operands)
            for step in pikepdf.parse_content_stream(pdf.pages[0])
            if str(step.operator) == "rg"
        ]
    assert (0.9, 0.0, 0.07) in colours


def test_page_numbers_stand_outside_on_either_side(pages: list[Sheet]) -> None:
    for number, sheet in enumerate(pages, 1):
        row = sheet.rows()[-1]
        size = 14 * 25.4 / 72
        assert row.text == f"— {number} —"
        assert row.glyphs[0].size == pytest.approx(size, abs=0.01)
        dash = row.baseline - ink("NotoSerifSC_400Regular.ttf", "—", size)[1]
        assert dash == pytest.approx(BOTTOM + 7, abs=0.15)
        if number % 2:
            assert row.right == pytest.approx(RIGHT - size, abs=0.1)
        else:
            assert row.left == pytest.approx(LEFT + size, abs=0.1)


@pytest.mark.parametrize("make", [example_minutes, full_page_minutes, annexed_minutes])
def test_the_imprint_ends_on_the_last_page_at_the_blocks_edge(
    press: Press, make: Callable[[], MinutesDocument]
) -> None:
    sheets = measure(print_minutes(press, make()))
    rules = [rule for rule in sheets[-1].rules if rule.right - rule.left > 155.9][-3:]
    first, inner, last = sorted(rules, key=lambda rule: rule.top)
    assert last.bottom == pytest.approx(BOTTOM, abs=0.1)
    assert [round(rule.bottom - rule.top, 2) for rule in (first, inner, last)] == [0.35, 0.25, 0.35]
    rows = [row for row in sheets[-1].rows(14 * 25.4 / 72) if row.baseline < BOTTOM]
    assert rows[0].text.startswith("抄送：")
    assert rows[0].left == pytest.approx(LEFT + 4.939, abs=0.1)
    assert rows[-2].text.endswith("。")
    assert rows[-1].text == "青禾区望江路街道党政办公室2026年10月14日印发"
    assert rows[-1].right == pytest.approx(RIGHT - 4.939, abs=0.1)
    assert "抄送" not in said(sheets[:-1])


def test_without_copies_the_imprint_keeps_its_outer_rules(press: Press) -> None:
    document = example_minutes()
    imprint = Imprint((), document.imprint.office, document.imprint.printed_on)
    sheet = measure(print_minutes(press, replace(document, imprint=imprint)))[-1]
    rules = sorted((r for r in sheet.rules if r.right - r.left > 155.9), key=lambda r: r.top)[-2:]
    assert [round(rule.bottom - rule.top, 2) for rule in rules] == [0.35, 0.35]
    assert rules[-1].bottom == pytest.approx(BOTTOM, abs=0.1)


def test_attendance_lists_align_after_the_colon(pages: list[Sheet]) -> None:
    rows = body_rows(pages[-1])
    start = next(place for place, row in enumerate(rows) if row.text.startswith("出席："))
    assert rows[start].left == pytest.approx(LEFT + 2 * BODY, abs=0.1)
    assert rows[start + 1].left == pytest.approx(LEFT + 5 * BODY, abs=0.1)
    assert "吴佳禾（代钱志成，项目经理）" in said(pages)


def test_the_paper_says_everything(pages: list[Sheet]) -> None:
    text = said(pages)
    expected = (
        "时间：2026年10月12日（星期一）14:30—15:40",
        "召集人：周明远",
        "达到规定人数（5人）",
        "二、诉求办理：3号楼电梯困人及停运问题",
        "（三）议定事项",
        "五、督办事项",
        "六、四率情况（2026年9月）",
        "七、双晒情况（2026年第三季度）",
        "请假：孟凡星",
        "缺席：杜文博",
        "列席：林静宜",
        "审签：周明远（社区书记，2026年10月13日9:05）",
        "核验码：K7QM-4TXD",
        "保管期限：30年",
        "https://grid.example.gov.cn/v/K7QM-4TXD",
    )
    assert [part for part in expected if part not in text] == []
    digest = hashlib.sha256(MEETING).hexdigest()
    assert digest in text.replace(" ", "")


def test_a_rate_without_denominator_shows_a_dash(pages: list[Sheet]) -> None:
    text = said(pages)
    assert "96.4%" in text
    assert "0/0" in text
    assert "100.0%" not in text


def test_annexes_begin_pages_of_their_own(press: Press) -> None:
    sheets = measure(print_minutes(press, annexed_minutes()))
    starts = [body_rows(sheet)[0].text for sheet in sheets]
    assert starts[-2:] == ["附件1", "附件2"]
    first, second = (sheet.rows() for sheet in sheets[-2:])
    assert first[0].left == pytest.approx(LEFT, abs=0.1)
    assert first[1].baseline - first[0].baseline == pytest.approx(2 * PITCH, abs=1)
    assert "".join(row.text for row in second[1:3]).startswith("锦苑小区2026年第三季度")
    text = said(sheets)
    assert text.startswith("送审稿")
    assert "（本纪要为第2版，更正2026年10月13日印发的第1版）" in text
    assert "附件：1.锦苑小区电动自行车充电设施建设方案" in text


def test_a_heading_is_never_the_last_line_of_a_page(press: Press) -> None:
    items = tuple(
        AgendaItem("提议", f"第{n}件事", heard=("会" * (29 * n % 97 + 5),)) for n in range(40)
    )
    sheets = measure(print_minutes(press, replace(example_minutes(), agenda=items)))
    last = [body_rows(sheet)[-1].text for sheet in sheets[:-1]]
    assert [text for text in last if re.match(r"[一二三四五六七八九十]+、提议", text)] == []


def test_a_long_table_repeats_its_head_and_breaks_no_row(press: Press) -> None:
    row = replace(example_minutes().actions[0], matter="检修电梯并恢复正常运行" * 4)
    actions = tuple(replace(row, number=f"甲{number}") for number in range(1, 41))
    sheets = measure(print_minutes(press, replace(example_minutes(), actions=actions)))
    tables = [said([sheet]) for sheet in sheets if "甲" in said([sheet])]
    assert len(tables) > 2
    assert all("完成时限" in table for table in tables)
    assert all(table.count("检修电梯") % 4 == 0 for table in tables)


def test_every_font_is_embedded_and_ours(example: bytes) -> None:
    found = fonts(example)
    assert {name.split("+")[1] for name in found} == {
        "FandolFang-Regular",
        "LXGWWenKai-Regular",
        "NotoSansSC-Medium",
        "NotoSerifSC-Black",
        "NotoSerifSC-Regular",
    }
    assert all(data and len(data) > 500 for data in found.values())


def test_no_character_is_drawn_as_a_box(press: Press) -> None:
    document = replace(example_minutes(), convenor=Attendee("彧犇", "喆昇珺堃玥㎡℃①ⅡΩé"))
    sheets = measure(print_minutes(press, document))
    assert "彧犇（喆昇珺堃玥㎡℃①ⅡΩé）" in said(sheets)
    assert not [glyph for sheet in sheets for glyph in sheet.glyphs if glyph.number == 0]


def test_it_is_tagged_pdf_a_3a_in_chinese(example: bytes) -> None:
    with pikepdf.open(BytesIO(example)) as pdf:
        with pdf.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"
            assert metadata["pdfaid:conformance"] == "A"
            assert metadata["dc:title"] == "锦苑小区2026年10月联席会议纪要"
        assert str(pdf.Root.Lang) == "zh-CN"
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert pdf.docinfo["/CreationDate"] == "D:20261014100000+08'00"
        assert b"/Figure" in pdf.Root.StructTreeRoot.unparse(resolved=True) or _figures(pdf) == 1


def _figures(pdf: pikepdf.Pdf) -> int:
    return sum(
        1
        for thing in pdf.objects
        if isinstance(thing, pikepdf.Dictionary)
        and thing.get("/S") == "/Figure"
        and str(thing.get("/Alt", "")) == "核验二维码"
    )


def test_the_meeting_travels_inside(example: bytes) -> None:
    with pikepdf.open(BytesIO(example)) as pdf:
        files = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
        assert files == {"meeting.json": MEETING, "meeting.ics": CALENDAR}
        params = [spec.get_file().obj.Params for spec in pdf.attachments.values()]
        assert {str(one.CreationDate) for one in params} == {"D:20261014020000Z"}
        assert {str(one.AFRelationship) for one in pdf.Root.AF} == {"/Source", "/Data"}


def test_the_same_document_prints_the_same_bytes(press: Press, example: bytes) -> None:
    print_minutes(press, full_page_minutes())
    assert print_minutes(press, example_minutes()) == example
    with Press(press.fonts, children=1) as other:
        assert print_minutes(other, example_minutes()) == example


def test_markup_from_people_is_text(press: Press) -> None:
    markup = "<b>粗</b><script>alert(1)</script>&amp;"
    document = replace(example_minutes(), place=markup, title=markup, house=House(markup, markup))
    assert "<script>" not in minutes_sheet(press.fonts, document).html
    assert (
        said(measure(print_minutes(press, document))).count("<script>alert(1)</script>&amp;") == 4
    )


def test_a_smiley_is_refused_with_its_place(press: Press) -> None:
    document = replace(example_minutes(), place="会议室🙂")
    with pytest.raises(Invalid, match=r"地点.*🙂.*U\+1F642"):
        print_minutes(press, document)


def test_one_that_cannot_be_printed_does_not_stop_the_rest(press: Press) -> None:
    bad = replace(example_minutes(), place="会议室🙂")
    outcomes = print_many(press, [full_page_minutes(), bad, example_minutes()])
    assert isinstance(outcomes[0], bytes)
    assert isinstance(outcomes[1], Invalid)
    assert outcomes[2] == print_minutes(press, example_minutes())


def test_a_long_name_is_set_smaller_not_over_its_neighbours(press: Press) -> None:
    house = House("某某市青禾区望江路街道办事处综合治理工作领导小组办公室", "长" * 45 + "纪要")
    sheet = measure(print_minutes(press, replace(example_minutes(), house=house)))[0]
    office = [row for row in sheet.rows() if row.text.startswith("某某市青禾区")]
    assert len(office) == 1
    assert office[0].right < RIGHT - 7.5 * BODY
    assert all(row.right < RIGHT + 0.1 for row in sheet.rows()[:3])


def test_bare_minutes_print(press: Press) -> None:
    document = replace(
        example_minutes(),
        agenda=(),
        actions=(),
        rates=None,
        showcase=None,
        approvals=(),
        opening=(),
    )
    empty: MinutesDocument = replace(document, attendance=type(document.attendance)())
    assert "核验码" in said(measure(print_minutes(press, empty)))
