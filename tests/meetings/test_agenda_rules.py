"""Which cases are heard first and why, what changed since a notice, order, ages, templates, files."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.cases.models import Case
from govgrid.cases.rules import Reason
from govgrid.errors import Invalid
from govgrid.meetings.models import AgendaKind, Kind, Media
from govgrid.meetings.rules.agenda import (
    Age,
    Change,
    Line,
    age,
    changes,
    media_of,
    placed,
    template,
)
from govgrid.meetings.rules.hearing import ranked, reason, span
from govgrid.meetings.rules.settings import DEFAULTS, resolve
from tests.build import clock

AT = clock("2026-11-20 09:00")
HOUR = timedelta(hours=1)


MOMENTS = (
    "id", "received_at", "reply_due", "close_due", "replied_at", "closed_at", "satisfied",
    "reopened_at",
)  # fmt: skip


def made(case: Case, **how: object) -> Case:
    """Return another case with other moments."""
    return Case(**{name: getattr(case, name) for name in MOMENTS} | how)


hours = st.integers(0, 500)
cases = st.builds(
    lambda number, ago, replied, closed, happy, again: Case(
        id=number,
        received_at=AT - ago * HOUR,
        reply_due=AT - ago * HOUR + 2 * HOUR,
        close_due=AT - ago * HOUR + 48 * HOUR,
        replied_at=None if replied is None else AT + (replied - ago) * HOUR,
        closed_at=None if closed is None else AT + (closed - ago) * HOUR,
        satisfied=happy,
        reopened_at=None if again is None else AT - again * HOUR,
    ),
    st.integers(1, 10**6),
    hours,
    st.none() | st.integers(0, 60),
    st.none() | st.integers(0, 120),
    st.none() | st.booleans(),
    st.none() | st.integers(-5, 50),
)


@given(st.lists(cases, max_size=12, unique_by=lambda case: case.id), st.randoms())
def test_the_ranking_is_one_order_with_reasons(given_: list[Case], chance: object) -> None:
    found = ranked(given_, AT)
    shuffled = list(given_)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    again = [(one.case.id, one.reason) for one in ranked(shuffled, AT)]
    assert again == [(one.case.id, one.reason) for one in found]
    assert {one.case for one in found} == {case for case in given_ if reason(case, AT)}
    places = [list(Reason).index(one.reason) for one in found]
    assert places == sorted(places)
    for one in found:
        assert one.told
        assert all(str(why) for why in one.told)
        open_now = one.case.closed_at is None or one.case.closed_at > AT
        assert open_now == (one.reason in {Reason.OVERDUE, Reason.OPEN})
    left = [case for case in given_ if not reason(case, AT)]
    for case in left:  # nothing went wrong with what is not heard
        assert case.closed_at is not None
        assert case.closed_at <= min(AT, case.close_due)
        assert (case.replied_at or AT) <= case.reply_due
        assert case.satisfied is not False


@given(cases, st.integers(1, 100))
def test_what_happens_later_changes_no_reason(case: Case, later: int) -> None:
    when = AT + later * HOUR
    hidden = made(
        case,
        closed_at=None if case.closed_at and case.closed_at > AT else case.closed_at,
        replied_at=None if case.replied_at and case.replied_at > AT else case.replied_at,
    )
    known = made(hidden, closed_at=hidden.closed_at or when, replied_at=hidden.replied_at or when)
    assert reason(known, AT) == reason(hidden, AT)


def test_reasons_say_by_how_much() -> None:
    late = Case(
        id=1, received_at=AT - 60 * HOUR, reply_due=AT - 58 * HOUR, close_due=AT - 12 * HOUR
    )
    (one,) = ranked([late], AT)
    assert [str(why) for why in one.told] == [
        "逾期未办结，已超 12 小时 0 分", "至今未响应，已超 2 天 10 小时",
    ]  # fmt: skip
    bad = made(late, closed_at=AT - HOUR, replied_at=AT - 59 * HOUR, satisfied=False)
    (one,) = ranked([bad], AT)
    assert [str(why) for why in one.told] == ["居民不满意", "办结超时 11 小时 0 分"]
    assert [str(span(timedelta(minutes=n))) for n in (0, 59, 60, 1440, 1500)] == [
        "0 分钟", "59 分钟", "1 小时 0 分", "1 天", "1 天 1 小时",
    ]  # fmt: skip


def line(item: int, title: str = "议题", **how: object) -> Line:
    return replace(Line(item, "proposal", title, "", 10), **how)  # type: ignore[arg-type]


numbers = st.lists(st.integers(1, 30), min_size=1, max_size=12, unique=True)


@given(numbers, st.data())
def test_moving_an_item_keeps_the_others_in_order(order: list[int], data: st.DataObject) -> None:
    moved, to = data.draw(st.sampled_from(order)), data.draw(st.integers(-3, 20))
    after = placed(order, moved, to)
    assert sorted(after) == sorted(order)
    assert [n for n in after if n != moved] == [n for n in order if n != moved]
    assert after.index(moved) == min(max(to, 1), len(order)) - 1
    found = changes([line(n) for n in order], [line(n) for n in after])
    assert len(found) == (after != order)
    assert set(found.values()) <= {Change.MOVED}


@given(numbers, numbers)
def test_every_change_is_named_and_nothing_else(before: list[int], after: list[int]) -> None:
    old = [line(n) for n in before]
    new = [line(n, title="改" if n % 5 == 0 else "议题") for n in after]
    found = changes(old, new)
    assert {n for n, what in found.items() if what is Change.ADDED} == {*after} - {*before}
    assert {n for n, what in found.items() if what is Change.REMOVED} == {*before} - {*after}
    both = {*before} & {*after}
    assert {n for n in both if found.get(n) is Change.CHANGED} == {n for n in both if n % 5 == 0}
    stayed = [n for n in after if n in both and found.get(n) is None]
    assert stayed == [n for n in before if n in stayed]
    assert changes(old, old) == {}


def test_a_file_added_or_minutes_changed_is_a_change() -> None:
    before = [line(1), line(2), line(3)]
    after = [line(1, minutes=20), line(2, files=("a",)), line(3)]
    assert changes(before, after) == {1: Change.CHANGED, 2: Change.CHANGED}
    assert Line.of({**vars_of(before[0]), "files": []}) == before[0]


def vars_of(one: Line) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("item", "kind", "title", "brief", "minutes")}


def test_a_tasks_age_counts_the_meetings_that_found_it_open() -> None:
    task = SimpleNamespace(deadline=date(2026, 10, 20))
    given, held = date(2026, 9, 8), [date(2026, 9, 8), date(2026, 10, 9), date(2026, 11, 10)]
    assert age(task, given, held, date(2026, 10, 9)) == Age(31, 1, 0, late=False)
    assert age(task, given, held, date(2026, 10, 25)) == Age(47, 1, 0, late=True)
    found = age(task, given, held, date(2026, 11, 10))
    assert found == Age(63, 2, 1, late=True)
    assert [str(why) for why in found.told] == ["已交办 63 天", "结转 2 次", "逾期 1 次"]
    assert [str(why) for why in age(task, given, [], given).told] == ["已交办 0 天"]


ROWS = [(kind, str(title), str(minutes)) for kind, title, minutes in DEFAULTS[Kind.JOINT]["agenda"]]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (ROWS[:2], "双晒"),
        ([*ROWS, ("proposal", "杂项", "30")], "超过会议时长"),
        ([*ROWS, ("proposal", "杂项", "0")], "用时"),
        ([*ROWS, ("proposal", "杂项", "十")], "用时"),
        ([*ROWS, ("nothing", "杂项", "5")], "类别"),
        ([*ROWS, ("carry_over", "督办", "5")], "自动列入"),
        ([*ROWS, ("proposal", "长" * 121, "5")], "过长"),
        (ROWS + [("proposal", f"第{n}项", "1") for n in range(18)], "最多"),
    ],
)
def test_a_template_that_cannot_be_meant_is_refused(
    rows: list[tuple[str, str, str]], why: str
) -> None:
    with pytest.raises(Invalid, match=why):
        template(Kind.JOINT, rows, 60)


def test_rows_without_a_title_are_left_out() -> None:
    found = template(Kind.JOINT, [*ROWS, ("proposal", " ", "")], 60)
    assert [item.kind for item in found] == [
        AgendaKind.REQUIREMENT, AgendaKind.CASE, AgendaKind.SHOWCASE,
    ]  # fmt: skip
    assert resolve(Kind.JOINT, []).agenda == tuple(found)


def test_a_files_first_bytes_say_what_it_is() -> None:
    assert media_of(b"%PDF-1.7 ...") is Media.PDF
    assert media_of(b"\x89PNG\r\n\x1a\n...") is Media.PNG
    assert media_of(b"\xff\xd8\xff\xe0...") is Media.JPEG
    assert media_of(b"RIFF\x00\x00\x00\x00WEBPVP8 ") is Media.WEBP
    for data in (b"<html>", b"<svg xmlns=", b"PK\x03\x04", b"GIF89a", b"RIFF\x00\x00\x00\x00WAVE"):
        with pytest.raises(Invalid):
            media_of(data)
    assert {media.type for media in Media} == {
        "application/pdf", "image/png", "image/jpeg", "image/webp",
    }  # fmt: skip
