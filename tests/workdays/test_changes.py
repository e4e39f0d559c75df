"""What a notice changes: days turned, closed days, bringing it into force and taking it back."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from govgrid.access import Actor, Office
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.journal import Entry
from govgrid.workdays import (
    Calendar,
    DayKind,
    Decreed,
    WorkdayChange,
    actions,
    calendar,
    calendar_of,
    closed_days,
    turned,
    turned_by,
)
from govgrid.workdays.imports import load
from govgrid.workdays.notice import Notice, read_notice
from govgrid.workdays.queries import change_of, imported, preview
from govgrid.workdays.rules import reach, runs
from tests.workdays.decrees import NEXT_YEAR, notice

KEEPER = Actor(1, 0, "田系统", (), Office.SYSTEM)

decreed = st.dictionaries(
    st.dates(date(2026, 12, 1), date(2027, 12, 31)),
    st.builds(Decreed, st.sampled_from(["元旦", "春节"]), st.booleans()),
    max_size=40,
)
calendars = st.none() | decreed


def made(days: dict[date, Decreed] | None) -> Calendar:
    return calendar_of({2026: {}} | ({} if days is None else {2027: days}))


@given(calendars, calendars)
def test_turned_days_are_exactly_those_that_differ(
    one: dict[date, Decreed] | None, two: dict[date, Decreed] | None
) -> None:
    before, after = made(one), made(two)
    found = {t.day: t for t in turned(before, after, 2027)}
    for day in reach(2027):
        if before.kind(day) is after.kind(day):
            assert day not in found
        else:
            assert (found[day].was, found[day].now) == (before.kind(day), after.kind(day))
            assert found[day].clock is (before.is_workday(day) is not after.is_workday(day))
    back = {t.day: (t.now, t.was) for t in turned(after, before, 2027)}
    assert back == {day: (t.was, t.now) for day, t in found.items()}
    assert all(not t.lost for t in found.values() if t.now.works)
    assert all(t.lost for t in found.values() if t.now is DayKind.HOLIDAY)


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=60))
def test_runs_cover_the_days_and_nothing_else(days: set[date]) -> None:
    found = runs(days)
    covered = [
        since + timedelta(days=n) for since, until in found for n in range((until - since).days)
    ]
    assert covered == sorted(days)
    assert all(one[1] < two[0] for one, two in pairwise(found))


def test_a_notice_is_looked_at_brought_into_force_and_taken_back(
    database: Database, at: datetime
) -> None:
    with database.writing() as db:
        number = actions.take_in(db, KEEPER, NEXT_YEAR, "2027.json", at=at).id
    with database.reading() as db:
        change = change_of(db, number)
        assert 2027 not in calendar(db).years, "looking at it changes nothing"
        shown = preview(db, Notice.of(change.notice))
    with database.writing() as db:
        assert actions.apply(db, KEEPER, change_of(db, number), at=at) == shown
    with database.reading() as db:
        change = change_of(db, number)
        assert turned_by(change) == shown
        assert (change.applied_by, change.before) == ("田系统", None)
        assert calendar(db).announced(date(2027, 12, 1))
    told = {t.day: (t.was, t.now) for t in shown}
    assert told[date(2026, 12, 31)] == (DayKind.WORKDAY, DayKind.HOLIDAY)
    assert told[date(2027, 1, 3)] == (DayKind.WEEKEND, DayKind.MAKEUP)
    assert told[date(2027, 4, 5)] == (DayKind.HOLIDAY, DayKind.WORKDAY), "not in this notice"
    with database.writing() as db:
        back = actions.undo(db, KEEPER, change_of(db, number), at=at)
        assert [(t.day, t.now, t.was) for t in back] == [(t.day, t.was, t.now) for t in shown]
    with database.reading() as db:
        assert imported(db, 2027) is None
        assert not calendar(db).announced(date(2027, 1, 1))
        verbs = db.scalars(select(Entry.verb).order_by(Entry.id)).all()
    assert verbs == ["upload", "import", "undo"]


def test_taking_back_puts_the_notice_before_back(database: Database, at: datetime) -> None:
    first, second = (notice(2027, ("2027-03-01", off)) for off in (True, False))
    with database.writing() as db:
        load(db, None, first, "a.json", at=at)
        load(db, None, second, "b.json", at=at)
        one, two = db.scalars(select(WorkdayChange).order_by(WorkdayChange.id))
        with pytest.raises(Conflict, match="取代"):
            actions.undo(db, KEEPER, one, at=at)
        actions.undo(db, KEEPER, two, at=at)
        found = imported(db, 2027)
        assert found is not None
        assert found.document() == read_notice(first)[0].document()
        actions.undo(db, KEEPER, one, at=at)
        assert imported(db, 2027) is None
        with pytest.raises(Conflict):
            actions.undo(db, KEEPER, one, at=at)


def test_what_is_not_in_force_may_be_dropped_and_grows_old(
    database: Database, at: datetime
) -> None:
    with database.writing() as db:
        old = actions.take_in(db, KEEPER, NEXT_YEAR, "old.json", at=at - timedelta(days=8))
        new = actions.take_in(db, KEEPER, NEXT_YEAR, "new.json", at=at)
        assert list(db.scalars(select(WorkdayChange.file))) == ["new.json"], old.file
        actions.apply(db, KEEPER, new, at=at)
        with pytest.raises(Conflict, match="无需再次"):
            actions.apply(db, KEEPER, new, at=at)
        with pytest.raises(Conflict, match="撤销"):
            actions.drop(db, KEEPER, new)
        unused = actions.take_in(db, KEEPER, NEXT_YEAR, "unused.json", at=at)
        actions.drop(db, KEEPER, unused)
        db.flush()
        assert list(db.scalars(select(WorkdayChange.file))) == ["new.json"]


def test_a_malformed_notice_is_refused_with_what_and_where(
    database: Database, at: datetime
) -> None:
    data = notice(2027, ("2027-01-01", True), ("2027-13-01", True), ("2025-01-01", False))
    with pytest.raises(Invalid) as refused, database.writing() as db:
        actions.take_in(db, KEEPER, data, "2027.json", at=at)
    assert "2 处" in str(refused.value)
    told = [str(reason) for reason in refused.value.fields.values()]
    assert told[0].startswith("第 2 项 date“2027-13-01”：不是日期")
    assert told[1] == "第 3 项 date“2025-01-01”：不在 2027 年通知的范围内。"


def test_officers_and_other_administrators_keep_no_calendar(
    database: Database, at: datetime
) -> None:
    with database.writing() as db:
        change = actions.take_in(db, KEEPER, NEXT_YEAR, "2027.json", at=at)
        for office in (Office.AUDIT, Office.SECURITY, None):
            other = Actor(2, 0, "别人", (), office)
            with pytest.raises(Forbidden):
                actions.take_in(db, other, NEXT_YEAR, "x.json", at=at)
            with pytest.raises(Forbidden):
                actions.apply(db, other, change, at=at)
            with pytest.raises(Forbidden):
                actions.drop(db, other, change)
            with pytest.raises(Forbidden):
                actions.undo(db, other, change, at=at)


def test_closed_days_are_rest_days_and_revoked_make_up_days(
    database: Database, at: datetime
) -> None:
    since, until = date(2027, 1, 1), date(2027, 3, 1)
    with database.writing() as db:
        assert [d.isoformat() for d in closed_days(db, since, until)] == [
            "2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08",
        ]  # fmt: skip
        load(db, None, NEXT_YEAR, "2027.json", at=at)
        found = closed_days(db, since, until)
        assert found[date(2027, 2, 12)] == "春节"
        assert date(2027, 1, 3) not in found, "a make-up working day"
        assert date(2027, 1, 9) not in found, "an ordinary Saturday may be allowed"
        load(db, None, notice(2027, ("2027-01-01", True)), "corrected.json", at=at)
        found = closed_days(db, since, until)
        assert found == {date(2027, 1, 1): "元旦", date(2027, 1, 3): "", date(2027, 2, 14): ""}
