"""The database: declarative base, aware-UTC column, engine, reading and writing sessions."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from govgrid import cipher
from govgrid.errors import Unavailable
from govgrid.settings import Settings

POOL = 8  # connections and request threads alike: more threads only wait (measured)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC; refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive time {value}"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def ordered(length: int) -> String:
    """Return a text type compared byte by byte, so that a subtree is one index range."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """Tables; enumerations are stored by value, checked by the database."""

    metadata = metadata
    type_annotation_map = {datetime: UtcTime()}  # noqa: RUF012


def enumeration(words: type[Any]) -> Enum:
    """Return a column type that stores an enumeration's values as text."""
    return Enum(
        words,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda kind: [member.value for member in kind],
    )


def upsert(db: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that can say what happens where the row is there already."""
    make = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    return make(table)


class Database:
    """An engine with its two kinds of session.

    SQLite lets one writer in at a time: writers queue on a lock of this process, which is fairer
    than the file lock, and begin IMMEDIATE, because a read that turns into a write fails at once.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = _engine(settings.database_url)
        # Made once: an engine with options of its own costs as much as a short statement.
        self._reader = self.engine.execution_options(postgresql_readonly=True)
        self._writer = self.engine.execution_options(govgrid_writing=True)
        cipher.entrust(self.engine.dialect, settings)
        self._turn = threading.RLock() if self.sqlite else nullcontext()

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that cannot write, marked `reading` in its info."""
        info = {"settings": self.settings, "reading": True}
        with Session(self._reader, info=info, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session in one transaction: returning commits, raising rolls back."""
        with (
            self._turn,
            Session(self._writer, info={"settings": self.settings}) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _engine(text: str) -> Engine:
    url = make_url(text)
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, pool_size=POOL, max_overflow=2, pool_timeout=30)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.get_backend_name() == "postgresql":
        # No prepared statements: they break behind pgbouncer in transaction mode.
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=POOL,
            max_overflow=2,
            pool_pre_ping=True,
            connect_args={"prepare_threshold": None},
        )
    raise Unavailable(
        "不支持的数据库：%(name)s。请使用 sqlite 或 postgresql。", name=url.drivername
    )


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    reading = options.get("postgresql_readonly", False)
    # Straight to the driver, at a tenth of the price; and only where it changes: after a PRAGMA
    # the connection compiles all its statements anew.
    driver = connection.connection.driver_connection
    if connection.info.get("query_only") != reading:
        driver.execute(f"PRAGMA query_only={int(reading)}")
        connection.info["query_only"] = reading
    if reading:
        driver.execute("BEGIN")
        return
    if options.get("govgrid_migrating", False):
        # A table laid anew is dropped and renamed: with the check on, SQLite deletes its rows.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    writing = options.get("govgrid_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
