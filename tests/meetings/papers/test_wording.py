from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.meetings.papers import wording
from govgrid.meetings.papers.document import Attendee, Share, Turnout


def test_dates_have_no_zero_padding() -> None:
    assert wording.day(date(2026, 1, 9)) == "2026年1月9日"
    assert wording.moment(datetime(2026, 1, 8, 17, 5, tzinfo=UTC)) == "2026年1月9日1:05"


def test_a_span_names_its_day_once() -> None:
    start = datetime(2026, 10, 12, 6, 30, tzinfo=UTC)
    same = wording.span(start, datetime(2026, 10, 12, 7, 40, tzinfo=UTC))
    assert same == "2026年10月12日（星期一）14:30—15:40"
    over = wording.span(start, datetime(2026, 10, 12, 16, 10, tzinfo=UTC))
    assert over == "2026年10月12日（星期一）14:30—2026年10月13日0:10"


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五"), (99, "九十九")],
)
def test_ordinals(number: int, expected: str) -> None:
    assert wording.ordinal(number) == expected


def test_an_empty_whole_shows_a_dash() -> None:
    assert wording.percent(Share(0, 0)) == "—"


@given(st.integers(1, 100_000), st.integers(0, 100_000))
def test_only_all_of_them_is_a_hundred_percent(whole: int, part: int) -> None:
    part = min(part, whole)
    assert (wording.percent(Share(part, whole)) == "100.0%") == (part == whole)


def test_a_substitute_names_whom_he_stands_for() -> None:
    parts = wording.person(Attendee("甲某", "项目经理", "乙某"))
    assert "".join(text for text, _ in parts) == "甲某（代乙某，项目经理）"
    assert [text for text, name in parts if name] == ["甲某", "乙某"]
    assert wording.person(Attendee("甲某")) == [("甲某", True)]


def test_turnout_says_whether_the_quorum_held() -> None:
    held = wording.turnout(Turnout(9, 7, 1, 1, 1, 5, held=True))
    assert held == "应到9人，实到7人（其中代会1人），请假1人，缺席1人；达到规定人数（5人）。"
    missed = wording.turnout(Turnout(9, 3, 0, 1, 5, 5, held=False))
    assert missed == "应到9人，实到3人，请假1人，缺席5人；未达到规定人数（5人）。"
