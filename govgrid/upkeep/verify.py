"""Prove that nothing was touched: the journal's chain, the archive's files, the signed records."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from govgrid import archive, journal
from govgrid.db import Database
from govgrid.holders import FILES
from govgrid.journal import heads
from govgrid.journal.heads import Anchor
from govgrid.meetings.models import Minutes
from govgrid.meetings.record import record_hash

BATCH = 500


def verify(database: Database) -> Iterator[str]:
    """Yield every fault in one sentence; memory stays bounded however long the journal is."""
    # Read first: the anchors must not be newer than the lines.
    anchors = heads.read(database.settings)
    with database.reading() as db:
        yield from faults(db, anchors)
    yield from _damaged(database.settings.archive)


def faults(db: Session, anchors: Sequence[Anchor]) -> Iterator[str]:
    """Yield what is wrong in the database, and which files it misses."""
    for fault in journal.prove(db, anchors):
        yield fault.said
    yield from _records(db)
    yield from _missing(db)


def lines(database: Database) -> int:
    """Return how many lines the journal has."""
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(journal.Entry)) or 0


def _records(db: Session) -> Iterator[str]:
    signed = select(Minutes.id, Minutes.record, Minutes.record_hash).where(
        Minutes.record_hash.is_not(None)
    )
    for number, record, known in db.execute(signed.execution_options(yield_per=BATCH)):
        if record is None or record_hash(record) != known:
            yield f"会议纪要 {number} 的签发记录与其校验值不符"


def _missing(db: Session) -> Iterator[str]:
    folder = db.info["settings"].archive
    for word, column in FILES.items():
        (number,) = inspect(column.class_).primary_key
        named = select(number, column).where(column.is_not(None))
        for known, name in db.execute(named.execution_options(yield_per=BATCH)):
            if name and not archive.place(folder, name).is_file():
                yield f"{word} {known} 的存档文件缺失：{name}"


def _damaged(folder: Path) -> Iterator[str]:
    for name in archive.names(folder):
        if archive.digest_of(archive.place(folder, name)) != name:
            yield f"存档文件已损坏：{archive.place(folder, name)}"
