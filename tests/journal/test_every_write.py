"""The watch that holds every request to the journal does its work."""

import pytest
from sqlalchemy import delete, insert, text

from govgrid import journal
from govgrid.db import Database
from govgrid.grid.models import Area, Level

AREA = {"code": "5101", "name": "城", "level": Level.CITY, "path": "/5101/"}


def test_a_silent_write_fails(database: Database) -> None:
    for change in (insert(Area).values(**AREA), delete(Area)):
        with (
            pytest.raises(AssertionError, match="areas"),
            journal.started_from("10.0.0.1"),
            database.writing() as db,
        ):
            db.execute(change)
    with (
        pytest.raises(AssertionError, match="areas"),
        journal.started_from("10.0.0.1"),
        database.writing() as db,
    ):
        db.add(Area(**AREA))


def test_a_told_write_and_a_read_pass(database: Database) -> None:
    with journal.started_from("10.0.0.1"), database.writing() as db:
        db.add(Area(**AREA))
        journal.record(db, None, "add", "areas", "5101")
    with journal.started_from("10.0.0.1"), database.writing() as db:
        assert db.scalar(text("SELECT count(*) FROM areas")) == 1
