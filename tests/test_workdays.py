"""Working days: decreed years day by day, provisional years, the import of a notice."""

import json
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from govgrid import workdays
from govgrid.access import Actor, Office, Role
from govgrid.db import Database
from govgrid.errors import Forbidden, Invalid
from govgrid.journal import Entry
from govgrid.workdays import Calendar, DayKind, WorkdayRow, built_in, local_day
from govgrid.workdays.imports import load
from tests import build

OFF_2026 = {
    (1, (1, 2, 3)),
    (2, tuple(range(15, 24))),
    (4, (4, 5, 6)),
    (5, (1, 2, 3, 4, 5)),
    (6, (19, 20, 21)),
    (9, (25, 26, 27)),
    (10, (1, 2, 3, 4, 5, 6, 7)),
}
MADE_UP_2026 = {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)}
STATUTORY_2027 = {
    (1, 1), (2, 5), (2, 6), (2, 7), (2, 8), (4, 5), (5, 1), (5, 2), (6, 9), (9, 15),
    (10, 1), (10, 2), (10, 3),
}  # fmt: skip


def every_day(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def notice(year: int, *days: tuple[str, bool], papers: object = ()) -> bytes:
    entries = [{"name": "元旦", "date": day, "isOffDay": off} for day, off in days]
    return json.dumps({"year": year, "papers": list(papers), "days": entries}).encode()  # type: ignore[call-overload]  # any iterable


def test_2026_day_by_day_is_the_decree() -> None:
    off = {date(2026, month, day) for month, days in OFF_2026 for day in days}
    made_up = {date(2026, *day) for day in MADE_UP_2026}
    calendar = built_in()
    for day in every_day(2026):
        expected = day in made_up or (day.weekday() < 5 and day not in off)
        assert calendar.is_workday(day) is expected, day
        assert calendar.announced(day)
    assert {d for d in every_day(2026) if calendar.kind(d) is DayKind.MAKEUP} == made_up
    assert {d for d in every_day(2026) if calendar.kind(d) is DayKind.HOLIDAY} == off


@pytest.mark.parametrize("year", range(2004, 2027))
def test_announced_years_equal_chinesecalendar(year: int) -> None:
    calendar = built_in()
    wrong = [
        day
        for day in every_day(year)
        if calendar.is_workday(day) != chinese_calendar.is_workday(day)
    ]
    assert wrong == []


def test_a_year_without_a_notice_is_provisional_with_its_statutory_days() -> None:
    calendar = built_in()
    days = every_day(2027)
    assert not any(calendar.announced(day) for day in days)
    holidays = {(d.month, d.day) for d in days if calendar.kind(d) is DayKind.HOLIDAY}
    assert holidays == STATUTORY_2027
    assert calendar.name(date(2027, 2, 5)) == "春节"
    assert calendar.kind(date(2027, 1, 2)) is DayKind.WEEKEND
    assert calendar.kind(date(2027, 1, 4)) is DayKind.WORKDAY


def test_a_distant_year_still_knows_the_fixed_days() -> None:
    calendar = built_in()
    holidays = [d for d in every_day(2050) if calendar.kind(d) is DayKind.HOLIDAY]
    assert [(d.month, d.day) for d in holidays] == [
        (1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3),
    ]  # fmt: skip


def test_festivals_that_meet_national_day_keep_every_day() -> None:
    in_2031 = built_in()
    assert in_2031.name(date(2031, 10, 1)) == "国庆节"
    assert in_2031.kind(date(2031, 10, 1)) is DayKind.HOLIDAY


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_every_day_has_one_kind_and_work_follows_from_it(day: date) -> None:
    calendar = built_in()
    kind = calendar.kind(day)
    assert calendar.is_workday(day) is (kind in {DayKind.WORKDAY, DayKind.MAKEUP})
    if kind is DayKind.MAKEUP:
        assert day.weekday() >= 5
    after = calendar.next_workday(day)
    assert after > day
    assert calendar.is_workday(after)
    gap = [day + timedelta(days=n) for n in range(1, (after - day).days)]
    assert not any(calendar.is_workday(d) for d in gap)


def test_the_local_day_is_china_s() -> None:
    assert local_day(datetime(2026, 10, 9, 15, 59, tzinfo=UTC)) == date(2026, 10, 9)
    assert local_day(datetime(2026, 10, 9, 16, 0, tzinfo=UTC)) == date(2026, 10, 10)


def current(database: Database) -> Calendar:
    with database.reading() as db:
        return workdays.calendar(db)


def test_an_imported_notice_announces_its_year_and_reaches_into_december(
    database: Database, at: datetime
) -> None:
    data = notice(2027, ("2026-12-31", True), ("2027-01-01", True), ("2027-01-02", False))
    with database.writing() as db:
        outcome = load(db, None, data, "2027.json", at=at)
    assert outcome.json() == {
        "kind": "workdays", "rows": 3, "created": 3, "updated": 0, "unchanged": 0,
        "errors": [], "ignored": [],
    }  # fmt: skip
    calendar = current(database)
    assert calendar.kind(date(2026, 12, 31)) is DayKind.HOLIDAY
    assert calendar.kind(date(2027, 1, 2)) is DayKind.MAKEUP
    assert calendar.announced(date(2027, 6, 9))
    assert calendar.kind(date(2027, 6, 9)) is DayKind.WORKDAY, "what the notice omits is ordinary"
    assert not calendar.announced(date(2028, 1, 1))
    assert calendar.kind(date(2026, 10, 10)) is DayKind.MAKEUP, "built-in years stay"


def test_the_next_years_notice_wins_over_this_years_in_december(
    database: Database, at: datetime
) -> None:
    with database.writing() as db:
        load(db, None, notice(2028, ("2027-12-31", True)), "2028.json", at=at)
        load(db, None, notice(2027, ("2027-12-31", False)), "2027.json", at=at)
    assert current(database).kind(date(2027, 12, 31)) is DayKind.HOLIDAY


def test_an_imported_notice_takes_the_place_of_the_built_in_one(
    database: Database, at: datetime
) -> None:
    with database.writing() as db:
        load(db, None, notice(2026, ("2026-10-01", True)), "2026.json", at=at)
    calendar = current(database)
    assert calendar.kind(date(2026, 10, 1)) is DayKind.HOLIDAY
    assert calendar.kind(date(2026, 10, 2)) is DayKind.WORKDAY
    assert calendar.kind(date(2026, 10, 10)) is DayKind.WEEKEND
    assert calendar.kind(date(2025, 10, 1)) is DayKind.HOLIDAY


def test_the_same_file_twice_changes_nothing_and_a_corrected_one_replaces(
    database: Database, at: datetime
) -> None:
    first = notice(2027, ("2027-01-01", True), ("2027-01-02", True))
    corrected = notice(2027, ("2027-01-01", True), ("2027-01-03", False))
    with database.writing() as db:
        load(db, None, first, "2027.json", at=at)
        again = load(db, None, first, "2027.json", at=at)
        assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
        third = load(db, None, corrected, "2027.json", at=at)
        assert (third.created, third.updated, third.unchanged) == (1, 1, 1)
    calendar = current(database)
    assert calendar.kind(date(2027, 1, 2)) is DayKind.WEEKEND
    assert calendar.kind(date(2027, 1, 3)) is DayKind.MAKEUP
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Entry)) == 3


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"not json", "JSON"),
        (b"\xff\xfe{}", "JSON"),
        (b"[]", "year"),
        (b'{"days": []}', "year"),
        (b'{"year": 27, "days": [{}]}', "year"),
        (b'{"year": true, "days": [{}]}', "year"),
        (b'{"year": 2027, "papers": []}', "days"),
        (b'{"year": 2027, "papers": [], "days": []}', "尚未发布"),
        (b"[" * 100_000, "JSON"),
        (b" " * 2**20 + b"{}", "过大"),
    ],
)
def test_a_wrong_file_is_refused_whole(
    database: Database, at: datetime, data: bytes, part: str
) -> None:
    with pytest.raises(Invalid) as refused, database.writing() as db:
        load(db, None, data, "wrong.json", at=at)
    assert part in str(refused.value)
    assert 2027 not in current(database).years


