"""What a meeting hears, in which order and why; due times after a new notice."""

from datetime import datetime

from govgrid.cases.imports import load
from govgrid.cases.queries import cases_for_unit
from govgrid.db import Database
from tests.build import City, clock
from tests.cases.sheets import case, sheet

NOW = clock("2026-11-20 09:00")
SINCE = clock("2026-10-20 14:00")
ROWS = (
    case("open", "2026-11-19 10:00", "2026-11-19 11:00"),
    case("overdue", "2026-11-10 10:00", "2026-11-10 11:00"),
    case("long-overdue", "2026-08-10 10:00"),
    case("bad", "2026-11-02 10:00", "2026-11-02 11:00", "2026-11-03 10:00", 满意度="不满意"),
    case("late", "2026-11-02 10:00", "2026-11-02 11:00", "2026-11-04 10:01", 满意度="满意"),
    case("slow", "2026-11-02 10:00", "2026-11-02 12:01", "2026-11-03 10:00"),
    case("silent", "2026-11-02 10:00", "", "2026-11-03 10:00"),
    case("good", "2026-11-02 10:00", "2026-11-02 12:00", "2026-11-04 10:00", 满意度="满意"),
    case("old", "2026-10-01 10:00", "", "2026-10-20 13:59", 满意度="不满意"),
    case("old-but-closed-since", "2026-10-01 10:00", "", "2026-10-20 14:00"),
    case("courtyard", "2026-11-01 10:00", 小区编号="XQ-JQ12"),
    case("far", "2026-11-01 10:00", 小区编号="XQ-WJ"),
)


def take(database: Database, *rows: dict[str, str]) -> None:
    with database.writing() as db:
        outcome = load(db, None, sheet(*rows), "cases.csv", at=NOW)
        assert outcome.errors == []


def heard(
    database: Database, city: City, compound: int | None, at: datetime | None = NOW
) -> list[tuple[str, str]]:
    until = clock("2026-12-08 09:30")
    with database.reading() as db:
        found = cases_for_unit(db, city.community.id, compound, SINCE, until, at=at)
        assert all(one.case.compound.name for one in found)
        return [(one.case.number, one.reason.word) for one in found]


def test_the_worst_is_heard_first_with_its_reason(database: Database, city: City) -> None:
    take(database, *ROWS)
    assert heard(database, city, city.compound.id) == [
        ("long-overdue", "逾期未办结"),
        ("overdue", "逾期未办结"),
        ("bad", "居民不满意"),
        ("open", "尚未办结"),
        ("old-but-closed-since", "超时办结"),
        ("late", "超时办结"),
        ("slow", "响应超时"),
        ("silent", "响应超时"),
    ]


def test_a_community_hears_of_all_its_compounds(database: Database, city: City) -> None:
    take(database, *ROWS)
    numbers = [number for number, _ in heard(database, city, None)]
    assert numbers[:3] == ["long-overdue", "courtyard", "overdue"]
    assert "far" not in numbers


def test_without_a_clock_cases_are_judged_as_the_period_ends(
    database: Database, city: City
) -> None:
    take(database, *ROWS)
    assert ("open", "逾期未办结") in heard(database, city, city.compound.id, at=None)
