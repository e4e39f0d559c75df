"""Every revision goes up, down and up again, and ends where the models are."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, text

from govgrid import schema
from govgrid.db import Database
from govgrid.settings import ROOT, Settings
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


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> ScriptDirectory:
    """Return the revisions, read once: each command would read all of them anew."""
    read = ScriptDirectory(str(ROOT / "migrations"))
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _config: read)
    return read


def test_stairway(empty: Database, scripts: ScriptDirectory) -> None:
    revisions = [r.revision for r in reversed(list(scripts.walk_revisions()))]
    before = "base"
    for revision in revisions:
        schema.migrate(empty, revision)
        schema.roll_back(empty, before)
        schema.migrate(empty, revision)
        before = revision
    assert schema.current(empty) == schema.newest()
    assert schema.differences(empty) == []


def shape(database: Database) -> dict[str, object]:
    """Return all that the engine knows of the tables, whatever order they were made in."""
    triggers = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT pg_get_triggerdef(t.oid), prosrc FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal",
    }
    with database.reading() as db:
        found = inspect(db.connection())
        parts = (
            found.get_columns, found.get_foreign_keys, found.get_check_constraints,
            found.get_unique_constraints, found.get_indexes,
        )  # fmt: skip
        whole: dict[str, object] = {
            table: sorted(
                json.dumps(one, default=str, sort_keys=True)
                for part in parts
                for one in part(table)
            )
            for table in found.get_table_names()
        }
        seen = db.execute(text(triggers[database.engine.dialect.name])).all()
        return {**whole, "triggers": sorted(map(tuple, seen))}


def test_an_empty_database_gets_at_once_what_the_revisions_make(
    empty: Database, database: Database
) -> None:
    schema.migrate(empty, str(schema.newest()))
    made, laid = shape(empty), shape(database)
    assert made == laid
    assert len(laid) > 50
    assert str(laid["triggers"]).count("CREATE TRIGGER") >= 7
