"""The schema: bring a database to the newest revision, and tell whether it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from govgrid.db import Database, metadata
from govgrid.settings import ROOT

MODELS = (
    "govgrid.journal",
    "govgrid.workdays",
    "govgrid.outbox.models",
    "govgrid.grid.models",
    "govgrid.accounts.models",
    "govgrid.exchange.models",
    "govgrid.cases.models",
    "govgrid.showcase.models",
    "govgrid.oldcompounds.models",
    "govgrid.meetings.models",
)


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    for name in MODELS:
        import_module(name)


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database to the revision, in one transaction."""
    with _connection(database) as connection:
        command.upgrade(_config(connection), revision)


def roll_back(database: Database, revision: str) -> None:
    """Take the database down to the revision, in one transaction."""
    with _connection(database) as connection:
        command.downgrade(_config(connection), revision)


def current(database: Database) -> str | None:
    """Return the revision the database stands at, None before the first."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the newest revision."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(database: Database) -> list[object]:
    """Return what the models have and the migrated database lacks, or the other way round."""
    load_models()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def revise(database: Database, message: str) -> None:
    """Write the revision that takes the database to the models."""
    load_models()
    with _connection(database) as connection:
        command.revision(_config(connection), message, autogenerate=True)


@contextmanager
def _connection(database: Database) -> Iterator[Connection]:
    # IMMEDIATE and one transaction: a kill leaves the old schema whole on SQLite too.
    engine = database.engine.execution_options(govgrid_writing=True)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        yield connection


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
