"""Whether this server can answer people, and whether it can keep what they send."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from govgrid import schema
from govgrid.db import Database

LEAST = 64 * 1024**2  # bytes that must be free where this server itself writes
_TAKES_NO_WRITES = text(
    "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool"
)

_stopping = threading.Event()


def unready(database: Database, *, to_read: bool = False) -> str:
    """Return why this server should not be asked, "" where it should be.

    `to_read`: only what keeps it from answering readers counts.
    """
    if _stopping.is_set():
        return "stopping"
    why = _database(database, to_read=to_read)
    return why if why or to_read else _room(database)


def _database(database: Database, *, to_read: bool) -> str:
    try:
        with database.engine.connect() as connection:
            why = schema.unfit(connection)
            refuses = not database.sqlite and connection.scalar(_TAKES_NO_WRITES)
    except SQLAlchemyError as error:
        if to_read and database.standby_near():
            return ""
        said = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        return f"database out of reach: {said}"
    if why or to_read:
        return why
    return "database read-only" if refuses else ""


def _room(database: Database) -> str:
    if database.refused_for_room():
        return "disk of the database full"
    if database.sqlite:
        file = Path(make_url(database.settings.database_url).database or "").absolute()
        if file.is_file() and not os.access(file, os.W_OK):
            return f"database read-only: {file}"
        if _free(file.parent) < LEAST:
            return f"disk of the database full: {file.parent}"
    folder = database.settings.archive.absolute()
    return f"disk of the archive full: {folder}" if _free(folder) < LEAST else ""


def _free(folder: Path) -> int:
    """Return the bytes free where the folder is, or will be."""
    while not folder.is_dir():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@contextmanager
def leaving_slowly(seconds: int) -> Iterator[None]:
    """On SIGTERM, go on for so long as one that should not be asked; then stop as before.

    A balancer sends nothing more meanwhile: a request on a connection that is just being closed
    would be lost.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _after(seconds, before))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        _stopping.clear()


def _after(
    seconds: int, before: Callable[[int, FrameType | None], object] | int | None
) -> Callable[[int, FrameType | None], None]:
    def leave(number: int, frame: FrameType | None) -> None:
        if _stopping.is_set() or not callable(before):
            return
        _stopping.set()
        waiting = threading.Timer(seconds, before, (number, frame))
        waiting.daemon = True
        waiting.start()

    return leave
