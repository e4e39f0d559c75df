"""The move from SQLite to PostgreSQL: all of it, or the old installation as it was."""

from contextlib import closing
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import Connection, Table, func, inspect, select, table, text
from sqlalchemy.exc import IntegrityError

from govgrid import archive, journal, schema
from govgrid.db import MOVED, Database, metadata
from govgrid.errors import Conflict, Invalid, Unavailable
from govgrid.grid.models import Area, Level
from govgrid.settings import Settings
from govgrid.upkeep import move as moves
from govgrid.upkeep import rows
from govgrid.upkeep.verify import verify
from tests import build, cluster
from tests.journeys.conftest import Site
from tests.upkeep.command import Running

pytestmark = pytest.mark.one_engine


@pytest.fixture
def target(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Return the settings of an empty PostgreSQL database, its archive not there yet."""
    home = request.getfixturevalue("postgresql").home
    address = cluster.url(home, cluster.make_database(home))
    return replace(settings, database_url=address, archive=settings.archive.parent / "moved")


def quiet(_table: str, _done: int, _count: int) -> None:
    """Tell nobody."""


def digests(connection: Connection, *but: str) -> dict[str, tuple[int, str]]:
    """Return count and hash of every table."""
    found = {t.name: rows.digest(connection, t) for t in metadata.sorted_tables}
    return {name: (one.rows, one.text) for name, one in found.items() if name not in but}


def test_everything_arrives_and_goes_on(filled: Database, target: Settings) -> None:
    done = moves.move(filled, target.database_url, folder=target.archive, tell=quiet)
    assert (done.tables, done.files) == (len(metadata.tables), 2)
    with closing(Database(target)) as new, filled.engine.connect() as old:
        with new.engine.connect() as connection:
            assert digests(connection, "journal") == digests(old, "journal")
            assert not inspect(connection).has_schema(moves.MARK)
        assert schema.current(new) == schema.newest()
        assert list(verify(new)) == []
        with new.writing() as db:
            city = build.area(db, "5102", "另一座城市", Level.CITY)
            db.flush()
            assert city.id > 1
            journal.record(db, None, "add", "area", city.id)
        assert list(verify(new)) == []
    assert list(archive.names(target.archive)) == list(archive.names(filled.settings.archive))


def test_minutes_are_found_in_the_new_place(signed: Site, target: Settings) -> None:
    moves.move(signed.database, target.database_url, folder=None, tell=quiet)
    with closing(Database(target)) as new, new.reading() as db:
        texts, indexed = (
            db.scalar(select(func.count()).select_from(table(name)))
            for name in ("minutes_texts", "minutes_fts")
        )
        assert texts == indexed == 1


def test_the_old_one_is_closed_until_released(filled: Database, target: Settings) -> None:
    moves.move(filled, target.database_url, folder=target.archive, tell=quiet)
    with pytest.raises(IntegrityError, match=MOVED), filled.writing() as db:
        db.execute(text("UPDATE areas SET name = 'x'"))
    with pytest.raises(IntegrityError, match=MOVED), filled.writing() as db:
        journal.record(db, None, "move", "meeting", 1)
    assert moves.release(filled)
    with filled.writing() as db:
        journal.record(db, None, "move", "meeting", 1)
    assert not moves.release(filled)


def test_a_target_with_something_in_it_is_refused(filled: Database, target: Settings) -> None:
    with closing(Database(target)) as new:
        schema.migrate(new)
    with pytest.raises(Conflict, match="不是空的"):
        moves.move(filled, target.database_url, folder=None, tell=quiet)
    with pytest.raises(Invalid, match="postgresql://"):
        moves.move(filled, "sqlite:///x.db", folder=None, tell=quiet)
    with filled.writing() as db:
        journal.record(db, None, "move", "meeting", 1)


def test_what_arrives_otherwise_is_not_taken(
    filled: Database, target: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = moves._copy

    def lossy(old: Connection, new: Database, table: Table, tell: moves.Tell) -> rows.Digest:
        found = honest(old, new, table, tell)
        if table is Area.__table__:
            with new.engine.begin() as connection:
                connection.execute(text("UPDATE areas SET name = name || '区' WHERE id = 1"))
        return found

    monkeypatch.setattr(moves, "_copy", lossy)
    with pytest.raises(Unavailable, match="areas"):
        moves.move(filled, target.database_url, folder=None, tell=quiet)
    with filled.writing() as db:
        journal.record(db, None, "move", "meeting", 1)
    with closing(Database(target)) as new:
        assert schema.current(new) is None


def test_killed_again_and_again_it_goes_on(filled: Database, target: Settings) -> None:
    asked = ("migrate-to", target.database_url, "--archive", str(target.archive))
    kills = 0
    for number in count():
        running = Running(filled.settings, asked)
        running.process.join(timeout=0.05 + 0.1 * number)
        if running.process.exitcode is not None:
            running.end(0)
            break
        running.kill()
        kills += 1
        if number == 3:
            with filled.writing() as db:  # what came in between arrives too
                journal.record(db, None, "move", "meeting", 77)
    assert kills > 3
    with closing(Database(target)) as new, filled.engine.connect() as old:
        with new.engine.connect() as connection:
            assert digests(connection, "journal") == digests(old, "journal")
        assert list(verify(new)) == []
