"""Every revision goes up, down and up again, and ends where the models are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from govgrid import schema
from govgrid.db import Database
from govgrid.settings import Settings


@pytest.fixture
def empty(settings: Settings, tmp_path: Path) -> Iterator[Database]:
    """Return a database without any table, on each engine in turn."""
    url = settings.database_url
    if url.startswith("postgresql"):
        name = f"empty_{abs(hash(url))}"
        home = str(make_url(url).query["host"])
        with psycopg.connect(host=home, user="govgrid", dbname="postgres", autocommit=True) as c:
            c.execute(f'CREATE DATABASE "{name}"')
        url = f"postgresql://govgrid@/{name}?host={home}"
    else:
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    database = Database(replace(settings, database_url=url))
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
