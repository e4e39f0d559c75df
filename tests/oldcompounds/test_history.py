"""Correcting, removing, undoing: nothing is lost, and no sequence leaves a gap or an overlap."""

import io
import itertools
import threading
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from govgrid.journal import Entry
from govgrid.oldcompounds.actions import (
    correct_coverage,
    keep_scan,
    open_act,
    record_coverage,
    remove_coverage,
    undo_act,
)
from govgrid.oldcompounds.exports import rows
from govgrid.oldcompounds.imports import COLUMNS, load
from govgrid.oldcompounds.models import Act, ActKind, Coverage, Mode, Version
from govgrid.oldcompounds.queries import acts_page, history, last_act, replaced_periods
from govgrid.oldcompounds.rules import Terms
from govgrid.sheets import Outcome, write_csv
from tests import build
from tests.build import City
from tests.oldcompounds.test_actions import COMPANY, compound, secretary, spans

HEAD = "小区编号,管理方式,管理单位,起始日期,截止日期\n"


def day(text: str) -> date:
    return date.fromisoformat(text)


def sheet(database: Database, actor: Actor | None, text: str, at: datetime) -> Outcome:
    with database.writing() as db:
        return load(db, actor, (HEAD + text).encode(), "表.csv", at=at)


def newest(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.max(Act.id))) or 0


