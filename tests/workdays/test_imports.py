"""The import of a notice: what it takes, what it refuses, and that it comes out as it went in."""

import io
import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from govgrid.access import Actor, Office, Role
from govgrid.db import Database
from govgrid.errors import Forbidden, Invalid
from govgrid.journal import Entry
from govgrid.workdays import DayKind, WorkdayChange, WorkdayRow, calendar
from govgrid.workdays.exports import KIND
from govgrid.workdays.imports import load
from govgrid.workdays.notice import Notice, read_notice
from tests import build
from tests.workdays.decrees import NEXT_YEAR, notice


def test_the_same_file_twice_changes_nothing_and_a_corrected_one_replaces(
    database: Database, at: datetime
) -> None:
    first = notice(2027, ("2027-01-01", True), ("2027-01-02", True))
    corrected = notice(2027, ("2027-01-01", True), ("2027-01-03", False))
    with database.writing() as db:
        load(db, None, first, "2027.json", at=at)
        again = load(db, None, first, "2027.json", at=at)
        assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
        assert db.scalar(select(func.count()).select_from(WorkdayChange)) == 1
        third = load(db, None, corrected, "2027.json", at=at)
        assert (third.created, third.updated, third.unchanged) == (1, 1, 1)
        days = calendar(db)
        assert db.scalar(select(func.count()).select_from(WorkdayChange)) == 2
    assert days.kind(date(2027, 1, 2)) is DayKind.WEEKEND
    assert days.kind(date(2027, 1, 3)) is DayKind.MAKEUP
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Entry)) == 3


def test_the_answer_counts_days(database: Database, at: datetime) -> None:
    data = notice(2027, ("2027-01-01", True), ("2027-01-02", False))
    with database.writing() as db:
        assert load(db, None, data, "2027.json", at=at).json() == {
            "kind": "workdays", "rows": 2, "created": 2, "updated": 0, "unchanged": 0,
            "errors": [], "ignored": [],
        }  # fmt: skip


def test_what_was_imported_is_exported(database: Database, at: datetime) -> None:
    with database.writing() as db:
        load(db, None, NEXT_YEAR, "2027.json", at=at)
    stream = io.BytesIO()
    with database.reading() as db:
        assert KIND.writer("2027.json")(stream, KIND.rows(db, ())) == 13
    assert json.loads(stream.getvalue()) == json.loads(NEXT_YEAR)
    with database.writing() as db:
        again = load(db, None, stream.getvalue(), "again.json", at=at)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 13)


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
def test_a_wrong_file_is_refused_whole(data: bytes, part: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_notice(data)
    assert part in str(refused.value)


def test_wrong_days_are_listed_and_nothing_is_stored(database: Database, at: datetime) -> None:
    days = [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-02-30", "isOffDay": True},
        {"name": "元旦", "date": "2026-11-30", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-01", "isOffDay": False},
        {"name": "", "date": "2027-01-02", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-03", "isOffDay": "yes"},
        "2027-01-04",
        {"name": "元旦", "date": "20270105", "isOffDay": True},
        {"name": "元\u0000旦", "date": "2027-01-06", "isOffDay": True},
        {"name": "\ud800", "date": "2027-01-07", "isOffDay": True},
    ]
    data = json.dumps({"year": 2027, "papers": [], "days": days}).encode()
    with database.writing() as db:
        outcome = load(db, None, data, "2027.json", at=at)
    assert [(e.row, e.column) for e in outcome.errors] == [
        (2, "date"), (3, "date"), (4, "date"), (5, "name"), (6, "isOffDay"), (7, "days"),
        (8, "date"), (9, "name"), (10, "name"),
    ]  # fmt: skip
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 0)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(WorkdayRow)) == 0
        assert 2027 not in calendar(db).years


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


notices = st.integers(2005, 2090).flatmap(
    lambda year: st.builds(
        lambda days, papers: {
            "year": year,
            "papers": papers,
            "days": [
                {"name": name, "date": day.isoformat(), "isOffDay": off}
                for day, (name, off) in sorted(days.items())
            ],
        },
        st.dictionaries(
            st.dates(date(year - 1, 12, 1), date(year, 12, 31)),
            st.tuples(st.sampled_from(["元旦", "春节", "国庆节、中秋节"]), st.booleans()),
            min_size=1,
            max_size=60,
        ),
        st.lists(st.text(max_size=300), max_size=3),
    )
)


@given(notices)
def test_every_notice_reads_as_it_was_written(document: dict[str, object]) -> None:
    found, errors = read_notice(json.dumps(document).encode())
    assert errors == []
    assert found.document() == document
    assert Notice.of(document) == found


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.fixed_dictionaries({}, optional={"year": _json | st.just(2027), "days": _json | st.lists(
    st.fixed_dictionaries({}, optional={"name": _json, "date": _json, "isOffDay": _json}), max_size=4
), "papers": _json}) | st.binary(max_size=60))  # fmt: skip
def test_whatever_comes_is_read_or_refused(document: object) -> None:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        found, errors = read_notice(data)
    except Invalid:
        return
    assert len(found.days) + len(errors) == found.rows
    assert all(str(error.reason) for error in errors)
