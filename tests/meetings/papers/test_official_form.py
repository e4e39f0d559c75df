"""Every row of the official form's table, measured to half a millimetre on a long, rare document."""

import re
import subprocess
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from govgrid.meetings.papers.document import AgendaItem, Attendance, Attendee
from govgrid.meetings.papers.minutes import print_minutes
from govgrid.press.press import Press

from .build import LONG, annexed_minutes
from .measure import MM, Row, Sheet, measure

NEAR = 0.5  # mm
LEFT, RIGHT, TOP, BOTTOM = 28.0, 297 - 113.0, 37.0, 262.0
PITCH, CHARACTER = 225 / 22, 156 / 28
RARE = "彧犇喆昇珺堃玥"
POINT = MM  # mm
FULL = 2  # a page of nothing but running text


@pytest.fixture(scope="module")
def paper(press: Press) -> bytes:
    people = tuple(Attendee(f"欧阳{name}", "微网格员") for name in RARE * 2)
    listed = "\n".join(f"{number}.更换{char}路㎡井盖。" for number, char in enumerate(RARE, 1))
    document = replace(
        annexed_minutes(),
        agenda=(
            AgendaItem("部门要求", "要求落实情况", heard=("本" * 28 * 50, LONG * 6)),
            AgendaItem("诉求办理", "诉求", heard=(listed,), decided=("甲" * 60, "乙" * 60)),
        ),
        attendance=Attendance(
            people, excused=(Attendee("诸葛喆"),), observers=(Attendee("司徒珺"),)
        ),
    )
    return print_minutes(press, document)


@pytest.fixture(scope="module")
def sheets(paper: bytes) -> list[Sheet]:
    return measure(paper)


def rows(sheets: list[Sheet]) -> list[Row]:
    return [row for sheet in sheets for row in sheet.rows()]


def body(sheet: Sheet) -> list[Row]:
    return sheet.rows(CHARACTER)


def begins(sheets: list[Sheet], word: str) -> Row:
    return next(row for row in rows(sheets) if row.text.startswith(word))


def face(row: Row, place: int = 0) -> str:
    return row.glyphs[place].font.partition("+")[2].partition("-")[0]


def near(value: float) -> object:
    return pytest.approx(value, abs=NEAR)


def test_paper_and_text_block(paper: bytes, sheets: list[Sheet]) -> None:
    with pikepdf.open(BytesIO(paper)) as pdf:
        for page in pdf.pages:
            assert [float(side) * POINT for side in page.mediabox] == [0, 0, near(210), near(297)]
    full = body(sheets[FULL])
    assert min(row.left for row in full) == near(LEFT)
    assert max(row.right for row in full) == near(RIGHT)
    # A line's box is its pitch; the character stands in its middle.
    middle = [row.baseline - 0.38 * CHARACTER for row in full]
    assert middle[0] - PITCH / 2 == near(TOP)
    assert middle[-1] + PITCH / 2 == near(BOTTOM)


def test_lines_and_characters(sheets: list[Sheet]) -> None:
    full = body(sheets[FULL])
    assert [len(row.glyphs) for row in full] == [28] * 22
    for one, two in pairwise(full):
        assert two.baseline - one.baseline == near(PITCH)
        assert two.baseline - full[0].baseline == near(PITCH * full.index(two))
    for row in full:
        for place, glyph in enumerate(row.glyphs):
            assert glyph.left - LEFT == near(place * CHARACTER)


def test_body_is_fang_song_of_size_three_indented_by_two(sheets: list[Sheet]) -> None:
    full = [glyph for row in body(sheets[FULL]) for glyph in row.glyphs]
    assert {glyph.font.partition("+")[2] for glyph in full} == {"FandolFang-Regular"}
    assert 15.75 <= full[0].size / POINT <= 16
    for word in ("2026年10月12日下午", "2.更换", "（一）听取情况", "1.甲"):
        assert begins(sheets, word).left - LEFT == near(2 * CHARACTER)


def test_masthead_number_and_line(sheets: list[Sheet]) -> None:
    masthead = begins(sheets, "望江路街道多方联席会议纪要")
    assert face(masthead) == "NotoSerifSC"
    assert masthead.left - LEFT == near(RIGHT - masthead.right)
    issue = begins(sheets, "第10期")
    assert issue.left - LEFT == near(RIGHT - issue.right)
    line = begins(sheets, "青禾区望江路街道办事处2026年10月14日")
    assert (line.left, line.right) == (near(LEFT), near(RIGHT))
    (rule,) = sheets[0].rules
    assert (rule.left, rule.right) == (near(LEFT), near(RIGHT))
    assert line.baseline < rule.top < line.baseline + PITCH


def test_title_is_centred_in_size_two(sheets: list[Sheet]) -> None:
    title = begins(sheets, "锦苑小区2026年10月联席会议纪要")
    assert face(title) == "NotoSerifSC"
    assert title.glyphs[0].size / POINT == pytest.approx(22, abs=0.05)
    assert title.left - LEFT == near(RIGHT - title.right)