def test_a_correction_keeps_what_stood_there(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        home = compound(db, "XQ-A")
        terms = Terms(
            Mode.CUSTODIAL, day("2024-03-01"), day("2025-06-30"), operator="锦江社区居委会"
        )
        correct_coverage(
            db, secretary(db, city), home, day("2024-01-01"), terms, seen=0, reason="起始日期录错",
            at=at,
        )  # fmt: skip
    assert spans(database, "XQ-A") == [
        (Mode.NONE, day("2023-01-01"), day("2023-12-31")),
        (Mode.NONE, day("2024-01-01"), day("2024-02-29")),
        (Mode.CUSTODIAL, day("2024-03-01"), day("2025-06-30")),
    ]
    with database.reading() as db:
        home = compound(db, "XQ-A")
        assert [p.gap for p in history(db, home.id)] == [False, True, False]
        (old,), total = replaced_periods(db, home.id)
        assert (old.since, old.replacing.reason, old.replacing.by_name, total) == (
            day("2024-01-01"), "起始日期录错", "周书记", 1,
        )  # fmt: skip
        entry = db.scalars(select(Entry)).one()
        assert (entry.verb, entry.detail["reason"]) == ("correct_coverage", "起始日期录错")


@pytest.mark.parametrize(
    ("since", "terms", "seen", "refusal", "words"),
    [
        ("2024-01-01", {"since": "2023-06-01"}, 0, Invalid, "2023-01-01～2023-12-31"),
        ("2024-01-01", {"until": "2023-01-01"}, 0, Invalid, "需要修改"),
        ("2024-01-02", {}, 0, NotFound, "没有这段管理记录"),
        ("2024-01-01", {}, 7, Conflict, "刚刚被其他人登记"),
        ("2024-01-01", {}, 0, Invalid, "内容没有变化"),
    ],
)
def test_a_wrong_correction_changes_nothing(
    database: Database,
    city: City,
    at: datetime,
    since: str,
    terms: dict[str, str],
    seen: int,
    refusal: type[Refusal],
    words: str,
) -> None:
    before = spans(database, "XQ-A")
    stands = Terms(Mode.CUSTODIAL, day("2024-01-01"), day("2025-06-30"))
    changed: dict[str, Any] = {name: day(value) for name, value in terms.items()}
    wanted = replace(stands, **changed)
    if words != "内容没有变化":
        wanted = replace(wanted, operator="锦江社区居委会")
    if words == "内容没有变化":  # what stands there lacks the operator that a form asks for
        with database.writing() as db:
            home = compound(db, "XQ-A")
            correct_coverage(
                db, secretary(db, city), home, day(since),
                replace(stands, operator="锦江社区居委会"), seen=0, reason="补管理单位", at=at,
            )  # fmt: skip
        seen, wanted = newest(database), replace(stands, operator="锦江社区居委会")
    with pytest.raises(refusal, match=words), database.writing() as db:
        correct_coverage(
            db, secretary(db, city), compound(db, "XQ-A"), day(since), wanted, seen=seen,
            reason="更正", at=at,
        )  # fmt: skip
    assert spans(database, "XQ-A") == before


def test_a_removed_period_leaves_unmanaged_days(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        home, actor = compound(db, "XQ-A"), secretary(db, city)
        record_coverage(db, actor, home, replace(COMPANY, since=day("2025-07-01")), at=at)
        remove_coverage(
            db, actor, home, day("2024-01-01"), seen=last_act(db, home.id), reason="误登", at=at
        )
    assert spans(database, "XQ-A") == [
        (Mode.NONE, day("2023-01-01"), day("2023-12-31")),
        (Mode.NONE, day("2024-01-01"), day("2025-06-30")),
        (Mode.PROFESSIONAL, day("2025-07-01"), day("2028-11-30")),
    ]


def test_fee_by_area_of_a_compound_without_area(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        compound(db, "XQ-A").floor_area = 0.0
    with pytest.raises(Invalid) as refused, database.writing() as db:
        record_coverage(db, secretary(db, city), compound(db, "XQ-A"), COMPANY, at=at, fill=True)
    assert set(refused.value.fields) == {"fee_unit"}
    text = "小区编号,管理方式,起始日期,收费标准,收费单位\nXQ-A,居民自管,2026-01-01,1,元/㎡·月\n"
    with database.writing() as db:
        (error,) = load(db, None, text.encode(), "a.csv", at=at).errors
    assert (error.row, error.column) == (2, "收费单位")


def test_a_sheet_fills_gaps_and_a_later_one_takes_them(
    database: Database, city: City, at: datetime
) -> None:
    both = "XQ-C,社区托管,甲社区,2024-01-01,2024-06-30\nXQ-C,居民自管,,2025-01-01,\n"
    assert sheet(database, None, both, at).created == 2
    assert [mode for mode, _, _ in spans(database, "XQ-C")] == [
        Mode.CUSTODIAL, Mode.NONE, Mode.SELF_MANAGED,
    ]  # fmt: skip
    assert sheet(database, None, both, at).unchanged == 2
    assert sheet(database, None, "XQ-C,居民自管,,2024-08-01,2024-09-30\n", at).created == 1
    assert [since.isoformat() for _, since, _ in spans(database, "XQ-C")] == [
        "2024-01-01", "2024-07-01", "2024-08-01", "2024-10-01", "2025-01-01",
    ]  # fmt: skip
    stream = io.BytesIO()
    with database.reading() as db:
        write_csv(stream, COLUMNS, rows(db, ("/",)))
    with database.writing() as db:
        again = load(db, None, stream.getvalue(), "x.csv", at=at)
    assert (again.created, again.updated, again.errors) == (0, 0, [])
    assert sum(mode is Mode.NONE for mode, _, _ in spans(database, "XQ-C")) == 2


def test_an_import_is_taken_back_as_a_whole(database: Database, city: City, at: datetime) -> None:
    before = {code: spans(database, code) for code in ("XQ-A", "XQ-JQ12", "XQ-B")}
    text = (
        "XQ-A,居民自管,,2020-01-01,2020-12-31\n"
        "XQ-JQ12,专业化物业,安居物业服务有限公司,2025-01-01,2027-11-30\n"
        "XQ-B,无管理,,2020-01-01,2020-06-30\n"
    )
    sheet(database, None, text, at)
    act = newest(database)
    with database.writing() as db:
        street = build.actor(db, city.liaison, Role.LIAISON, city.street)
        ((line, *_), total) = acts_page(db, street)
        assert (line.act.id, line.whole, total) == (act, True, 1)
        undo_act(db, street, act, reason="导错了文件", at=at)
    assert {code: spans(database, code) for code in before} == before
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Version)) == 10
        assert acts_page(db, street)[0][0].undone is not None
        assert [e.verb for e in db.scalars(select(Entry).order_by(Entry.id))][-1] == "undo_coverage"
    with pytest.raises(Conflict, match="已经撤回"), database.writing() as db:
        undo_act(db, None, act, reason="再撤", at=at)
    assert sheet(database, None, text, at).created == 2  # the same sheet may come again


def test_what_others_built_upon_is_not_taken_back(
    database: Database, city: City, at: datetime
) -> None:
    sheet(
        database,
        None,
        "XQ-A,居民自管,,2025-07-01,2026-06-30\nXQ-B,无管理,,2020-01-01,2020-06-30\n",
        at,
    )
    act = newest(database)
    with database.writing() as db:
        record_coverage(db, secretary(db, city), compound(db, "XQ-A"), COMPANY, at=at, fill=True)
    later = newest(database)
    with pytest.raises(Conflict, match="青石院"), database.writing() as db:
        undo_act(db, None, act, reason="导错", at=at)
    with pytest.raises(NotFound), database.writing() as db:  # XQ-B is not the secretary's
        undo_act(db, secretary(db, city), act, reason="导错", at=at)
    with database.writing() as db:
        undo_act(db, secretary(db, city), later, reason="误登", at=at)
        undo_act(db, None, act, reason="导错", at=at)
    assert len(spans(database, "XQ-A")) == 2


def test_several_compounds_in_one_act(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
        act = open_act(db, actor, ActKind.TAKEN_OVER, at=at, reason="江桥街道整体承接")
        for code in ("XQ-JQ12", "XQ-B"):
            record_coverage(db, actor, compound(db, code), COMPANY, at=at, act=act)
        number = act.id
    assert spans(database, "XQ-B")[-1][0] is Mode.PROFESSIONAL
    with database.writing() as db:
        undo_act(db, actor, number, reason="合同作废", at=at)
    assert [mode for mode, _, _ in spans(database, "XQ-B")] == [Mode.SELF_MANAGED]


def test_scans_are_known_by_their_first_bytes(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        actor = secretary(db, city)
        kept = keep_scan(db, actor, "协议.pdf", b"%PDF-1.7 ...", at=at)
        assert keep_scan(db, actor, "同一份.pdf", b"%PDF-1.7 ...", at=at) == kept
        for data in (b"MZ\x90", b"", b"<html>", b" %PDF-"):
            with pytest.raises(Invalid, match="不是 PDF"):
                keep_scan(db, actor, "协议.pdf", data, at=at)


def test_nobody_corrects_elsewhere(database: Database, city: City, at: datetime) -> None:
    with pytest.raises(Forbidden), database.writing() as db:
        remove_coverage(
            db, secretary(db, city), compound(db, "XQ-B"), day("2026-03-01"), seen=0, reason="x",
            at=at,
        )  # fmt: skip


ZERO = date(2026, 1, 1)
steps = st.lists(
    st.tuples(
        st.sampled_from(("record", "correct", "remove", "import", "undo")),
        st.sampled_from(Mode),
        st.integers(0, 60),
        st.none() | st.integers(-1, 25),
        st.integers(0, 5),
    ),
    min_size=2,
    max_size=8,
)


def take(
    database: Database, city: City, at: datetime, step: tuple[str, Mode, int, int | None, int]
) -> None:
    """Do one step upon the courtyard, whatever it makes of it."""
    what, mode, start, length, pick = step
    since = ZERO + timedelta(start)
    terms = Terms(
        mode, since, None if length is None else since + timedelta(length),
        operator=None if mode in {Mode.NONE, Mode.SELF_MANAGED} else "甲物业",
    )  # fmt: skip
    with database.writing() as db:
        home, actor = compound(db, "XQ-JQ12"), secretary(db, city)
        real = [p.since for p in history(db, home.id) if not p.gap]
        seen, of = last_act(db, home.id), real[pick % len(real)] if real else ZERO
        if what == "record":
            record_coverage(db, actor, home, terms, at=at, fill=pick % 2 == 0)
        elif what == "correct":
            correct_coverage(db, actor, home, of, terms, seen=seen, reason="更正", at=at)
        elif what == "remove":
            remove_coverage(db, actor, home, of, seen=seen, reason="误登", at=at)
        elif what == "import":
            row = f"XQ-JQ12,{mode.word},{terms.operator or ''},{since},{terms.until or ''}\n"
            load(db, None, (HEAD + row).encode(), "表.csv", at=at)
        else:
            acts = list(db.scalars(select(Act.id).order_by(Act.id)))
            undo_act(db, None, acts[pick % len(acts)] if acts else 0, reason="撤回", at=at)


def faults(db: Session, compound_id: int) -> list[str]:
    """Return what is wrong with the compound's chain, reckoned from the dates alone."""
    found = list(
        db.scalars(
            select(Coverage).where(Coverage.compound_id == compound_id).order_by(Coverage.since)
        )
    )
    wrong = []
    for earlier, later in itertools.pairwise(found):
        if earlier.until is None or earlier.until + timedelta(1) != later.since:
            wrong.append(f"{earlier.since}～{earlier.until} before {later.since}")
    if found and (found[0].gap or found[-1].gap):
        wrong.append("a gap at an end")
    return wrong


def ever(db: Session, compound_id: int) -> Counter[tuple[object, ...]]:
    """Return every row that ever stood: those that stand, and those replaced."""
    stands = select(Coverage).where(Coverage.compound_id == compound_id)
    replaced = select(Version).where(Version.compound_id == compound_id)
    both = [*db.scalars(stands), *db.scalars(replaced)]
    return Counter((r.mode, r.since, r.until, r.operator_id, r.act_id, r.version) for r in both)


@given(steps)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_sequence_leaves_a_gap_an_overlap_or_loses_a_row(
    database: Database,
    city: City,
    at: datetime,
    sequence: list[tuple[str, Mode, int, int | None, int]],
) -> None:
    home = city.courtyard.id
    with database.writing() as db:
        db.execute(delete(Version))
        db.execute(delete(Coverage).where(Coverage.compound_id == home))
        db.execute(delete(Act).where(Act.undoes.is_not(None)))
        db.execute(delete(Act))
    before: Counter[tuple[object, ...]] = Counter()
    for step in sequence:
        try:
            take(database, city, at, step)
        except Refusal:
            with database.reading() as db:
                assert ever(db, home) == before
        with database.reading() as db:
            assert faults(db, home) == []
            after = ever(db, home)
            assert set(before) <= set(after)
            before = after


@pytest.mark.parametrize("seed", range(3))
def test_two_writers_leave_no_gap_and_lose_nothing(
    database: Database, city: City, at: datetime, seed: int
) -> None:
    start, told = threading.Barrier(2), list[BaseException]()
    plans = [
        [("record", Mode.CUSTODIAL, 340 + 20 * n + seed, None, 0) for n in range(6)],
        [("import", Mode.SELF_MANAGED, 345 + 20 * n, 5, 0) for n in range(3)]
        + [("remove", Mode.NONE, 0, None, n) for n in range(3)],
    ]

    def work(plan: list[tuple[str, Mode, int, int | None, int]]) -> None:
        start.wait()
        for step in plan:
            try:
                take(database, city, at, step)
            except Refusal:
                continue
            except BaseException as error:
                told.append(error)
                raise

    threads = [threading.Thread(target=work, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == []
    with database.reading() as db:
        assert faults(db, city.courtyard.id) == []
        acts = db.scalar(select(func.count()).select_from(Act)) or 0
        written = {
            *db.scalars(select(Coverage.act_id).where(Coverage.act_id.is_not(None))),
            *db.scalars(select(Version.act_id).where(Version.act_id.is_not(None))),
            *db.scalars(select(Version.replaced_by)),
        }
    assert len(written) == acts
