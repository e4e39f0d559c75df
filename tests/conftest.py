"""Databases for the tests: every test that asks for one runs on SQLite and on PostgreSQL."""

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings as trials
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine

from govgrid import db as databases
from govgrid import schema
from govgrid.accounts import passwords
from govgrid.db import Database
from govgrid.press.fonts import Fonts, find_fonts
from govgrid.press.press import Press
from govgrid.settings import ROOT, Settings
from govgrid.web.render import environment
from tests.cluster import Reused, cluster, make_database, url
from tests.hooks import _every_write_is_journalled

__all__ = ["_every_write_is_journalled"]

# Tests assert results, not times. --hypothesis-profile=new looks for what nobody tried yet.
trials.register_profile("same", deadline=None, derandomize=True, max_examples=40)
trials.register_profile("new", deadline=None, max_examples=1000)
trials.load_profile("same")

# The application's modules alone are a million objects, which no test makes garbage of.
gc.set_threshold(50_000, 20, 20)

if os.access("/dev/shm", os.W_OK):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")  # fsync costs nothing

KEPT, CLOSE = cache(databases._engine), Database.close
LASTING: set[str] = set()
SECRET = "a-secret-for-tests-that-is-long-enough"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Chengdu


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest, lest one core wait for the other; leave out the second engine.

    Pages marked `one_engine` show what queries found that other tests ask on both engines;
    `tests/web/test_query_counts.py` reads every page on PostgreSQL.
    """
    again = [i for i in items if i.get_closest_marker("one_engine") and _on_postgresql(i)]
    config.hook.pytest_deselected(items=again)
    left_out = set(again)
    items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_collection_finish() -> None:
    gc.freeze()  # what is loaded by now stays to the end, and is not looked through again


def _on_postgresql(item: pytest.Item) -> bool:
    drawn = getattr(item, "callspec", None)
    return drawn is not None and drawn.params.get("database_url") == "postgresql"


def pytest_sessionfinish() -> None:
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> None:
    """Hash passwords in a moment; `tests/accounts/test_passwords.py` holds the real price."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def _kept_engines() -> None:
    """Let databases of one address share an engine: it keeps the statements it compiled.

    On PostgreSQL it keeps its connections, too: the first statements of one cost the most.
    """
    databases._engine = KEPT
    databases.IDLE = 0.0  # a database may be made anew between two tests
    Database.close = _close  # type: ignore[method-assign]  # `engines_apart` puts it back


@pytest.fixture(scope="session", autouse=True)
def _kept_templates() -> None:
    """Keep compiled templates in a folder: the workers, and the next run, compile them once."""
    folder = ROOT / ".pytest_cache" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    environment().bytecode_cache = FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session", autouse=True)
def _kept_presses() -> Iterator[None]:
    """Let applications share a press: its children start in longer than a test takes."""
    opened, close, kept = Press.open, Press.close, set[Press]()

    @cache
    def open_once(vendor: Path, house_fonts: Path | None = None) -> Press:
        press = opened(vendor, house_fonts)
        kept.add(press)
        return press

    Press.open = open_once  # type: ignore[method-assign]  # a function of the class
    Press.close = lambda self: None if self in kept else close(self)  # type: ignore[method-assign]
    yield
    Press.open, Press.close = opened, close  # type: ignore[method-assign]
    for press in kept:
        press.close()


def _close(self: Database) -> None:
    if self.settings.database_url not in LASTING:
        CLOSE(self)


@pytest.fixture
def engines_apart(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Give each database an engine of its own, as outside the tests, and nobody else in it."""
    monkeypatch.setattr(databases, "_engine", KEPT.__wrapped__)
    monkeypatch.setattr(Database, "close", CLOSE)
    if "database_url" in request.fixturenames:
        address = request.getfixturevalue("database_url")
        KEPT(address).dispose()
        if address.startswith("postgresql"):
            request.getfixturevalue("postgresql").leave()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty SQLite database with all tables; tests copy it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _lay(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Reused]:
    """Run a PostgreSQL of our own; return its database with all tables, which tests empty."""
    with cluster() as home:
        name = make_database(home)
        _lay(f"postgresql+psycopg://govgrid@/{name}?host={home}")
        shared = Reused(home, name)
        yield shared
        shared.leave()


def _lay(address: str) -> None:
    engine = create_engine(address)
    with engine.begin() as connection:
        schema.lay(connection)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the URL of a fresh database with all tables, on each engine in turn."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = template.with_name("govgrid.db")
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        KEPT(f"sqlite:///{path}").dispose()
        for left in path.parent.glob("govgrid.db*"):
            left.unlink()
        return
    shared: Reused = request.getfixturevalue("postgresql")
    address = url(shared.home, shared.name)
    LASTING.add(address)
    yield address
    shared.clear()


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
def press() -> Press:
    """Return the press that applications share."""
    return Press.open(ROOT / "vendor")
