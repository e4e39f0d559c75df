"""Import of cases: what is read, updated, refused, and never read."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid.access import Role
from govgrid.cases import imports
from govgrid.cases.imports import load
from govgrid.cases.models import Case, Source
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.journal import Entry
from govgrid.sheets import Outcome
from tests import build
from tests.build import City, clock
from tests.cases.sheets import HEADINGS, case, sheet


def take(database: Database, at: datetime, *rows: dict[str, str]) -> Outcome:
    with database.writing() as db:
        return load(db, None, sheet(*rows), "cases.csv", at=at)


def stored(database: Database, number: str) -> Case:
    with database.reading() as db:
        return db.scalars(select(Case).where(Case.number == number)).one()


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged


def test_a_row_becomes_a_case_with_its_due_times(
    database: Database, city: City, at: datetime
) -> None:
    row = case(
        "G1", "2026-10-09 16:30", "2026-10-09 17:00", "2026-10-10 09:00",
        反馈时间="2026-10-10 10:00", 满意度="不满意", 物业职责内="否",
        报告时间="2026-10-09 18:00", 诉求内容="  路灯不亮 ",
    )  # fmt: skip
    assert counts(take(database, at, row)) == (1, 0, 0)
    made = stored(database, "G1")
    assert made.source is Source.HOTLINE
    assert made.category == "停车"
    assert made.compound_id == city.compound.id
    assert made.received_at == clock("2026-10-09 16:30")
    assert made.reply_due == clock("2026-10-09 18:30")
    assert made.close_due == clock("2026-10-11 16:30")
    assert made.replied_at == clock("2026-10-09 17:00")
    assert made.closed_at == clock("2026-10-10 09:00")
    assert made.fed_back_at == clock("2026-10-10 10:00")
    assert made.reported_at == clock("2026-10-09 18:00")
    assert made.satisfied is False
    assert made.in_remit is False
    assert made.content == "路灯不亮"


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-10-09 23:59", "2026-10-10 01:59"),  # a Friday
        ("2026-10-10 00:00", "2026-10-10 02:00"),  # a Saturday, made up
        ("2026-10-11 00:00", "2026-10-11 04:00"),  # a Sunday
        ("2026-10-07 23:30", "2026-10-08 03:30"),  # the last day of the holiday
        ("2026-10-08 00:10", "2026-10-08 02:10"),
    ],
)
def test_the_day_type_is_that_of_the_local_day(
    database: Database, city: City, at: datetime, received: str, due: str
) -> None:
    take(database, at, case("G1", received))
    assert stored(database, "G1").reply_due == clock(due)


def test_seconds_are_dropped_so_that_the_due_minute_is_in_time(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, case("G1", "2026-10-09 09:30:10", "2026-10-09 11:30:59"))
    made = stored(database, "G1")
    assert made.replied_at == made.reply_due == clock("2026-10-09 11:30")


def test_the_same_file_twice_changes_nothing(database: Database, city: City, at: datetime) -> None:
    rows = [case(f"G{n}", "2026-10-09 09:30", 满意度="满意") for n in range(3)]
    assert counts(take(database, at, *rows)) == (3, 0, 0)
    assert counts(take(database, at, *rows)) == (0, 0, 3)
    assert stored(database, "G1").version == 1


def test_a_known_number_is_updated_and_no_field_is_emptied(
    database: Database, city: City, at: datetime
) -> None:
    first = case("G1", "2026-10-09 09:30", "2026-10-09 10:00", 满意度="满意", 诉求内容="漏水")
    second = case("G1", "2026-10-09 09:30", "", "2026-10-10 08:00", 诉求类别="漏水")
    take(database, at, first)
    assert counts(take(database, at, second)) == (0, 1, 0)
    made = stored(database, "G1")
    assert made.replied_at == clock("2026-10-09 10:00")
    assert made.closed_at == clock("2026-10-10 08:00")
    assert made.satisfied is True
    assert made.content == "漏水"
    assert made.category == "漏水"
    assert made.version == 2


def test_a_corrected_receipt_moves_the_due_times(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, case("G1", "2026-10-09 09:30"))
    take(database, at, case("G1", "2026-10-11 09:30"))
    made = stored(database, "G1")
    assert made.reply_due == clock("2026-10-11 13:30")
    assert made.close_due == clock("2026-10-13 09:30")


def test_rows_of_one_number_may_complete_but_not_contradict_each_other(
    database: Database, city: City, at: datetime
) -> None:
    received = case("G1", "2026-10-09 09:30")
    replied = case("G1", "2026-10-09 09:30", "2026-10-09 10:00")
    assert counts(take(database, at, received, replied, received)) == (1, 0, 2)
    assert stored(database, "G1").replied_at == clock("2026-10-09 10:00")
    other = case("G2", "2026-10-09 09:30", "2026-10-09 10:00")
    wrong = take(database, at, other, case("G2", "2026-10-09 09:31"))
    assert [(e.row, e.column) for e in wrong.errors] == [(3, "工单编号")]
    assert "第 2 行" in str(wrong.errors[0].reason)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (case("G1", "2026-12-09 09:30"), "受理时间"),
        (case("G1", "2026-10-09 09:30", "2026-10-09 09:29"), "响应时间"),
        (case("G1", "2026-10-09 09:30", "2026-12-09 09:29"), "响应时间"),
        (case("G1", "2026-10-09 09:30", "", "2026-10-08 09:30"), "办结时间"),
        (case("G1", "2026-10-09 09:30", "", "2027-10-08 09:30"), "办结时间"),
        (case("G1", "2026-10-09 09:30", 反馈时间="2026-10-09 09:00"), "反馈时间"),
        (case("G1", "2026-10-09 09:30", 报告时间="2026-10-09 09:00"), "报告时间"),
        (case("G1", "09:30"), "受理时间"),
        (case("G1", ""), "受理时间"),
        (case("", "2026-10-09 09:30"), "工单编号"),
        (case("G1", "2026-10-09 09:30", 来源="市长信箱"), "来源"),
        (case("G1", "2026-10-09 09:30", 诉求类别=""), "诉求类别"),
        (case("G1", "2026-10-09 09:30", 小区编号="XQ-404"), "小区编号"),
        (case("G1", "2026-10-09 09:30", 满意度="一般"), "满意度"),
        (case("G1", "2026-10-09 09:30", 物业职责内="也许"), "物业职责内"),
    ],
)
def test_a_wrong_row_is_listed_and_no_row_is_stored(
    database: Database, city: City, at: datetime, row: dict[str, str], column: str
) -> None:
    good = case("G0", "2026-10-09 09:30")
    outcome = take(database, at, good, row)
    assert [(e.row, e.column) for e in outcome.errors] == [(3, column)]
    assert outcome.rows == 2
    assert counts(outcome) == (0, 0, 0)
    with database.reading() as db:
        assert db.scalars(select(Case)).all() == []
        assert db.scalars(select(Entry)).all() == []


def test_times_are_checked_against_what_is_already_stored(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, case("G1", "2026-10-09 09:30", "2026-10-09 10:00"))
    outcome = take(database, at, case("G1", "2026-10-09 11:00"))
    assert [(e.row, e.column) for e in outcome.errors] == [(2, "响应时间")]
    assert stored(database, "G1").received_at == clock("2026-10-09 09:30")


def test_the_caller_s_name_and_number_are_not_read(
    database: Database, city: City, at: datetime
) -> None:
    headings = (*HEADINGS, "来电人", "来电号码")
    row = case("G1", "2026-10-09 09:30", 来电人="某某", 来电号码="10000000009")
    with database.writing() as db:
        data = sheet(row, headings=headings)
        outcome = load(db, None, data, "cases.csv", at=at)
    assert outcome.created == 1
    assert outcome.ignored == ["来电人", "来电号码"]
    with database.reading() as db:
        values = db.execute(select(*Case.__table__.columns)).one()
        assert "10000000009" not in repr(values)


def test_an_unknown_category_and_formula_like_text_are_text(
    database: Database, city: City, at: datetime
) -> None:
    row = case("G1", "2026-10-09 09:30", 诉求类别="宠物扰民", 诉求内容="=1+1<script>")
    take(database, at, row)
    made = stored(database, "G1")
    assert made.category == "宠物扰民"
    assert made.content == "=1+1<script>"


def test_an_actor_loads_only_into_the_own_areas(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        liaison = build.actor(db, city.liaison, Role.LIAISON, city.street)
    take(database, at, case("G9", "2026-10-09 09:30", 小区编号="XQ-WJ"))
    own = sheet(case("G1", "2026-10-09 09:30"))
    foreign = sheet(
        case("G2", "2026-10-09 09:30", 小区编号="XQ-WJ"), case("G9", "2026-10-09 09:30")
    )
    with database.writing() as db:
        assert load(db, liaison, own, "own.csv", at=at).created == 1
        outcome = load(db, liaison, foreign, "foreign.csv", at=at)
    assert [(e.row, e.column) for e in outcome.errors] == [(2, "小区编号"), (3, "工单编号")]


def test_a_file_without_the_needed_headings_is_refused(
    database: Database, city: City, at: datetime
) -> None:
    with pytest.raises(Invalid, match="小区编号"), database.writing() as db:
        load(db, None, "工单编号,来源\n1,12345\n".encode(), "cases.csv", at=at)


def test_each_import_is_journalled_once_with_the_file_s_hash(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, case("G1", "2026-10-09 09:30"))
    with database.reading() as db:
        entry = db.scalars(select(Entry)).one()
    assert (entry.verb, entry.subject, entry.subject_id) == ("import", "cases", "cases.csv")
    assert entry.detail["created"] == 1
    assert len(str(entry.detail["sha256"])) == 64


def test_more_rows_than_one_statement_takes(
    database: Database, city: City, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "_CHUNK", 700)
    start = clock("2026-10-01 00:00")
    rows = []
    for n in range(2000):
        received = start + timedelta(minutes=15 * n)
        later = received + timedelta(minutes=30)
        rows.append(case(f"G{n}", f"{received:%F %H:%M}", f"{later:%F %H:%M}"))
    assert counts(take(database, at, *rows)) == (2000, 0, 0)
    assert counts(take(database, at, *rows)) == (0, 0, 2000)
