"""The schema: bring a database to the newest revision, and tell whether it is there."""

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import psycopg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    Connection,
    Text,
    bindparam,
    inspect,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.exc import OperationalError

from govgrid import cipher, months
from govgrid.cipher import Encrypted
from govgrid.db import Database, metadata
from govgrid.errors import Conflict
from govgrid.settings import ROOT

MODELS = (
    "govgrid.journal",
    "govgrid.workdays",
    "govgrid.outbox.models",
    "govgrid.web.limits",
    "govgrid.grid.models",
    "govgrid.accounts.models",
    "govgrid.exchange.models",
    "govgrid.cases.models",
    "govgrid.showcase.models",
    "govgrid.oldcompounds.models",
    "govgrid.oldcompounds.services.models",
    "govgrid.oldcompounds.pipeline.models",
    "govgrid.oldcompounds.takeover.models",
    "govgrid.meetings.models",
    "govgrid.reports.models",
)


# The oldest program that lives beside this schema is the one of this revision: later revisions
# only add. One that takes away moves it on to the last revision of the release before.
BEARS = "0043"
PATIENCE = 12  # tries at a schema that others hold, a few seconds each
_MARK = "borne from "
_log = logging.getLogger(__name__)


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    for name in MODELS:
        import_module(name)


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database to the revision, in one transaction; at the newest, encrypt what is not.

    An empty database gets the newest tables at once. What an older key encrypted is encrypted anew
    under the first key.
    """
    for tried in range(1, PATIENCE + 1):
        try:
            _bring(database, revision)
            break
        except OperationalError as error:
            busy = isinstance(error.orig, psycopg.errors.LockNotAvailable)
            if not busy or tried == PATIENCE:
                raise
            _log.warning("others hold the tables; nothing was changed, trying again")
            time.sleep(1)  # whoever queued up behind us gets through
    if revision == "head":
        _encrypt(database)


def _bring(database: Database, revision: str) -> None:
    with _connection(database) as connection:
        if revision == "head" and not inspect(connection).get_table_names():
            lay(connection)
        else:
            upgrade(connection, revision)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring what the connection's transaction sees to the revision."""
    command.upgrade(_config(connection), revision)
    _mark(connection)


def lay(connection: Connection) -> None:
    """Lay the newest tables in an empty database: in a moment, where the revisions take seconds."""
    load_models()
    metadata.create_all(connection)
    stamp(connection)


def stamp(connection: Connection) -> None:
    """Note that the tables are the newest."""
    command.stamp(_config(connection), "head")
    _mark(connection)


def _mark(connection: Connection) -> None:
    """Note which older programs may go on beside; SQLite has one program at a time."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{_MARK}{BEARS}'")


def unfit(connection: Connection) -> str:
    """Return why this program cannot work with the schema, "" where it can."""
    stands = current_of(connection)
    if stands == newest() or (stands is not None and _borne(connection, stands)):
        return ""
    if stands is None or knows(stands):
        return f"schema {stands}, wanted {newest()}: run govgrid migrate"
    return f"schema {stands} is newer than {newest()}: upgrade this program"


def _borne(connection: Connection, stands: str) -> bool:
    """Tell whether the schema is a newer one that says it bears us."""
    if connection.dialect.name != "postgresql" or knows(stands):
        return False
    said = connection.scalar(text("SELECT obj_description('alembic_version'::regclass)")) or ""
    return str(said).startswith(_MARK) and knows(str(said).removeprefix(_MARK))


def knows(revision: str) -> bool:
    """Tell whether the revision is one of ours."""
    return revision in _ours()


@cache
def _ours() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(_config())
    return frozenset(script.revision for script in scripts.walk_revisions())


def _encrypt(database: Database) -> None:
    load_models()
    columns = [c for t in metadata.sorted_tables for c in t.c if isinstance(c.type, Encrypted)]
    done = 0
    for column in columns:
        while some := _encrypt_some(database, column):
            done += some
    if done and database.sqlite:
        with closing(database.engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM")  # the readable text still stood in free pages


def _encrypt_some(database: Database, column: Column[Any]) -> int:
    """Encrypt a stretch of a column under the first key, in one transaction; return how many."""
    (number,) = column.table.primary_key
    with database.writing() as db:
        if db.scalar(select(number).where(column.is_not(None)).limit(1)) is None:
            return 0  # nothing needs a key, so none is made
        current = f"{cipher.ring_of(db).first.prefix}%"
        stale = type_coerce(column, Text).not_like(current)
        rows = db.execute(select(number, column).where(stale).limit(1000)).all()
        if rows:
            change = (
                update(column.table)
                .where(number == bindparam("row"))
                .values({column: bindparam("text")})
            )
            db.connection().execute(change, [{"row": row, "text": text} for row, text in rows])
    return len(rows)


def roll_back(database: Database, revision: str) -> None:
    """Take the database down to the revision, in one transaction."""
    with _connection(database) as connection:
        command.downgrade(_config(connection), revision)


def current(database: Database) -> str | None:
    """Return the revision the database stands at, None before the first."""
    with database.engine.connect() as connection:
        return current_of(connection)


def current_of(connection: Connection) -> str | None:
    """Return the revision that the connection's transaction sees."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """Return the newest revision."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(database: Database) -> list[object]:
    """Return what the models have and the migrated database lacks, or the other way round."""
    load_models()
    with database.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": ours, "include_object": asked}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether a table is of the models: an index of text and a month are the engine's own."""
    own = (name or "").startswith("minutes_fts") or months.PARTS.fullmatch(name or "")
    return kind != "table" or not own


def asked(item: Any, _name: str | None, kind: str, reflected: bool, _other: object) -> bool:  # noqa: FBT001
    """Tell whether the database must have it: what is unique by month is so in each partition."""
    return reflected or kind != "unique_constraint" or "month" not in item.table.info


def revise(database: Database, message: str) -> None:
    """Write the revision that takes the database to the models."""
    load_models()
    with _connection(database) as connection:
        command.revision(_config(connection), message, autogenerate=True)


@contextmanager
def _connection(database: Database) -> Iterator[Connection]:
    # IMMEDIATE and one transaction: a kill leaves the old schema whole on SQLite too.
    engine = database.engine.execution_options(govgrid_writing=True, govgrid_migrating=True)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            yield connection
            return
        connection.detach()  # it does not look at foreign keys; nobody else may get it
        yield connection
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if astray is not None:
            raise Conflict("升级未完成：数据表 %(name)s 中有失去对应关系的记录。", name=astray[0])


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
