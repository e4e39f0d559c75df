"""The database itself refuses to change the journal, however it was set up."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from govgrid import journal
from govgrid.db import Database

CHANGES = (
    "UPDATE journal SET verb = 'x' WHERE id = 1",
    "UPDATE journal SET seal = 'x'",
    "DELETE FROM journal WHERE id = 1",
    "DELETE FROM journal",
)


def refuse(database: Database, change: str) -> None:
    writing = database.engine.execution_options(govgrid_writing=True)
    with pytest.raises(DBAPIError, match="append-only"), writing.begin() as connection:
        connection.execute(text(change))


def write(database: Database) -> None:
    for _ in range(2):
        with database.writing() as db:
            journal.record(db, None, "move", "meeting", 1)


@pytest.mark.parametrize("change", CHANGES)
def test_no_line_changes_or_goes(database: Database, change: str) -> None:
    write(database)
    refuse(database, change)


def test_no_line_is_replaced_or_truncated(database: Database) -> None:
    write(database)
    if database.sqlite:
        refuse(database, "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE id = 1")
    else:
        refuse(database, "TRUNCATE journal")


def test_a_forged_cut_frees_no_young_line(database: Database) -> None:
    write(database)
    writing = database.engine.execution_options(govgrid_writing=True)
    with writing.begin() as connection:
        connection.execute(
            text("INSERT INTO journal_cuts VALUES (2, :at, :at, 'x', 'x', 'x')"),
            {"at": "2026-01-01 00:00:00"},
        )
    refuse(database, "DELETE FROM journal")
    refuse(database, "DELETE FROM journal_cuts")
    with database.reading() as db:
        assert list(journal.prove(db, []))
