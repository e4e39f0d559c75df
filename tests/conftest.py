"""Databases for the tests: every test that asks for one runs on SQLite and on PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as trials
from sqlalchemy import Engine, create_engine, text

from govgrid.db import Database, metadata
from govgrid.press.fonts import Fonts, find_fonts
from govgrid.press.press import Press
from govgrid.schema import load_models, newest
from govgrid.settings import ROOT, Settings
from tests.cluster import cluster
from tests.hooks import _every_write_is_journalled

__all__ = ["_every_write_is_journalled"]

trials.register_profile("govgrid", deadline=None)  # tests assert results, not times
trials.load_profile("govgrid")

SECRET = "a-secret-for-tests-that-is-long-enough"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Chengdu


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty SQLite database with all tables; tests copy it."""
    load_models()
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = create_engine(f"sqlite:///{path}")
    _make_tables(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL of our own; return its socket folder."""
    with cluster() as home:
        load_models()
        with psycopg.connect(host=home, user="govgrid", dbname="postgres", autocommit=True) as c:
            c.execute("CREATE DATABASE template_govgrid")
        engine = create_engine(f"postgresql+psycopg://govgrid@/template_govgrid?host={home}")
        _make_tables(engine)
        engine.dispose()
        yield home


def _make_tables(engine: Engine) -> None:
    """Make what the revisions make, and say that they have run."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest()}
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a fresh database with all tables, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "govgrid.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    home = request.getfixturevalue("postgresql")
    name = f"t_{abs(hash(request.node.nodeid))}_{os.getpid()}"
    with psycopg.connect(host=home, user="govgrid", dbname="postgres", autocommit=True) as c:
        c.execute(f'CREATE DATABASE "{name}" TEMPLATE template_govgrid STRATEGY FILE_COPY')
        yield f"postgresql://govgrid@/{name}?host={home}"
        c.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return the settings of an installation in a folder of its own."""
    return Settings(
        database_url=database_url,
        secret=SECRET,
        public_url="http://testserver",
        smtp_url=f"file:{tmp_path / 'mail'}",
        archive=tmp_path / "archive",
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Return a fresh database, on each engine in turn."""
    opened = Database(settings)
    yield opened
    opened.close()


@pytest.fixture
def at() -> datetime:
    """Return the moment at which the tests live."""
    return NOW


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    """Return the fonts that set-up put there."""
    return find_fonts(ROOT / "vendor")


@pytest.fixture(scope="session")
def press(fonts: Fonts) -> Iterator[Press]:
    """Return a press with two children."""
    with Press(fonts, children=2) as press:
        yield press
