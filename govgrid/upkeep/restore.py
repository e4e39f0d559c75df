"""A backup back in: unpacked beside, every hash and the chain checked, then swapped in at once."""

import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import psycopg
from sqlalchemy import Connection, inspect, make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from govgrid import archive, journal, schema
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid
from govgrid.journal import heads
from govgrid.settings import Settings
from govgrid.upkeep import engines, manifest
from govgrid.upkeep.manifest import Manifest, Part
from govgrid.upkeep.verify import faults

_ARCHIVED = re.compile(r"archive/([0-9a-f]{2})/(\1[0-9a-f]{62})")


@dataclass(frozen=True, slots=True)
class Done:
    """When the backup was made, how many archive files came back, where the old database is."""

    made_at: str
    files: int
    kept: str


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where a backup lies unpacked, and how its database would be opened there."""

    listed: Manifest
    folder: Path
    settings: Settings

    @property
    def database(self) -> Path:
        return self.folder / manifest.DATABASE

    @property
    def heads(self) -> Path:
        return self.settings.archive / heads.FILE


def restore(
    settings: Settings, path: Path, *, replaces: bool = False, accept_faults: bool = False
) -> Done:
    """Bring database and archive back to the backup's state.

    Raise `Invalid` for a backup that is damaged, foreign or faulty, `Conflict` for a database
    that is not empty (unless it `replaces`) or in use: then nothing has changed. A kill leaves
    either the old database or the restored one.
    """
    held = _holds_tables(settings)
    if held and not replaces:
        raise Conflict("目标数据库不是空的；如确需用备份替换现有数据，请加上 --replace。")
    with _staged(settings, path) as stage:
        sqlite = stage.listed.engine == "sqlite"
        swap = _swap_sqlite if sqlite else _swap_postgresql
        kept = swap(settings, stage, held=held, accept_faults=accept_faults)
    with closing(Database(settings)) as database, database.writing() as db:
        journal.record(
            db, None, "restore", "installation", path.name[-64:], of=stage.listed.made_at
        )
    return Done(stage.listed.made_at, len(stage.listed.parts) - 2, kept)


def _holds_tables(settings: Settings) -> bool:
    file = _file(settings)
    if file is not None and not file.is_file():
        return False
    try:
        with closing(Database(settings)) as database:
            return bool(inspect(database.engine).get_table_names())
    except DatabaseError:
        if file is None:
            raise
        return True  # a damaged one is not nothing


def _file(settings: Settings) -> Path | None:
    url = make_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@contextmanager
def _staged(settings: Settings, path: Path) -> Iterator[_Stage]:
    """Yield the backup unpacked on the archive's own disk, every part checked."""
    home = settings.archive.absolute().parent
    home.mkdir(parents=True, exist_ok=True)
    folder = home / f".{settings.archive.name}.restoring"
    with (home / f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("另一个恢复正在进行，请等它结束。") from None
        shutil.rmtree(folder, ignore_errors=True)
        try:
            listed = _unpacked(settings, path, folder)
            staged = replace(settings, archive=folder / "archive")
            yield _Stage(listed, folder, staged)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            Path(lock.name).unlink(missing_ok=True)


def _unpacked(settings: Settings, path: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(path, "r:") as tar:
            listed = Manifest.read(tar, settings.secret)
            _refuse_foreign(settings, listed)
            (folder / "archive").mkdir(parents=True)
            for part in listed.parts:
                _extract(tar, part, folder / _where(part))
    except FileNotFoundError:
        raise Invalid("文件不存在：%(name)s", name=str(path)) from None
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise Invalid("备份文件不完整或已损坏：%(why)s", why=str(error)) from error
    return listed


def _refuse_foreign(settings: Settings, listed: Manifest) -> None:
    engine = make_url(settings.database_url).get_backend_name()
    if listed.engine != engine:
        raise Invalid(
            "备份来自 %(theirs)s 数据库，当前设置为 %(ours)s；两者不能互相恢复。",
            theirs=listed.engine,
            ours=engine,
        )
    if not schema.knows(listed.schema):
        raise Invalid(
            "备份的数据库结构（%(schema)s）比本程序新，请先升级程序。", schema=listed.schema
        )


def _where(part: Part) -> str:
    """Return where a part goes; only names of our own making are taken."""
    if part.name == manifest.DATABASE:
        return part.name
    if part.name == manifest.HEADS:
        return f"archive/{heads.FILE}"
    if _ARCHIVED.fullmatch(part.name):
        return part.name
    raise Invalid("备份文件含有不明内容：%(name)s", name=part.name[:80])


def _extract(tar: tarfile.TarFile, part: Part, target: Path) -> None:
    source = tar.extractfile(part.name)
    if source is None:
        raise Invalid("备份文件已损坏：%(name)s 不是文件。", name=part.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    told = hashlib.sha256()
    with source, target.open("wb") as file:
        while data := source.read(archive.CHUNK):
            told.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if told.hexdigest() != part.sha256 or target.stat().st_size != part.size:
        raise Invalid("备份文件已损坏：%(name)s 的内容与清单不符。请换一份备份。", name=part.name)


def _swap_sqlite(settings: Settings, stage: _Stage, *, held: bool, accept_faults: bool) -> str:
    """Check and migrate the copy, then rename it over the old file."""
    target = _file(settings)
    assert target is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    ready = target.parent / f".{target.name}.restoring"
    _remove_sqlite(ready)
    shutil.move(stage.database, ready)
    engines.check_sqlite(ready)
    with closing(Database(replace(stage.settings, database_url=f"sqlite:///{ready}"))) as copy:
        schema.migrate(copy)
        with copy.reading() as db:
            _refuse_faults(db, stage, accept_faults=accept_faults)
    _fold(ready)
    with _shut(target, held=held):
        kept = _keep_old(target) if held else ""
        _bring_files(settings, stage)
        archive.sync(ready)
        ready.rename(target)
        archive.sync(target.parent)
    return kept


def _swap_postgresql(settings: Settings, stage: _Stage, *, held: bool, accept_faults: bool) -> str:
    """Replace the schema in one transaction, which is only committed once it was checked."""
    kept = ""
    if held:
        kept = str(settings.archive.absolute().parent / f"govgrid-replaced-{_now()}.dump")
        engines.dump_postgresql(settings.database_url, Path(kept))
    with (
        closing(Database(settings)) as database,
        database.engine.connect() as connection,
        connection.begin(),
    ):
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        engines.load_postgresql(raw, stage.database)
        schema.upgrade(connection)
        with _looking(connection, stage.settings) as db:
            _refuse_faults(db, stage, accept_faults=accept_faults)
        _bring_files(settings, stage)
    return kept


@contextmanager
def _looking(connection: Connection, settings: Settings) -> Iterator[Session]:
    with Session(connection, info={"settings": settings}, autoflush=False) as db:
        yield db


def _refuse_faults(db: Session, stage: _Stage, *, accept_faults: bool) -> None:
    found = list(islice(faults(db, heads.read(stage.settings)), 5))
    if found and not accept_faults:
        raise Invalid(
            "备份中的数据在备份之前就有问题：%(faults)s。如仍要恢复，请加上 --accept-faults。",
            faults="；".join(found),
        )


def _fold(path: Path) -> None:
    """Put the log into the file, so that one rename moves it all."""
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _shut(target: Path, *, held: bool) -> Iterator[None]:
    """Hold the old database alone while it is replaced. Raise `Conflict` where others use it."""
    if not held:
        yield
        return
    with closing(sqlite3.connect(target, timeout=3, isolation_level=None)) as old:
        try:
            # Leaving the log needs to be alone: a pool's idle connection is company enough.
            old.execute("PRAGMA journal_mode=DELETE")
            old.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise Conflict("数据库正在使用中，请先停止 govgrid serve 和 worker。") from None
        except sqlite3.DatabaseError:
            pass  # damaged: that is why it is replaced
        yield


def _keep_old(target: Path) -> str:
    """Leave the old database under another name; the file of the old name stays till the rename."""
    kept = target.with_name(f"{target.name}.replaced-{_now()}")
    for end in ("-wal", "-shm"):
        log = target.with_name(target.name + end)
        if log.exists():  # of a damaged one only
            log.rename(kept.with_name(kept.name + end))
    os.link(target, kept)
    return str(kept)


def _bring_files(settings: Settings, stage: _Stage) -> None:
    """Put the archive's files where they belong; what is there and sound stays."""
    for name in archive.names(stage.settings.archive):
        target = archive.place(settings.archive, name)
        if target.is_file() and archive.digest_of(target) == name:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        archive.place(stage.settings.archive, name).rename(target)
        archive.sync(target.parent)
    anchored = settings.archive / heads.FILE
    if anchored.is_file():
        anchored.rename(anchored.with_name(f"{anchored.name}.replaced-{_now()}"))
    heads.forget(settings)
    settings.archive.mkdir(parents=True, exist_ok=True)
    if stage.heads.stat().st_size:
        stage.heads.rename(anchored)
    archive.sync(settings.archive)


def _remove_sqlite(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
