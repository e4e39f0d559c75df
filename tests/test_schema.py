"""Every revision goes up, down and up again, and ends where the models are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text

from govgrid import schema
from govgrid.db import Database
from govgrid.settings import Settings
from tests import cluster


@pytest.fixture
def empty(settings: Settings, tmp_path: Path) -> Iterator[Database]:
    """Return a database without any table, on each engine in turn."""
    address = f"sqlite:///{tmp_path / 'empty.db'}"
    if settings.database_url.startswith("postgresql"):
        home = str(make_url(settings.database_url).query["host"])
        address = cluster.url(home, cluster.make_database(home))
    database = Database(replace(settings, database_url=address))
    yield database
    database.close()


def test_stairway(empty: Database) -> None:
    scripts = ScriptDirectory(str(Path(__file__).parent.parent / "migrations"))
    revisions = [r.revision for r in reversed(list(scripts.walk_revisions()))]
    before = "base"
    for revision in revisions:
        schema.migrate(empty, revision)
        schema.roll_back(empty, before)
        schema.migrate(empty, revision)
        before = revision
    assert schema.current(empty) == schema.newest()
    assert schema.differences(empty) == []


def triggers(database: Database) -> set[tuple[str, ...]]:
    found = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT pg_get_triggerdef(t.oid), prosrc FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal",
    }
    with database.reading() as db:
        return {tuple(row) for row in db.execute(text(found[database.engine.dialect.name]))}


def test_the_revisions_put_up_the_triggers_of_the_models(
    empty: Database, database: Database
) -> None:
    schema.migrate(empty)
    assert triggers(empty) == triggers(database)
    assert len(triggers(empty)) >= 7
