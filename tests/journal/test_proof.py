"""The journal's chain: whole while untouched, and every touch is named."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.db import Database
from govgrid.errors import Conflict
from govgrid.journal import heads
from tests.journal.tamper import unguarded


@pytest.fixture(autouse=True)
def _anchor_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "EVERY", 0)


def write(database: Database, lines: int, start: str = "09:00") -> None:
    for number in range(1, lines + 1):
        with database.writing() as db:
            journal.record(db, None, "move", "meeting", number, after={"start": start})


def faults(database: Database) -> list[journal.Fault]:
    anchors = heads.read(database.settings)
    with database.reading() as db:
        return list(journal.prove(db, anchors))


def test_an_untouched_journal_is_whole(database: Database) -> None:
    assert faults(database) == []
    write(database, 5)
    assert faults(database) == []


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'cancel'",
        "actor = 'nobody'",
        "address = '10.0.0.1'",
        "subject_id = '9'",
        "account_id = 7",
        "detail = '{}'",
        "at = '2026-01-01 00:00:00'",
    ],
)
def test_a_changed_line_is_named_alone(database: Database, change: str) -> None:
    write(database, 5)
    with unguarded(database) as connection:
        connection.execute(text(f"UPDATE journal SET {change} WHERE id = 3"))
    assert [fault.number for fault in faults(database)] == [3]
    assert "第 3 行" in faults(database)[0].said


def test_a_line_resealed_without_the_secret_is_named(database: Database) -> None:
    write(database, 5)
    with unguarded(database) as connection:
        connection.execute(text("UPDATE journal SET verb = 'x', seal = 'f00' WHERE id = 3"))
    assert [fault.number for fault in faults(database)] == [3, 3, 4]


def test_a_line_taken_out_is_named(database: Database) -> None:
    write(database, 5)
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM journal WHERE id IN (2, 3)"))
    found = faults(database)
    assert [fault.number for fault in found] == [2]
    assert "第 2 行至第 3 行缺失" in found[0].said


def test_a_line_taken_out_and_the_gap_closed_is_named(database: Database) -> None:
    write(database, 5)
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM journal WHERE id = 3"))
        connection.execute(text("UPDATE journal SET id = id - 1 WHERE id = 4"))
        connection.execute(text("UPDATE journal SET id = id - 1 WHERE id = 5"))
    assert {fault.number for fault in faults(database)} >= {3, 4}


def test_a_cut_tail_is_noticed(database: Database) -> None:
    write(database, 5)
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM journal WHERE id > 3"))
    (found,) = faults(database)
    assert found.number == 4
    assert "第 4 行至第 5 行" in found.said


def test_a_cut_tail_that_grew_again_is_noticed(database: Database) -> None:
    write(database, 5)
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM journal WHERE id > 3"))
    write(database, 4, start="10:00")
    assert {fault.number for fault in faults(database)} == {4, 5}


def test_an_emptied_journal_is_noticed(database: Database) -> None:
    write(database, 3)
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM journal"))
    assert "整体清空" in faults(database)[0].said
    write(database, 2, start="10:00")
    assert "整体清空" in faults(database)[0].said


def test_a_changed_anchor_is_noticed(database: Database) -> None:
    write(database, 3)
    path = database.settings.archive / heads.FILE
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace(" 2 ", " 1 "), "rubbish", ""]))
    assert [fault.said[:9] for fault in faults(database)] == ["锚点文件第 2 行", "锚点文件第 3 行"]


def test_another_secret_opens_nothing(database: Database) -> None:
    write(database, 2)
    object.__setattr__(database.settings, "secret", "another" * 8)
    assert [fault.number for fault in faults(database)] == [1, 2, 0, 0]


def test_a_refused_write_leaves_no_line_and_no_number(database: Database) -> None:
    with pytest.raises(Conflict), database.writing() as db:
        _record_and_refuse(db)
    write(database, 1)
    with database.reading() as db:
        assert db.scalar(select(func.max(journal.Entry.id))) == 1


def _record_and_refuse(db: Session) -> None:
    journal.record(db, None, "move", "meeting", 1)
    raise Conflict("会议已取消。")


def test_only_what_differs_is_kept(database: Database) -> None:
    with database.writing() as db, journal.started_from("10.1.2.3"):
        journal.record(
            db, None, "edit", "item", 1,
            before={"title": "旧", "brief": "同"}, after={"title": "新", "brief": "同"}, letters=2,
        )  # fmt: skip
    with database.reading() as db:
        line = db.get_one(journal.Entry, 1)
        assert line.detail == {"before": {"title": "旧"}, "after": {"title": "新"}, "letters": 2}
        # The line is written at the end of the transaction, its origin noted when it happened.
        assert line.address == "10.1.2.3"


def test_writers_side_by_side_leave_one_chain(database: Database) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: write(database, 10), range(4)))
    assert faults(database) == []
    with database.reading() as db:
        assert db.scalar(select(func.max(journal.Entry.id))) == 40
