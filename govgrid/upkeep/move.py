"""A running installation from SQLite to PostgreSQL: table by table, compared, then handed over.

While it lasts, the old database is read and nobody writes to it; at its end it is closed to
writing for good, so that nothing can be written to the wrong one. A kill leaves the old one as it
was; the same command goes on where it stopped, or from the start where the old one has changed.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Table, func, inspect, make_url, select, text
from sqlalchemy.orm import Session

from govgrid import archive, cipher, journal, schema
from govgrid.db import MOVED, Database, metadata
from govgrid.errors import Conflict, Invalid, Unavailable
from govgrid.journal import heads
from govgrid.meetings.queries.texts import index_all
from govgrid.settings import Settings
from govgrid.upkeep import rows
from govgrid.upkeep.rows import Digest

MARK = "govgrid_moving"  # a schema of the target's that stands until everything has been compared
_LOCK = 7_461_022  # of PostgreSQL's advisory locks: one move at a time into a database
_PATIENCE = 15  # seconds: the lock of one that was killed goes when the server notices
_VERBS = ("insert", "update", "delete")
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """How many tables, rows and archive files stand in the new place, all of them compared."""

    tables: int
    rows: int
    files: int


def move(source: Database, address: str, *, folder: Path | None, tell: Tell) -> Moved:
    """Bring everything to the PostgreSQL database, and the archive to the folder.

    `tell` is given a table's name, its rows done and in all. Raise `Conflict` where the target is
    not empty or another move is under way, `Invalid` for a wrong engine, `Unavailable` where what
    arrived is not what was sent: then the old database goes on as before.
    """
    settings = _target(source, address, folder)
    schema.load_models()
    with closing(Database(settings)) as target, _alone(target):
        _begin(target)
        with _held(source) as old:
            found = _all(old, target, tell)
            files = _archive(source.settings, settings)
            _refuse_different(target, found)
            _close(old)
        _finish(target, source, found, files)
    return Moved(len(found), sum(one.rows for one in found.values()), files)


def release(source: Database) -> bool:
    """Open the old database for writing again; return whether it was closed."""
    with _held(source) as old:
        names = list(_closing(old))
        for name in names:
            old.exec_driver_sql(f'DROP TRIGGER "{name}"')
    return bool(names)


def _target(source: Database, address: str, folder: Path | None) -> Settings:
    if not source.sqlite:
        raise Invalid("当前数据库已是 PostgreSQL；migrate-to 只用于从 SQLite 迁出。")
    if make_url(address).get_backend_name() != "postgresql":
        raise Invalid("目标应以 postgresql:// 开头，例如 postgresql://govgrid@/govgrid。")
    given = source.settings
    return replace(given, database_url=address, archive=folder or given.archive)


@contextmanager
def _alone(target: Database) -> Iterator[None]:
    with target.engine.connect() as connection:
        until = time.monotonic() + _PATIENCE
        while not connection.scalar(select(func.pg_try_advisory_lock(_LOCK))):
            if time.monotonic() > until:
                raise Conflict("另一个迁移正在写入该数据库，请等它结束。")
            time.sleep(0.2)
        connection.commit()
        yield


@contextmanager
def _held(source: Database) -> Iterator[Connection]:
    """Yield a connection in whose transaction nobody else writes."""
    engine = source.engine.execution_options(govgrid_writing=True)
    with engine.begin() as connection:
        yield connection


def _begin(target: Database) -> None:
    """Lay the tables, not yet stamped, so that nothing serves a half of them."""
    with target.engine.begin() as connection:
        if not inspect(connection).has_schema(MARK):
            if inspect(connection).get_table_names():
                raise Conflict(
                    "目标数据库不是空的，没有改动。请另建一个空数据库，例如 createdb govgrid。"
                )
            _lay(connection)


def _lay(connection: Connection) -> None:
    metadata.create_all(connection)
    for table in metadata.sorted_tables:  # some are laid with rows of their own
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            connection.execute(table.delete())
    connection.exec_driver_sql(f"CREATE SCHEMA {MARK}")
    connection.exec_driver_sql(
        f"CREATE TABLE {MARK}.tables (name text PRIMARY KEY, rows bigint, digest text)"
    )


def _all(old: Connection, target: Database, tell: Tell) -> dict[str, Digest]:
    """Copy what is not there yet; from the start where the old database has changed since."""
    done = _done(target)
    found: dict[str, Digest] = {}
    for table in metadata.sorted_tables:
        if table.name in done:
            found[table.name] = rows.digest(old, table)
            if (found[table.name].rows, found[table.name].text) != done[table.name]:
                _start_over(target)
                return _all(old, target, tell)
            continue
        found[table.name] = _copy(old, target, table, tell)
    return found


def _done(target: Database) -> dict[str, tuple[int, str]]:
    with target.engine.connect() as connection:
        found = connection.execute(text(f"SELECT name, rows, digest FROM {MARK}.tables"))  # noqa: S608
        return {row.name: (row.rows, row.digest) for row in found}


def _start_over(target: Database) -> None:
    with target.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {MARK} CASCADE")
        metadata.drop_all(connection)
        _lay(connection)


def _copy(old: Connection, target: Database, table: Table, tell: Tell) -> Digest:
    """Copy one table in one transaction, and note that it is done."""
    found = Digest()
    count = old.execute(select(func.count()).select_from(table)).scalar_one()
    names = sql.SQL(",").join(sql.Identifier(column.name) for column in rows.stored(table))
    copying = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    with target.engine.begin() as new:
        driver: Any = new.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(copying) as copy:
            for line in rows.lines(old, table):
                found.add(line)
                copy.write_row(line)
                if found.rows % rows.FETCHED == 0:
                    tell(table.name, found.rows, count)
        note = text(f"INSERT INTO {MARK}.tables VALUES (:name, :rows, :digest)")  # noqa: S608
        new.execute(note, {"name": table.name, "rows": found.rows, "digest": found.text})
    tell(table.name, found.rows, count)
    return found


def _refuse_different(target: Database, sent: dict[str, Digest]) -> None:
    with target.engine.connect() as connection:
        for table in metadata.sorted_tables:
            arrived = rows.digest(connection, table)
            if arrived != sent[table.name]:
                raise Unavailable(
                    "数据表 %(name)s 迁移后与原来不一致（原 %(sent)s 行，现 %(arrived)s 行），"
                    "未切换；原数据库照常使用。",
                    name=table.name,
                    sent=sent[table.name].rows,
                    arrived=arrived.rows,
                )


def _archive(given: Settings, wanted: Settings) -> int:
    """Copy every file of the archive, by its hash, the journal's anchors, a key that we made."""
    key, other = cipher.key_file(given), cipher.key_file(wanted)
    if key.exists() and not other.exists():
        with archive.beside(other) as part:
            shutil.copyfile(key, part)
            part.chmod(0o600)
    count = 0
    for name in archive.names(given.archive):
        count += 1
        if wanted.archive != given.archive:
            archive.keep(wanted.archive, archive.fetch(given.archive, name))
    anchors = given.archive / heads.FILE
    if anchors.is_file() and wanted.archive != given.archive:
        with archive.beside(wanted.archive / heads.FILE) as part:
            shutil.copyfile(anchors, part)
    return count


