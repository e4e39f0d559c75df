"""The restore drill: a backup of the running installation comes back elsewhere, row by row."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import psycopg
from sqlalchemy import Connection, func, make_url, select

from govgrid import archive, schema
from govgrid.cipher import key_file
from govgrid.db import Database, metadata
from govgrid.errors import Conflict
from govgrid.journal import Entry
from govgrid.settings import Settings
from govgrid.upkeep.backup import backup
from govgrid.upkeep.restore import restore
from govgrid.upkeep.rows import Digest, lines
from govgrid.upkeep.verify import verify

PREFIX = "govgrid_drill_"


@dataclass(frozen=True, slots=True)
class Done:
    """What was compared, what differs in one sentence each, and the seconds of each part."""

    tables: int
    rows: int
    files: int
    faults: tuple[str, ...]
    backup: float
    restore: float
    compare: float


def drill(database: Database, *, into: str = "") -> Done:
    """Back up, restore into a fresh place, compare; nothing is left behind.

    `into` names an empty database on PostgreSQL, where the user may make none. Writes go on
    meanwhile: the copy is compared with the very state that went into the backup.
    """
    schema.load_models()
    settings = database.settings
    before: dict[str, Digest] = {}
    last = 0

    def look(connection: Connection) -> None:
        nonlocal last
        last = connection.scalar(select(func.max(Entry.id))) or 0
        before.update(_digests(connection, last))

    home = settings.archive.absolute().parent
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".drill-") as scratch:
        folder, moments = Path(scratch), [time.monotonic()]
        backup(database, folder / "drill.tar", look)
        moments.append(time.monotonic())
        with _elsewhere(settings, folder, into) as other:
            files = restore(other, folder / "drill.tar").files
            moments.append(time.monotonic())
            faults = (*_differences(other, before, last), *_unlike(settings, other))
            moments.append(time.monotonic())
    took = [later - sooner for sooner, later in pairwise(moments)]
    return Done(len(before), sum(one.rows for one in before.values()), files, faults, *took)


def _digests(connection: Connection, last: int) -> dict[str, Digest]:
    """Return each table's digest; of the journal up to a line, since a restore adds its own."""
    found = {}
    for table in metadata.sorted_tables:
        digest = found[table.name] = Digest()
        journal = table.name == Entry.__tablename__
        for line in lines(connection, table):
            if not journal or line[0] <= last:
                digest.add(line)
    return found


def _differences(other: Settings, before: dict[str, Digest], last: int) -> Iterator[str]:
    with closing(Database(other)) as database:
        with database.reading() as db:
            after = _digests(db.connection(), last)
        for name, was in before.items():
            if after[name] != was:
                yield f"数据表 {name} 恢复后与备份时不一致：原 {was.rows} 行，现 {after[name].rows} 行"
        yield from verify(database)


def _unlike(settings: Settings, other: Settings) -> Iterator[str]:
    for name in archive.names(other.archive):
        if not archive.place(settings.archive, name).is_file():
            yield f"存档文件 {name} 在原处已不存在"


@contextmanager
def _elsewhere(settings: Settings, folder: Path, into: str) -> Iterator[Settings]:
    """Yield the settings of an empty installation on the same engine; it goes at the end."""
    there = replace(settings, archive=folder / "archive", standby_url="")
    if settings.database_url.startswith("sqlite"):
        there = replace(there, database_url=f"sqlite:///{folder / 'drill.db'}")
        known = key_file(settings)
        if known.is_file():  # asked is whether the data comes back, not the key
            shutil.copyfile(known, key_file(there))
        yield there
    elif into:
        yield replace(there, database_url=into)
    else:
        with _database(settings.database_url) as address:
            yield replace(there, database_url=address)


@contextmanager
def _database(address: str) -> Iterator[str]:
    url = make_url(address).set(drivername="postgresql")
    name = f"{PREFIX}{os.getpid()}"
    plain = url.render_as_string(hide_password=False)
    with closing(psycopg.connect(plain, autocommit=True)) as opened:
        try:
            opened.execute(f'CREATE DATABASE "{name}"')
        except psycopg.errors.InsufficientPrivilege:
            raise Conflict(
                "没有新建数据库的权限：请另建一个空数据库，用 --into 指明；"
                "或运行 ALTER ROLE %(user)s CREATEDB。",
                user=url.username or "govgrid",
            ) from None
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with closing(psycopg.connect(plain, autocommit=True)) as opened:
            opened.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
