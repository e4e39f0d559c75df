"""The database: declarative base, aware-UTC column, engine, reading and writing sessions."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    func,
    literal_column,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from govgrid import cipher
from govgrid.errors import Unavailable
from govgrid.settings import Settings

POOL = 8  # connections and request threads alike: more threads only wait (measured)
_ALONE: Mapping[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
MOVED = "installation moved"  # what SQLite says of a write after the move to PostgreSQL
# No prepared statements: they break behind pgbouncer in transaction mode. A host that falls silent
# must not hold a request's thread for the quarter of an hour that TCP would wait.
_CONNECTING: Mapping[str, Any] = {
    "prepare_threshold": None,
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
LAG = 10  # seconds that a standby may be behind, and that a writer reads the primary for
# A receiver that hears nothing ends after wal_receiver_timeout; the primary itself is near, too.
_FOLLOWS = text("""
SELECT NOT pg_is_in_recovery() OR EXISTS (
  SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'
) AND coalesce(pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn() < 16777216, false)
""")
REMEMBERED = 10.0  # seconds that a full disk counts, since others may have made room
IDLE = 1.0  # seconds after which a connection is asked whether it still stands

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

    @staticmethod
    def stored_in_sqlite(values: Iterable[datetime | None]) -> list[str | None]:
        """Return many moments as SQLite holds them: as the type does one by one, in a third."""
        return [
            None
            if value is None
            else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", timespec="microseconds")
            for value in values
        ]

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


def is_full(error: DBAPIError) -> bool:
    """Tell whether the database's disk had no room for it."""
    said = str(error.orig)
    return any(sign in said for sign in ("is full", "No space left"))


def joined(texts: ColumnElement[str], between: str) -> ColumnElement[str]:
    """Return the texts of a group as one.

    What stands between is written into the statement: a parameter there, which the library wants,
    has the statement put together anew each time it runs.
    """
    written: ColumnElement[str] = literal_column(f"'{between}'")
    return func.aggregate_strings(texts, written)  # type: ignore[arg-type]


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
        # A pool of its own: to change a connection's manner and back costs as much as a statement.
        self._glance = self._reader if self.sqlite else _engine(settings.database_url, alone=True)
        self._standby = Standby(settings) if settings.standby_url else None
        self._writer = self.engine.execution_options(govgrid_writing=True)
        cipher.entrust(self.engine.dialect, settings)
        self._turn = threading.RLock() if self.sqlite else nullcontext()
        self._full_at: float | None = None

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, *, briefly: bool = False, behind: bool = False) -> Iterator[Session]:
        """Yield a session that cannot write, marked `reading` in its info.

        `briefly`: for a few statements each of which stands alone; on PostgreSQL they come without
        a transaction, which costs as much as they do, and nothing but care keeps them from writing.
        `behind`: it may be `LAG` seconds behind, so that a standby may answer.
        """
        info = {"settings": self.settings, "reading": True}
        far = self._standby if behind and self._standby and self._standby.near() else None
        near = (self._glance, self._reader)
        engine = ((far.glance, far.reader) if far else near)[not briefly]
        with Session(engine, info=info, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session in one transaction: returning commits, raising rolls back."""
        try:
            with (
                self._turn,
                Session(self._writer, info={"settings": self.settings}) as session,
                session.begin(),
            ):
                yield session
        except OperationalError as error:
            if is_full(error):
                self._full_at = time.monotonic()
            raise

    def refused_for_room(self) -> bool:
        """Tell whether the disk had no room for a write of the last seconds."""
        return self._full_at is not None and time.monotonic() - self._full_at < REMEMBERED

    def standby_near(self) -> bool:
        """Tell whether there is a standby that follows."""
        return self._standby is not None and self._standby.near()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        if self._glance is not self._reader:
            self._glance.dispose()
        if self._standby:
            self._standby.close()


class Standby:
    """A copy of the database that follows it: asked once a second whether it still does."""

    def __init__(self, settings: Settings) -> None:
        self.glance = _engine(settings.standby_url, alone=True)
        self._all = _engine(settings.standby_url)
        for engine in (self.glance, self._all):
            cipher.entrust(engine.dialect, settings)
        self.reader = self._all.execution_options(postgresql_readonly=True)
        self._follows, self._asked_at = False, 0.0

    def near(self) -> bool:
        """Tell whether it follows the primary; one that cannot be asked does not."""
        now = time.monotonic()
        if now - self._asked_at > (1.0 if self._follows else 5.0):
            self._asked_at = now  # others go by the old answer meanwhile
            self._follows = self._ask()
        return self._follows

    def _ask(self) -> bool:
        try:
            with self.glance.connect() as connection:
                return bool(connection.execute(_FOLLOWS).scalar())
        except SQLAlchemyError:
            return False

    def close(self) -> None:
        self.glance.dispose()
        self._all.dispose()


def _engine(address: str, *, alone: bool = False) -> Engine:
    """Return an engine; on PostgreSQL perhaps one whose statements stand `alone`."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url, pool_size=POOL, max_overflow=2, pool_timeout=30, hide_parameters=True
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=POOL,
            max_overflow=2,
            hide_parameters=True,  # people's data has no place in a log
            connect_args=_CONNECTING,
            **(_ALONE if alone else {}),
        )
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ask_idle)
        return engine
    raise Unavailable(
        "不支持的数据库：%(name)s。请使用 sqlite 或 postgresql。", name=url.drivername
    )


def _note_use(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["used"] = time.monotonic()


def _ask_idle(connection: Any, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Ask a connection that has lain idle whether it still stands, as `pool_pre_ping` always does.

    Raise `InvalidatePoolError`, on which the pool opens new ones.
    """
    idle = time.monotonic() - entry.info.get("used", time.monotonic())
    if idle < IDLE and not connection.closed:
        return
    try:
        answer = connection.pgconn.exec_(b"")  # opens no transaction
    except psycopg.Error as error:
        raise InvalidatePoolError from error
    if answer.status == psycopg.pq.ExecStatus.FATAL_ERROR:
        raise InvalidatePoolError


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
