"""The service clock, impossible times, masks and the counts' rates."""

from datetime import UTC, datetime, timedelta, timezone

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.cases.rules import CLOCK, Counts, Moments, ServiceClock, faults, masked, minute, share
from govgrid.workdays import built_in
from tests.build import clock

moments = st.integers(0, 6 * 365 * 86400).map(
    lambda seconds: datetime(2020, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(moments)
def test_the_clock_agrees_with_chinesecalendar_on_the_local_day(received: datetime) -> None:
    there = received.astimezone(timezone(timedelta(hours=8)))
    hours = 2 if chinese_calendar.is_workday(there.date()) else 4
    assert CLOCK.reply_due(received, built_in()) - received == timedelta(hours=hours)
    assert CLOCK.close_due(received) - received == timedelta(hours=48)


def test_a_company_may_promise_more() -> None:
    promise = ServiceClock(reply_workday=timedelta(minutes=30), reply_other=timedelta(minutes=30))
    received = clock("2026-10-11 09:00")
    assert promise.reply_due(received, built_in()) == clock("2026-10-11 09:30")


@given(moments, st.integers(0, 10_000), st.integers(0, 20_000))
def test_whole_minutes_decide_what_is_in_time(
    received: datetime, reply_after: int, seconds: int
) -> None:
    replied = received + timedelta(seconds=reply_after + seconds)
    due = CLOCK.reply_due(received, built_in())
    by_the_minute = (replied.replace(second=0, microsecond=0)) <= due.replace(
        second=0, microsecond=0
    )
    stored = minute(replied) <= CLOCK.reply_due(minute(received), built_in())
    assert stored is by_the_minute


NOW = clock("2026-10-20 12:00")
RECEIVED = clock("2026-10-09 09:30")
EARLY, LATE = RECEIVED - timedelta(minutes=1), NOW + timedelta(minutes=1)


@pytest.mark.parametrize("name", ["replied_at", "closed_at", "fed_back_at", "reported_at"])
def test_no_moment_lies_before_the_receipt_or_after_now(name: str) -> None:
    for moment, wrong in ((EARLY, True), (RECEIVED, False), (NOW, False), (LATE, True)):
        found = [key for key, _ in faults(Moments(RECEIVED, **{name: moment}), NOW)]
        assert found == ([name] if wrong else []), moment


def test_a_receipt_may_not_lie_after_now() -> None:
    assert [key for key, _ in faults(Moments(LATE), NOW)] == ["received_at"]
    assert list(faults(Moments(NOW), NOW)) == []


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("请回电10012345678谢谢", "请回电100****5678谢谢"),
        ("证件510107200001011234", "证件510****1234"),
        ("3栋2单元1201", "3栋2单元1201"),
        ("2026-10-09 漏水", "2026-10-09 漏水"),
        ("10月9日20261009", "10月9日20261009"),
        ("座机028-85550000", "座机028****0000"),
        ("手机100 1234 5678", "手机100****5678"),
    ],
)
def test_long_numbers_are_masked(written: str, shown: str) -> None:
    assert masked(written) == shown


def test_a_rate_over_nothing_is_no_rate() -> None:
    assert share(0, 0) is None
    assert Counts().response_rate is None
    assert Counts(received=4, replied_in_time=3).response_rate == 0.75
    assert Counts(received=4).satisfaction_rate is None
    assert Counts(received=4, rated=2, satisfied=2).satisfaction_rate == 1


numbers = st.lists(st.integers(0, 99), min_size=8, max_size=8)


@given(numbers, numbers)
def test_counts_add_up_field_by_field(one: list[int], other: list[int]) -> None:
    total = Counts.total([Counts(*one), Counts(*other)])
    assert total == Counts(*(a + b for a, b in zip(one, other, strict=True)))
