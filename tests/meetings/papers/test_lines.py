import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govgrid.errors import Invalid
from govgrid.meetings.papers.lines import (
    NO_END,
    NO_START,
    Line,
    Measure,
    Piece,
    balanced,
    compose,
)
from govgrid.press.fonts import CLOSING, OPENING, Fonts, find_fonts

from .build import VENDOR

HAN = "会议指出社区网格长电梯故障充电桩公共收益彧犇喆昇珺堃玥街道办事处物业企业居民诉求"
WORDS = st.sampled_from(
    ["30%", "12月", "3户", "1.5元", "2026年10月12日", "12345", "App", "Wi-Fi", "GB/T", " "]
)
CLAUSE = st.text(HAN, min_size=1, max_size=30)
PHRASE = st.one_of(
    CLAUSE,
    WORDS,
    CLAUSE.map(lambda text: f"“{text}”"),
    CLAUSE.map(lambda text: f"（{text}）"),
    CLAUSE.map(lambda text: f"《{text}》，"),
    CLAUSE.map(lambda text: f"{text}——{text}"),
    CLAUSE.map(lambda text: f"{text}……"),
    CLAUSE.map(lambda text: f"{text}，"),
    CLAUSE.map(lambda text: f"{text}。”"),
)
TEXT = st.lists(PHRASE, max_size=25).map("".join)


@cache
def fonts() -> Fonts:
    return find_fonts(VENDOR)


def set_text(text: str, **measure: object) -> tuple[Line, ...]:
    return compose([Piece(text)], fonts(), Measure(**measure))  # type: ignore[arg-type]


def width(line: Line) -> float:
    """The line's right edge in em, as the widths of its own fonts add up."""
    faces = {face.key: face for face in fonts().faces()}
    total = line.indent
    for number, span in enumerate(line.spans):
        last = number == len(line.spans) - 1
        total += sum(faces[span.face].widths[char] for char in span.text)
        total += span.spacing * (len(span.text) - last) - span.before - span.after
    return total


def unspaced(text: str) -> str:
    return text.replace(" ", "")


@given(TEXT)
@settings(deadline=None)
def test_text_comes_back_whole(text: str) -> None:
    assert unspaced("".join(line.text for line in set_text(text))) == unspaced(text)


@given(TEXT)
@settings(deadline=None)
def test_full_lines_meet_the_edge_and_none_passes_it(text: str) -> None:
    lines = set_text(text)
    assert all(abs(width(line) - 28) < 0.01 for line in lines[:-1])
    assert all(width(line) < 28.01 for line in lines[-1:])


@given(TEXT)
@settings(deadline=None)
def test_no_kinsoku_fault(text: str) -> None:
    lines = [line.text for line in set_text(text)]
    assert all(line[0] not in NO_START for line in lines[1:])
    assert all(line[-1] not in NO_END for line in lines[:-1])


@given(TEXT)
@settings(deadline=None)
def test_numbers_keep_their_units(text: str) -> None:
    ends = [
        (one.text, two.text) for one, two in zip(set_text(text), set_text(text)[1:], strict=False)
    ]
    assert not [
        pair for pair in ends if re.search(r"\d$", pair[0]) and re.match(r"[%月户元年日]", pair[1])
    ]


@given(TEXT, st.floats(3, 12))
@settings(deadline=None)
def test_narrow_ragged_cells_hold_their_text(text: str, room: float) -> None:
    lines = set_text(text, width=room, first=0.0, even=False)
    assert unspaced("".join(line.text for line in lines)) == unspaced(text)
    assert all(width(line) <= room + 0.01 for line in lines if len(line.text) > 2)


@given(st.text("，。）”—…！", max_size=200))
def test_marks_alone_are_set_somehow(text: str) -> None:
    assert "".join(line.text for line in set_text(text)) == text


def test_twenty_eight_characters_a_line() -> None:
    lines = set_text("会" * 26 + "议" * 28 + "毕")
    assert [len(line.text) for line in lines] == [26, 28, 1]
    assert [line.indent for line in lines] == [2, 0, 0]
    assert not any(span.spacing or span.after for line in lines for span in line.spans)


