"""The database's connections: one that has lain idle and was cut is opened anew."""

from contextlib import closing

import pytest
from sqlalchemy import text

from govgrid.db import Database

CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid != pg_backend_pid() AND datname = current_database()"""


@pytest.mark.usefixtures("engines_apart")
@pytest.mark.parametrize("briefly", [False, True])
def test_cut_connections_are_opened_anew(database: Database, *, briefly: bool) -> None:
    if database.sqlite:
        return
    with database.reading(briefly=briefly) as db:
        before = db.scalar(text("SELECT pg_backend_pid()"))
    with closing(Database(database.settings)) as other, other.writing() as db:
        db.execute(text(CUT))
    with database.reading(briefly=briefly) as db:
        assert db.scalar(text("SELECT pg_backend_pid()")) != before


def test_nothing_is_written_while_reading(database: Database) -> None:
    with database.reading() as db, pytest.raises(Exception, match=r"read-?only"):
        db.execute(text("UPDATE areas SET name = 'x'"))
