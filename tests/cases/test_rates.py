"""The four rates: by hand, and against a naive count of the same cases."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from govgrid.cases.imports import load
from govgrid.cases.models import Case, Source
from govgrid.cases.queries import By, month_span, rates
from govgrid.db import Database
from govgrid.errors import Invalid, NotFound
from govgrid.grid.models import Compound
from tests.build import City, clock
from tests.cases.sheets import case, sheet

OCTOBER = date(2026, 10, 1)
END = clock("2026-11-20 00:00")
RATES = (
    "response_rate",
    "completion_rate",
    "closed_48h_rate",
    "satisfaction_rate",
    "report_rate",
)


def take(database: Database, *rows: dict[str, str]) -> None:
    with database.writing() as db:
        outcome = load(db, None, sheet(*rows), "cases.csv", at=END)
        assert outcome.errors == []


def report(database: Database, path: str, by: str = "area", at: datetime = END) -> dict[str, Any]:
    with database.reading() as db:
        return rates(db, OCTOBER, path, by, as_of=at).json()


BY_HAND = (
    # A Friday: due 11:30. In time to the minute, closed at the 48th hour, satisfied.
    case("1", "2026-10-09 09:30", "2026-10-09 11:30", "2026-10-11 09:30", 满意度="满意"),
    # A minute too late; closed a minute after 48 h; dissatisfied.
    case("2", "2026-10-09 09:30", "2026-10-09 11:31", "2026-10-11 09:31", 满意度="不满意"),
    # A made-up Saturday: 2 h, so 12:00 is too late. Outside the remit, reported.
    case("3", "2026-10-10 09:30", "2026-10-10 12:00", 物业职责内="否", 报告时间="2026-10-10 13:00"),
    # A holiday: 4 h. Outside the remit, not reported; rated though never closed.
    case("4", "2026-10-07 09:30", "2026-10-07 13:30", 物业职责内="否", 满意度="满意"),
    # Inside the remit and reported all the same: not of those outside.
    case("5", "2026-10-12 09:30", 物业职责内="是", 报告时间="2026-10-12 10:00"),
    # The month's last minute, replied to and closed in the next month.
    case("6", "2026-10-31 23:59", "2026-11-01 03:59", "2026-11-02 10:00"),
    # Not of this month in China, whatever the month is in Greenwich.
    case("7", "2026-11-01 00:00", "2026-11-01 00:01"),
    case("8", "2026-09-30 23:59", "2026-10-01 00:00"),
    case("9", "2026-10-12 09:30", "2026-10-12 09:30", 小区编号="XQ-JQ12", 诉求类别="漏水"),
)


def test_the_rates_of_a_month_by_hand(database: Database, city: City) -> None:
    take(database, *BY_HAND)
    found = report(database, city.district.path, "compound")
    assert (found["month"], found["as_of"]) == ("2026-10", "2026-11-20T00:00:00+08:00")
    by_key = {row["key"]: row for row in found["rows"]}
    assert list(by_key) == ["XQ-JH", "XQ-JQ12"]
    assert by_key["XQ-JH"] == {
        "key": "XQ-JH", "name": "锦和苑", "received": 6, "replied_in_time": 3, "closed": 3,
        "closed_in_48h": 2, "rated": 2, "satisfied": 1, "outside_remit": 2, "reported": 1,
        "response_rate": 0.5, "completion_rate": 0.5, "closed_48h_rate": 2 / 6,
        "satisfaction_rate": 0.5, "report_rate": 0.5,
    }  # fmt: skip
    assert by_key["XQ-JQ12"]["satisfaction_rate"] is None
    assert found["total"]["received"] == 7
    assert found["total"]["key"] == "510107"
    assert found["total"]["response_rate"] == 4 / 7


def test_as_of_ignores_what_came_after_it(database: Database, city: City) -> None:
    take(database, *BY_HAND)
    at = clock("2026-10-11 09:29")
    total = report(database, city.district.path, at=at)["total"]
    assert total["received"] == 4
    assert (total["closed"], total["rated"], total["satisfied"]) == (0, 0, 0)
    assert (total["replied_in_time"], total["outside_remit"], total["reported"]) == (2, 2, 1)
    exact = report(database, city.district.path, at=at + timedelta(minutes=1))["total"]
    assert (exact["closed"], exact["rated"], exact["satisfied"]) == (1, 1, 1)
    early = report(database, city.district.path, at=clock("2026-10-07 13:29"))["total"]
    assert (early["received"], early["replied_in_time"]) == (1, 0)
    before = report(database, city.district.path, at=clock("2026-10-07 09:29"))
    assert before["total"]["received"] == 0
    assert [before["total"][name] for name in RATES] == [None] * 5


def test_by_area_gives_every_area_one_level_below(database: Database, city: City) -> None:
    far = case("10", "2026-10-12 09:30", 小区编号="XQ-WJ")
    take(database, *BY_HAND, far)

    def received(path: str) -> dict[str, int]:
        return {r["key"]: r["received"] for r in report(database, path)["rows"]}

    assert received(city.city.path) == {"510107": 8}
    assert received(city.district.path) == {"510107001": 7, "510107002": 1}
    assert received(city.street.path) == {"510107001001": 7, "510107001002": 0}
    assert received(city.community.path) == {"510107001001001": 7}
    assert received(city.far_community.path) == {"": 1}
    with pytest.raises(Invalid):
        received(city.grid.path)
    with pytest.raises(NotFound):
        received("/9999/")


def test_by_company_and_category(database: Database, city: City) -> None:
    take(database, *BY_HAND)
    companies = report(database, city.city.path, "company")["rows"]
    assert [(r["key"], r["received"]) for r in companies] == [("锦和物业", 6), ("", 1)]
    kinds = report(database, city.city.path, "category")["rows"]
    assert [(r["key"], r["received"]) for r in kinds] == [("停车", 6), ("漏水", 1)]
    of_grid = report(database, city.grid.path, "compound")["rows"]
    assert [r["key"] for r in of_grid] == ["XQ-JH", "XQ-JQ12"]
    of_micro_grid = report(database, city.micro_grids[0].path, "compound")["rows"]
    assert [r["key"] for r in of_micro_grid] == ["XQ-JH"]
    with pytest.raises(Invalid, match="colour"):
        report(database, city.city.path, "colour")


def test_a_month_begins_and_ends_at_midnight_in_china() -> None:
    assert month_span(date(2026, 12, 1)) == (clock("2026-12-01 00:00"), clock("2027-01-01 00:00"))
    assert month_span(OCTOBER)[0].astimezone(UTC) == datetime(2026, 9, 30, 16, tzinfo=UTC)


# Half-hours of late September to early November, so that edges and ties come up often.
BASE = clock("2026-09-30 20:00")
steps = st.integers(0, 33 * 48)
later = st.none() | st.integers(0, 110)
drawn_case = st.tuples(
    steps, later, later, st.none() | st.booleans(), st.none() | st.booleans(), later,
    st.integers(0, 2), st.sampled_from(["停车", "漏水", "噪音"]),
)  # fmt: skip
HALF_HOUR = timedelta(minutes=30)


def made(number: int, drawn: Any, compounds: list[int]) -> dict[str, Any]:
    step, replied, closed, satisfied, in_remit, reported, compound, category = drawn
    received = BASE + step * HALF_HOUR

    def after(halves: int | None) -> datetime | None:
        return None if halves is None else received + halves * HALF_HOUR

    # Written out apart from the rules: day type of October 2026 by the decree.
    local = received.replace(tzinfo=None)
    off = (local.month, local.day) in {(10, d) for d in range(1, 8)}
    works = (local.month, local.day) == (10, 10) or (local.weekday() < 5 and not off)
    return {
        "number": f"G{number}",
        "source": Source.HOTLINE,
        "category": category,
        "compound_id": compounds[compound],
        "received_at": received,
        "reply_due": received + timedelta(hours=2 if works else 4),
        "close_due": received + timedelta(hours=48),
        "replied_at": after(replied),
        "closed_at": after(closed),
        "satisfied": satisfied,
        "in_remit": in_remit,
        "reported_at": after(reported),
    }


def naive(cases: list[dict[str, Any]], at: datetime, key: str) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = defaultdict(lambda: [0] * 8)
    for one in cases:
        local = one["received_at"]
        if (local.year, local.month) != (2026, 10) or local > at:
            continue
        row = found[one[key]]

        def seen(name: str, one: dict[str, Any] = one) -> bool:
            return one[name] is not None and one[name] <= at

        closed = seen("closed_at")
        row[0] += 1
        row[1] += seen("replied_at") and one["replied_at"] <= one["reply_due"]
        row[2] += closed
        row[3] += closed and one["closed_at"] - local <= timedelta(hours=48)
        row[4] += closed and one["satisfied"] is not None
        row[5] += closed and one["satisfied"] is True
        row[6] += one["in_remit"] is False
        row[7] += one["in_remit"] is False and seen("reported_at")
    return dict(found)


@contextmanager
def passing(database: Database) -> Iterator[Session]:
    """Yield a writing session whose cases are gone afterwards."""
    with database.writing() as db:
        yield db
        db.execute(delete(Case))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(drawn_case, max_size=30), steps)
def test_the_database_counts_as_a_person_would(
    database: Database, city: City, drawn: list[Any], at_step: int
) -> None:
    compounds = [city.compound.id, city.courtyard.id]
    with database.reading() as db:
        far = db.query(Compound.id).filter(Compound.code == "XQ-WJ").scalar()
    compounds.append(far)
    codes = dict(zip(compounds, ["XQ-JH", "XQ-JQ12", "XQ-WJ"], strict=True))
    cases = [made(n, one, compounds) for n, one in enumerate(drawn)]
    at = BASE + at_step * HALF_HOUR
    with passing(database) as db:
        if cases:
            db.execute(Case.__table__.insert(), cases)  # type: ignore[attr-defined]  # a Table
        found = rates(db, OCTOBER, city.city.path, By.COMPOUND, as_of=at)
        kinds = rates(db, OCTOBER, city.city.path, By.CATEGORY, as_of=at)
        areas = rates(db, OCTOBER, city.city.path, By.AREA, as_of=at)
    names = list(found.total.json())[2:10]
    expected = {codes[key]: row for key, row in naive(cases, at, "compound_id").items()}
    assert {r.key: [r.json()[n] for n in names] for r in found.rows} == expected
    assert {r.key: [r.json()[n] for n in names] for r in kinds.rows} == naive(cases, at, "category")
    totals = [sum(column) for column in zip(*expected.values(), strict=True)] or [0] * 8
    for one in (found, kinds, areas):
        assert [one.total.json()[n] for n in names] == totals