def test_a_mark_past_the_edge_is_taken_in_where_marks_give_way() -> None:
    text = "会议指出，社区、网格、物业、居民、街道等各方协同推进共" + "同，" + "后续工作"
    first = set_text(text, first=0.0)[0]
    assert first.text.endswith("同，")
    assert len(first.text) == 29
    assert {span.text for span in first.spans if span.after} == {"，", "、"}


def test_a_mark_past_the_edge_takes_a_character_along_where_none_gives_way() -> None:
    first, second = set_text("会" * 27 + "议，后续工作", first=0.0)
    assert (len(first.text), second.text[:2]) == (27, "议，")
    assert width(first) == pytest.approx(28, abs=0.01)


def test_dashes_and_dots_stay_together() -> None:
    for pair in ("——", "……"):
        lines = set_text("会" * 27 + pair + "议" * 20, first=0.0)
        assert pair in lines[0].text or pair in lines[1].text


@pytest.mark.parametrize("code", ["YJ2026100001", "YJ-2026/10-0001", "a1" * 14])
def test_a_case_number_stays_on_one_line(code: str) -> None:
    for before in range(1, 28):
        lines = set_text("会" * before + code + "办结" * 20, first=0.0)
        assert any(code in line.text for line in lines)
    lines = set_text("编号" + code, width=max(8.0, len(code) * 0.6), first=0.0, even=False)
    assert any(code in line.text for line in lines)


def test_a_case_number_wider_than_its_cell_is_broken() -> None:
    lines = set_text("YJ2026100001", width=3.0, first=0.0, even=False)
    assert len(lines) > 1


def test_a_long_address_is_broken_as_a_last_resort() -> None:
    address = "https://example.gov.cn/" + "a1b2" * 40
    lines = set_text("请见" + address)
    assert "".join(line.text for line in lines) == "请见" + address
    assert all(width(line) < 28.01 for line in lines)


def test_words_break_at_spaces() -> None:
    text = "the quick brown fox jumps over the lazy dog and runs away from the hunting party"
    lines = set_text(text, first=0.0)
    assert " ".join(line.text for line in lines) == text


def test_wrapped_lines_align_after_the_colon() -> None:
    pieces = [Piece("出席：", "hei"), *(Piece(f"某某{number}、") for number in range(40))]
    lines = compose(pieces, fonts(), Measure(first=2.0, rest=5.0))
    assert [line.indent for line in lines] == [2, *[5] * (len(lines) - 1)]
    assert lines[0].spans[0].face == fonts().chains["hei"][0].key


def test_a_name_stays_on_one_line() -> None:
    name = Piece("欧阳某某", whole=True)
    lines = compose([Piece("会" * 24), name, Piece("等参加")], fonts())
    assert "欧阳某某" in lines[1].text


def test_rare_characters_come_from_the_fallback_font() -> None:
    spans = set_text("网格长彧犇、喆昇、珺堃玥，面积12㎡")[0].spans
    assert {char for span in spans if span.face == "LXGWWenKai-Light" for char in span.text} == set(
        "彧犇喆昇珺堃玥㎡"
    )


def test_a_character_without_font_is_refused_by_name_and_place() -> None:
    with pytest.raises(Invalid) as refused:
        compose([Piece("收到🙂")], fonts(), where="议题“双晒”")
    assert "🙂" in str(refused.value)
    assert "U+1F642" in str(refused.value)
    assert "议题“双晒”" in str(refused.value)


def test_a_control_character_is_refused() -> None:
    with pytest.raises(Invalid, match=r"U\+000B"):
        set_text("会议\x0b纪要")


def test_a_title_is_cut_into_even_lines() -> None:
    text = "某某街道某某小区2026年第三季度多方联席会议纪要及督办事项"
    lines = balanced([Piece(text, "title")], fonts(), 20, "标题")
    assert "".join(line.text for line in lines) == text
    widths = [width(line) for line in lines]
    assert len(lines) == 2
    assert max(widths) - min(widths) <= 3


def test_every_mark_has_room_to_give_in_the_body_font() -> None:
    face = fonts().chains["fang"][0]
    assert all(face.bearings[mark][0] > 0.5 for mark in OPENING)
    assert all(face.bearings[mark][1] > 0.3 for mark in CLOSING)
