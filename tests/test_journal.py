"""The journal's chain: whole while untouched, broken where somebody changed a line."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.db import Database
from govgrid.errors import Conflict


def test_a_changed_line_is_named(database: Database) -> None:
    for number in range(3):
        with database.writing() as db:
            journal.record(db, None, "move", "meeting", number, start="09:00")
    with database.reading() as db:
        assert list(journal.broken(db)) == []
    with database.writing() as db:
        db.execute(
            update(journal.Entry).where(journal.Entry.subject_id == "1").values(verb="cancel")
        )
    with database.reading() as db:
        assert [entry.subject_id for entry in journal.broken(db)] == ["1"]


def test_a_refused_write_leaves_no_line(database: Database) -> None:
    with pytest.raises(Conflict), database.writing() as db:
        _record_and_refuse(db)
    with database.writing() as db:
        assert db.scalar(select(func.count()).select_from(journal.Entry)) == 0


def _record_and_refuse(db: Session) -> None:
    journal.record(db, None, "move", "meeting", 1)
    raise Conflict("会议已取消。")
