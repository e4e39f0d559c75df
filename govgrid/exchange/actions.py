"""Verbs of the exchange: upload, map, apply, drop a batch; keep a column map; export."""

from datetime import datetime, timedelta
from typing import Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govgrid import archive, journal
from govgrid.access import Actor, Power
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid
from govgrid.exchange.models import SETTLED, Batch, BatchFile, BatchLine, ColumnMap, Stage
from govgrid.exchange.queries import home
from govgrid.exchange.rules import check_upload
from govgrid.sheets import Kind, Paths

KEPT = timedelta(days=7)  # an upload that nobody applies
MOST_OPEN = 20  # uploads of one person that are not settled


def export(
    database: Database,
    actor: Actor | None,
    kind: Kind,
    stream: BinaryIO,
    name: str,
    paths: Paths,
    area: str = "",
) -> int:
    """Write what lies below the paths, note it in the journal, return the number of rows.

    `area` is the code that the journal names; empty is everything the actor may export.
    """
    write = kind.writer(name)
    with database.reading() as db:
        count = write(stream, kind.rows(db, paths))
    with database.writing() as db:
        journal.record(db, actor, "export", kind.key, area or "*", rows=count, file=name[-120:])
    return count


def upload(
    db: Session,
    actor: Actor,
    kind: Kind,
    name: str,
    data: bytes,
    *,
    at: datetime,
    crs: str | None = None,
    repair: bool = False,
    source: ColumnMap | None = None,
) -> Batch:
    """Take in a file for the worker to check. Raise `Invalid` where it is none of that kind."""
    check_upload(kind, name, data)
    open_ones = select(Batch.id).where(
        Batch.account_id == actor.account_id, Batch.stage.not_in(SETTLED)
    )
    if len(db.scalars(open_ones.limit(MOST_OPEN)).all()) == MOST_OPEN:
        raise Invalid("您有 %(n)s 次导入尚未完成，请先确认或放弃其中几次。", n=MOST_OPEN)
    batch = Batch(
        account_id=actor.account_id,
        kind=kind.key,
        name=name[-120:],
        sha256=archive.digest(data),
        crs=crs,
        repair=repair,
        map_id=source.id if source else None,
        columns=dict(source.columns) if source else {},
        words=dict(source.words) if source else {},
        stage=Stage.CHECKING,
        uploaded_at=at,
        found=[],
        counts={},
        notes=[],
    )
    db.add(batch)
    db.flush()
    db.add(BatchFile(batch_id=batch.id, data=data))
    journal.record(db, actor, "upload", kind.key, batch.id, file=batch.name, sha256=batch.sha256)
    return batch


def remap(
    db: Session, actor: Actor, batch: Batch, columns: dict[str, str], words: dict[str, Any]
) -> None:
    """Have the batch checked anew with this mapping."""
    if batch.stage not in {Stage.MAPPING, Stage.CHECKED, Stage.REFUSED} or not _has_file(db, batch):
        raise Conflict("这次导入正在处理或已经完成，不能再调整列对应。")
    before = journal.image(batch, "columns", "words")
    batch.columns, batch.words = columns, words
    after = journal.image(batch, "columns", "words")
    journal.record(db, actor, "remap", batch.kind, batch.id, before=before, after=after)
    batch.stage, batch.refusal, batch.done, batch.settled_at = Stage.CHECKING, None, 0, None


def _has_file(db: Session, batch: Batch) -> bool:
    return db.scalar(select(BatchFile.batch_id).where(BatchFile.batch_id == batch.id)) is not None


def keep_map(db: Session, actor: Actor, batch: Batch, name: str, *, at: datetime) -> ColumnMap:
    """Remember the batch's mapping under the name of its source."""
    known = db.scalar(select(ColumnMap).where(ColumnMap.kind == batch.kind, ColumnMap.name == name))
    area = home(db, actor)
    if known is None:
        known = ColumnMap(kind=batch.kind, name=name, area_id=area.id)
        db.add(known)
    else:
        check_owner(db, actor, known)
    known.columns, known.words, known.changed_at = dict(batch.columns), dict(batch.words), at
    db.flush()
    batch.map_id = known.id
    journal.record(db, actor, "keep", "column_map", known.id, kind=batch.kind, name=name)
    return known


def check_owner(db: Session, actor: Actor, source: ColumnMap) -> None:
    """Raise `Conflict` where the map belongs to an area in which the actor does not import."""
    path = db.get_one(type(home(db, actor)), source.area_id).path
    if not actor.may(Power.KEEP, path):
        raise Conflict("“%(name)s”由其他区域维护，请换一个来源名称。", name=source.name)


def rename_map(
    db: Session,
    actor: Actor,
    source: ColumnMap,
    name: str,
    columns: dict[str, str],
    *,
    at: datetime,
) -> None:
    """Change a remembered mapping."""
    check_owner(db, actor, source)
    taken = select(ColumnMap.id).where(
        ColumnMap.kind == source.kind, ColumnMap.name == name, ColumnMap.id != source.id
    )
    if db.scalar(taken) is not None:
        raise Conflict("已有名为“%(name)s”的来源，请换一个名称。", name=name)
    before = journal.image(source, "name", "columns")
    source.name, source.columns, source.changed_at = name, columns, at
    after = journal.image(source, "name", "columns")
    journal.record(db, actor, "change", "column_map", source.id, before=before, after=after)


def forget_map(db: Session, actor: Actor, source: ColumnMap) -> None:
    """Forget a remembered mapping; batches keep their copy of it."""
    check_owner(db, actor, source)
    journal.record(db, actor, "forget", "column_map", source.id, name=source.name)
    db.delete(source)


def apply(db: Session, actor: Actor, batch: Batch, digest: str) -> None:
    """Have the worker write what the preview with that digest showed.

    Each row's right is asked again where it is written.
    """
    if batch.stage is not Stage.CHECKED or batch.digest != digest:
        raise Conflict("预览已经更新，请刷新页面，核对新的预览后再确认。")
    batch.stage, batch.done, batch.refusal = Stage.APPLYING, 0, None
    journal.record(db, actor, "confirm", batch.kind, batch.id, file=batch.name)


def drop(db: Session, actor: Actor, batch: Batch) -> None:
    """Give a batch up: its file and preview go."""
    if batch.stage is Stage.APPLYING:
        raise Conflict("正在写入，不能放弃。请等待完成。")
    journal.record(db, actor, "drop", batch.kind, batch.id, file=batch.name)
    for table in (BatchLine, BatchFile):
        db.execute(delete(table).where(table.batch_id == batch.id))
    db.delete(batch)


def clear_old(db: Session, at: datetime) -> int:
    """Remove what was uploaded long ago: files and lines of all, batches that nobody applied."""
    old = select(Batch.id).where(Batch.uploaded_at < at - KEPT, Batch.stage != Stage.APPLIED)
    stale = list(db.scalars(old.limit(100)))
    if stale:
        for table in (BatchLine, BatchFile):
            db.execute(delete(table).where(table.batch_id.in_(stale)))
        db.execute(delete(Batch).where(Batch.id.in_(stale)))
    return len(stale)
