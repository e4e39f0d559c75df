"""Days and moments as people write them, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from babel.dates import format_date

from govgrid.web import language


@pytest.mark.parametrize("day", [date(2026, 12, 8) + timedelta(days=n) for n in range(0, 40, 5)])
def test_chinese_days_are_written_as_babel_would(day: date) -> None:
    told = (language.day_text(day), language.weekday_text(day), language.month_text(day))
    assert told == tuple(
        format_date(day, form, locale="zh_Hans") for form in ("y年M月d日", "EEE", "y年M月")
    )


@pytest.mark.parametrize(
    ("spoken", "text"),
    [("zh_Hans", "2026年12月9日 00:05"), ("en", "9 Dec 2026, 00:05")],
)
def test_a_moment_is_told_by_the_clock_in_china(spoken: str, text: str) -> None:
    with language.speaking(spoken):
        assert language.moment_text(datetime(2026, 12, 8, 16, 5, tzinfo=UTC)) == text