def test_levels_have_their_faces(sheets: list[Sheet]) -> None:
    faces = {
        "一、部门要求": "NotoSansSC",
        "（一）听取情况": "LXGWWenKai",
        "（二）议定事项": "LXGWWenKai",
        "1.甲": "FandolFang",
    }
    assert {word: face(begins(sheets, word)) for word in faces} == faces
    assert all(begins(sheets, word).glyphs[0].size == near(CHARACTER) for word in faces)


def test_attendance(sheets: list[Sheet]) -> None:
    sheet = next(s for s in sheets if any(r.text.startswith("出席：") for r in s.rows()))
    listed = [row for one in sheets for row in body(one)]
    texts = [row.text for row in listed]
    place = {word: next(n for n, t in enumerate(texts) if t.startswith(word))
             for word in ("出席：", "请假：", "列席：")}  # fmt: skip
    assert list(place.values()) == sorted(place.values())
    first = listed[place["出席："]]
    before = max(r.baseline for r in sheet.rows() if r.baseline < first.baseline - 1)
    assert first.baseline - before > 2 * PITCH - NEAR  # one blank line after the body
    for row in (listed[number] for number in place.values()):
        assert row.left - LEFT == near(2 * CHARACTER)
        assert (face(row), face(row, 3)) == ("NotoSansSC", "FandolFang")
    wrapped = listed[place["出席："] + 1 : place["请假："]]
    assert len(wrapped) > 3
    assert all(row.left - LEFT == near(5 * CHARACTER) for row in wrapped)


def test_rare_names_stand_on_their_lines(sheets: list[Sheet]) -> None:
    glyphs = [glyph for sheet in sheets for glyph in sheet.glyphs]
    assert {glyph.text for glyph in glyphs} > {*RARE, "㎡"}
    assert 0 not in {glyph.number for glyph in glyphs}
    for sheet in sheets[:-2]:
        for row in body(sheet):
            rare = [glyph for glyph in row.glyphs if glyph.text in RARE]
            assert all(glyph.right - glyph.left == near(CHARACTER) for glyph in rare)


def test_dates_are_not_padded(sheets: list[Sheet]) -> None:
    text = "".join(row.text for row in rows(sheets))
    assert "9:05" in text  # 09:05 of the approval
    assert re.findall(r"年0|月0", text) == []


def test_imprint(sheets: list[Sheet]) -> None:
    wide = [rule for rule in sheets[-1].rules if rule.right - rule.left > 155]
    first, inner, last = sorted(wide, key=lambda rule: rule.top)
    assert last.bottom == near(BOTTOM)
    thick = [rule.bottom - rule.top for rule in (first, inner, last)]
    assert thick == pytest.approx([0.35, 0.25, 0.35], abs=0.02)
    assert [(rule.left, rule.right) for rule in wide] == [(near(LEFT), near(RIGHT))] * 3
    size = 14 * POINT
    copies, *more, printed = [r for r in sheets[-1].rows(size) if r.baseline < BOTTOM]
    assert {face(row) for row in (copies, *more, printed)} == {"FandolFang"}
    assert copies.text.startswith("抄送：")
    assert copies.left == near(LEFT + size)
    assert max(row.right for row in (copies, *more)) <= RIGHT - size + NEAR
    assert [copies, *more][-1].text.endswith("。")
    assert first.bottom < copies.baseline < inner.top < printed.baseline < last.top
    assert (printed.left, printed.right) == (near(LEFT + size), near(RIGHT - size))
    assert printed.text.endswith("印发")


def test_page_numbers(sheets: list[Sheet]) -> None:
    size = 14 * POINT
    for number, sheet in enumerate(sheets, 1):
        row = sheet.rows()[-1]
        assert row.text == f"— {number} —"
        assert row.glyphs[0].size == near(size)
        assert row.baseline - 0.3 * size == near(BOTTOM + 7)  # where the dash is drawn
        if number % 2:
            assert row.right == near(RIGHT - size)
        else:
            assert row.left == near(LEFT + size)


def test_attachment(sheets: list[Sheet]) -> None:
    line = body(sheets[FULL])[0].baseline  # a page's first
    for number, sheet in enumerate(sheets[-2:], 1):
        label, title = sheet.rows()[:2]
        assert (label.text, face(label)) == (f"附件{number}", "NotoSansSC")
        assert label.left == near(LEFT)
        assert label.baseline == near(line)
        # The title's larger characters stand in the middle of line 3.
        larger = 0.38 * (22 * POINT - CHARACTER)
        assert title.baseline - larger == near(line + 2 * PITCH)
        assert title.left - LEFT == near(RIGHT - title.right)


def test_the_systems_tools_find_nothing_wrong(paper: bytes, tmp_path: Path) -> None:
    path = tmp_path / "minutes.pdf"
    path.write_bytes(paper)
    assert "No syntax or stream encoding errors" in _said("qpdf", "--check", path)
    listed = _said("pdffonts", path).splitlines()[2:]
    ours = {"FandolFang", "LXGWWenKai", "NotoSansSC", "NotoSerifSC"}
    assert {line.partition("+")[2].partition("-")[0] for line in listed} == ours
    assert {tuple(line.split()[-5:-2]) for line in listed} == {("yes", "yes", "yes")}


def _said(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
