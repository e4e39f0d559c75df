"""The calendar: decreed years day by day, provisional years."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.db import Database
from govgrid.workdays import DayKind, built_in, calendar, local_day, provisional
from govgrid.workdays.imports import load
from tests.workdays.decrees import (
    STATUTORY_2027,
    every_day,
    made_up_days,
    notice,
    off_days,
)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_three_years_are_the_decrees_day_by_day(year: int) -> None:
    off, made_up, days = off_days(year), made_up_days(year), built_in()
    for day in every_day(year):
        expected = day in made_up or (day.weekday() < 5 and day not in off)
        assert days.is_workday(day) is expected, day
        assert days.announced(day)
    assert {d for d in every_day(year) if days.kind(d) is DayKind.MAKEUP} == made_up
    # A rest day on a weekend is decreed in some notices and simply a weekend day in others.
    kept = {d for d in every_day(year) if days.kind(d) is DayKind.HOLIDAY}
    assert off - kept == set()
    assert all(day.weekday() >= 5 for day in kept - off)


def test_three_years_are_what_an_independent_package_says() -> None:
    peer = holidays.country_holidays("CN", years=range(2024, 2027))
    days = [day for year in (2024, 2025, 2026) for day in every_day(year)]
    wrong = [day for day in days if built_in().is_workday(day) is not peer.is_working_day(day)]
    assert (len(days), wrong) == (1096, [])


@pytest.mark.parametrize("year", range(2004, 2027))
def test_announced_years_equal_chinesecalendar(year: int) -> None:
    days = built_in()
    wrong = [
        day for day in every_day(year) if days.is_workday(day) != chinese_calendar.is_workday(day)
    ]
    assert wrong == []


def test_a_year_without_a_notice_is_provisional_with_its_statutory_days() -> None:
    in_2027 = built_in()
    days = every_day(2027)
    assert not any(in_2027.announced(day) for day in days)
    found = {(d.month, d.day) for d in days if in_2027.kind(d) is DayKind.HOLIDAY}
    assert found == STATUTORY_2027
    assert in_2027.name(date(2027, 2, 5)) == "春节"
    assert in_2027.kind(date(2027, 1, 2)) is DayKind.WEEKEND
    assert in_2027.kind(date(2027, 1, 4)) is DayKind.WORKDAY


def test_a_distant_year_still_knows_the_fixed_days() -> None:
    in_2050 = built_in()
    found = [d for d in every_day(2050) if in_2050.kind(d) is DayKind.HOLIDAY]
    assert [(d.month, d.day) for d in found] == [
        (1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3),
    ]  # fmt: skip


def test_festivals_that_meet_national_day_keep_every_day() -> None:
    in_2031 = built_in()
    assert in_2031.name(date(2031, 10, 1)) == "国庆节"
    assert in_2031.kind(date(2031, 10, 1)) is DayKind.HOLIDAY


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_every_day_has_one_kind_and_work_follows_from_it(day: date) -> None:
    days = built_in()
    kind = days.kind(day)
    assert days.is_workday(day) is (kind in {DayKind.WORKDAY, DayKind.MAKEUP})
    if kind is DayKind.MAKEUP:
        assert day.weekday() >= 5
    after = days.next_workday(day)
    assert after > day
    assert days.is_workday(after)
    gap = [day + timedelta(days=n) for n in range(1, (after - day).days)]
    assert not any(days.is_workday(d) for d in gap)


def test_the_local_day_is_china_s() -> None:
    assert local_day(datetime(2026, 10, 9, 15, 59, tzinfo=UTC)) == date(2026, 10, 9)
    assert local_day(datetime(2026, 10, 9, 16, 0, tzinfo=UTC)) == date(2026, 10, 10)


def test_an_imported_notice_announces_its_year_and_reaches_into_december(
    database: Database, at: datetime
) -> None:
    data = notice(2027, ("2026-12-31", True), ("2027-01-01", True), ("2027-01-02", False))
    with database.writing() as db:
        assert provisional(db, date(2027, 6, 9))
        load(db, None, data, "2027.json", at=at)
        assert not provisional(db, date(2027, 6, 9)), "a session sees what it imported"
    with database.reading() as db:
        days = calendar(db)
    assert days.kind(date(2026, 12, 31)) is DayKind.HOLIDAY
    assert days.kind(date(2027, 1, 2)) is DayKind.MAKEUP
    assert days.announced(date(2027, 6, 9))
    assert days.kind(date(2027, 6, 9)) is DayKind.WORKDAY, "what the notice omits is ordinary"
    assert not days.announced(date(2028, 1, 1))
    assert days.kind(date(2026, 10, 10)) is DayKind.MAKEUP, "built-in years stay"


def test_the_next_years_notice_wins_over_this_years_in_december(
    database: Database, at: datetime
) -> None:
    with database.writing() as db:
        load(db, None, notice(2028, ("2027-12-31", True)), "2028.json", at=at)
        load(db, None, notice(2027, ("2027-12-31", False)), "2027.json", at=at)
        assert calendar(db).kind(date(2027, 12, 31)) is DayKind.HOLIDAY


def test_an_imported_notice_takes_the_place_of_the_built_in_one(
    database: Database, at: datetime
) -> None:
    with database.writing() as db:
        load(db, None, notice(2026, ("2026-10-01", True)), "2026.json", at=at)
        days = calendar(db)
    assert days.kind(date(2026, 10, 1)) is DayKind.HOLIDAY
    assert days.kind(date(2026, 10, 2)) is DayKind.WORKDAY
    assert days.kind(date(2026, 10, 10)) is DayKind.WEEKEND
    assert days.kind(date(2025, 10, 1)) is DayKind.HOLIDAY
