"""One file with a consistent copy of database and archive, written while the service runs."""

import errno
import hashlib
import io
import logging
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from govgrid import archive, journal, schema
from govgrid.db import Database
from govgrid.errors import Conflict, Unavailable
from govgrid.journal import heads
from govgrid.upkeep import engines, manifest
from govgrid.upkeep.manifest import Manifest, Part

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """How many archive files went in, the size of the whole in bytes, which were damaged."""

    files: int
    size: int
    damaged: tuple[str, ...]


Look = Callable[[Connection], object]


def backup(database: Database, path: Path, look: Look | None = None) -> Done:
    """Write the backup beside, then give it its name; a kill leaves the file that was there.

    Anchors go in first, then the database, then the archive: what a later part refers to in an
    earlier one is always there. `look` is shown the very state of the database that goes in.
    Raise `Conflict` where the file is something else.
    """
    _refuse_other(database, path)
    _note(database, path)
    with archive.beside(path) as part, _scratch(part) as copy:
        try:
            parts = _write(database, part, copy, look)
        except OSError as error:
            raise _explained(error) from error
    files = [p for p in parts if p.name.startswith("archive/")]
    damaged = tuple(p.name for p in files if Path(p.name).name != p.sha256)
    return Done(len(files), path.stat().st_size, damaged)


def _refuse_other(database: Database, path: Path) -> None:
    if path.is_file() and path.stat().st_size and not _is_tar(path):
        raise Conflict("“%(name)s”已存在，但不是备份文件，未覆盖。", name=str(path))
    if schema.current(database) is None:
        raise Conflict("数据库尚未建立，没有可备份的内容。请先运行 govgrid migrate。")


def _is_tar(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except OSError:
        return False


def _note(database: Database, path: Path) -> None:
    try:
        with database.writing() as db:
            journal.record(db, None, "backup", "installation", path.name[-64:])
    except OperationalError:  # a full disk is no reason to go without a backup
        _log.warning("the backup could not be noted in the journal", exc_info=True)


@contextmanager
def _scratch(part: Path) -> Iterator[Path]:
    """Yield where the database's copy may lie, next to the backup; sweep what a kill left."""
    for left in part.parent.glob(f"{part.name}.*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=part.parent, prefix=f"{part.name}.") as folder:
        yield Path(folder) / manifest.DATABASE


def _write(database: Database, part: Path, copy: Path, look: Look | None) -> list[Part]:
    settings = database.settings
    anchored = settings.archive / heads.FILE
    known = anchored.read_bytes() if anchored.is_file() else b""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    _copy(database, copy, look)
    stands = schema.current(database)
    with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as tar:
        parts = [_add_bytes(tar, manifest.HEADS, known), _add(tar, manifest.DATABASE, copy)]
        copy.unlink()
        parts.extend(
            _add(tar, f"archive/{name[:2]}/{name}", archive.place(settings.archive, name))
            for name in archive.names(settings.archive)
        )
        listed = Manifest(at, database.engine.dialect.name, stands or "", tuple(parts))
        _add_bytes(tar, manifest.NAME, listed.written(settings.secret))
    return parts


def _copy(database: Database, copy: Path, look: Look | None) -> None:
    with database.reading() as db:
        if database.sqlite:
            schema.current_of(
                db.connection()
            )  # from its first read on a transaction sees one state
            source = db.connection().connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            engines.copy_sqlite(source, copy)
        else:
            db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            snapshot = db.scalars(text("SELECT pg_export_snapshot()")).one()
            engines.dump_postgresql(database.settings.database_url, copy, snapshot)
        if look is not None:
            look(db.connection())


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Part:
    with path.open("rb") as file:
        return _add_stream(tar, name, file, path.stat().st_size)


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> Part:
    return _add_stream(tar, name, io.BytesIO(data), len(data))


def _add_stream(tar: tarfile.TarFile, name: str, file: BinaryIO, size: int) -> Part:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, int(time.time()), 0o600
    reader = _Hashing(file)
    tar.addfile(info, reader)
    return Part(name, size, reader.digest.hexdigest())


class _Hashing:
    """A file that hashes what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _explained(error: OSError) -> Unavailable:
    if error.errno == errno.ENOSPC:
        return Unavailable("磁盘空间不足，备份没有写成；原有备份未动。")
    return Unavailable("备份没有写成：%(why)s", why=str(error))