def test_wrong_days_are_listed_and_nothing_is_stored(database: Database, at: datetime) -> None:
    days = [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-02-30", "isOffDay": True},
        {"name": "元旦", "date": "2026-11-30", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-01", "isOffDay": False},
        {"name": "", "date": "2027-01-02", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-03", "isOffDay": "yes"},
        "2027-01-04",
    ]
    data = json.dumps({"year": 2027, "papers": [], "days": days}).encode()
    with database.writing() as db:
        outcome = load(db, None, data, "2027.json", at=at)
    assert [(e.row, e.column) for e in outcome.errors] == [
        (2, "date"), (3, "date"), (4, "date"), (5, "name"), (6, "isOffDay"), (7, "days"),
    ]  # fmt: skip
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 0)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(WorkdayRow)) == 0


def test_only_the_system_administrator_changes_the_calendar(
    database: Database, at: datetime
) -> None:
    data = notice(2027, ("2027-01-01", True))
    with database.writing() as db:
        made = build.small_city(db)
        officer = build.actor(db, made.housing, Role.HOUSING_OFFICER, made.city)
        auditor, keeper = (Actor(1, 0, "管理员", (), o) for o in (Office.AUDIT, Office.SYSTEM))
        for refused in (officer, auditor):
            with pytest.raises(Forbidden):
                load(db, refused, data, "2027.json", at=at)
        assert load(db, keeper, data, "2027.json", at=at).created == 1
