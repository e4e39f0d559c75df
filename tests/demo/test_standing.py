"""A demo city stands whole or not at all, and never on somebody's data."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from govgrid import journal, schema
from govgrid.db import Database, metadata
from govgrid.demo import standing
from govgrid.errors import Conflict
from govgrid.grid.models import Area, Level
from govgrid.journal import Entry
from govgrid.settings import Settings
from tests.demo.conftest import TODAY, silent

LATER = date(2026, 12, 1)


@pytest.fixture
def empty(settings: Settings) -> Settings:
    """Return the settings of a database without any table."""
    database = Database(settings)
    metadata.drop_all(database.engine)
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    database.close()
    return settings


@pytest.fixture
def small_build(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Build a city of one area instead of the whole; return the days it was built for."""
    built: list[date] = []

    def build(database: Database, today: date, _progress: object) -> None:
        with database.writing() as db:
            journal.record(db, None, "begin", "demo", today)
            db.add(Area(code="5101", name="成都市", level=Level.CITY, path="5101/"))
        if today == LATER:
            msg = "the power fails"
            raise OSError(msg)
        with database.writing() as db:
            journal.record(db, None, "build", "demo", today)
        built.append(today)

    monkeypatch.setattr(standing, "build", build)
    return built


def stand(settings: Settings, today: date | None = None) -> date:
    return standing.stand(settings, today, TODAY, silent)


def areas(settings: Settings) -> int:
    database = Database(settings)
    with database.reading() as db:
        found = db.scalar(select(func.count()).select_from(Area)) or 0
    database.close()
    return found


def test_is_built_once(empty: Settings, small_build: list[date]) -> None:
    assert [stand(empty), stand(empty), stand(empty, TODAY)] == [TODAY] * 3
    assert small_build == [TODAY]
    assert standing.built_for(empty) == TODAY


def test_another_day_builds_anew(empty: Settings, small_build: list[date]) -> None:
    stand(empty)
    assert stand(empty, date(2026, 11, 25)) == date(2026, 11, 25)
    assert stand(empty) == date(2026, 11, 25)
    assert len(small_build) == 2
    assert areas(empty) == 1


def test_half_a_city_is_built_again(empty: Settings, small_build: list[date]) -> None:
    with pytest.raises(OSError, match="power"):
        stand(empty, LATER)
    assert standing.built_for(empty) is None
    assert stand(empty) == TODAY
    assert areas(empty) == 1


def test_a_failed_rebuild_on_sqlite_leaves_the_old_city(
    sqlite_template: Path, tmp_path: Path, small_build: list[date]
) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'demo.db'}",
        secret="s" * 40,
        archive=tmp_path / "archive",
    )
    stand(settings)
    with pytest.raises(OSError, match="power"):
        stand(settings, LATER)
    assert standing.built_for(settings) == TODAY
    assert areas(settings) == 1


def test_somebodys_data_is_never_dropped(settings: Settings, small_build: list[date]) -> None:
    database = Database(settings)
    with database.writing() as db:
        db.add(Area(code="5101", name="成都市", level=Level.CITY, path="5101/"))
        journal.record(db, None, "import", "areas", "a.csv")
    database.close()
    for ask in (stand, lambda s: standing.rebuild(s, TODAY, silent)):
        with pytest.raises(Conflict, match="其他数据"):
            ask(settings)
    assert areas(settings) == 1
    assert small_build == []


def test_an_empty_file_and_no_file_are_free(tmp_path: Path, small_build: list[date]) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'new' / 'demo.db'}",
        secret="s" * 40,
        archive=tmp_path / "archive",
    )
    assert stand(settings) == TODAY
    migrated = Settings(
        database_url=f"sqlite:///{tmp_path / 'migrated.db'}",
        secret="s" * 40,
        archive=tmp_path / "archive",
    )
    database = Database(migrated)
    schema.migrate(database)
    database.close()
    assert stand(migrated) == TODAY
    assert sorted(p.name for p in tmp_path.iterdir() if "building" in p.name) == []


def test_the_whole_journal_is_the_demos(empty: Settings, small_build: list[date]) -> None:
    stand(empty)
    database = Database(empty)
    with database.reading() as db:
        notes = [(e.verb, e.subject_id) for e in db.scalars(select(Entry).order_by(Entry.id))]
    database.close()
    assert notes == [("begin", "2026-11-24"), ("build", "2026-11-24")]
