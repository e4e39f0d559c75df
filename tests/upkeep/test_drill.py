"""The drill finds that all came back, and what did not; writes go on meanwhile; nothing is left."""

from contextlib import closing

import pytest
from sqlalchemy import text

from govgrid import journal
from govgrid.db import Database
from govgrid.settings import Settings
from govgrid.upkeep import drill as drills
from govgrid.upkeep import restore as restoring
from govgrid.upkeep.drill import drill


def _databases(database: Database) -> list[str]:
    if database.sqlite:
        return []
    with database.reading() as db:
        rows = db.scalars(text("SELECT datname FROM pg_database"))
        return [name for name in rows if name.startswith(drills.PREFIX)]


def test_all_comes_back_while_others_write(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = restoring.restore

    def restore(settings: Settings, path: object) -> object:
        with filled.writing() as db:  # after the backup: the drill must not take it for a loss
            journal.record(db, None, "move", "meeting", 9)
            db.execute(text("DELETE FROM compound_micro_grids"))
        return taken(settings, path)  # type: ignore[arg-type]

    monkeypatch.setattr(drills, "restore", restore)
    done = drill(filled)
    assert done.faults == ()
    assert done.rows > 20
    assert done.files == 2
    assert _databases(filled) == []
    home = filled.settings.archive.parent
    assert [path.name for path in home.iterdir() if "drill" in path.name] == []


def test_a_row_that_did_not_come_back_is_told(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = restoring.restore

    def restore(settings: Settings, path: object) -> object:
        done = taken(settings, path)  # type: ignore[arg-type]
        with closing(Database(settings)) as other, other.writing() as db:
            db.execute(text("DELETE FROM compound_micro_grids"))
        return done

    monkeypatch.setattr(drills, "restore", restore)
    [fault] = drill(filled).faults
    assert "compound_micro_grids" in fault