def _close(old: Connection) -> None:
    """Refuse every further write, whoever tries."""
    if any(_closing(old)):
        return
    for table in metadata.sorted_tables:
        for verb in _VERBS:
            old.exec_driver_sql(
                f'CREATE TRIGGER "{MARK}_{table.name}_{verb}" BEFORE {verb} ON "{table.name}"'
                f" BEGIN SELECT RAISE(ABORT, '{MOVED}'); END"
            )


def _closing(old: Connection) -> Iterator[str]:
    found = old.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return (name for (name,) in found if name.startswith(MARK))


def _finish(target: Database, source: Database, found: dict[str, Digest], files: int) -> None:
    """Stamp the new database, so that it may be served, and note where it came from."""
    with target.writing() as db:
        for table in metadata.sorted_tables:
            _count_on(db, table)
        index_all(db)
        schema.stamp(db.connection())
        db.execute(text(f"DROP SCHEMA {MARK} CASCADE"))
        journal.record(
            db, None, "migrate", "installation", Path(source.engine.url.database or "").name[-64:],
            tables=len(found), rows=sum(one.rows for one in found.values()), files=files,
        )  # fmt: skip


def _count_on(db: Session, table: Table) -> None:
    """Let a table's numbers go on after the highest."""
    for column in table.primary_key:
        name = db.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        if name is not None:
            highest = select(func.coalesce(func.max(column), 0)).scalar_subquery()
            db.execute(select(func.setval(name, highest + 1, False)))
