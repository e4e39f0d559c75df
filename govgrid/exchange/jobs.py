"""The worker's step: check one waiting batch or write it, with signs of progress."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.accounts.queries import actor_of
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, Refusal
from govgrid.exchange.actions import clear_old
from govgrid.exchange.models import WAITING, Batch, BatchFile, BatchLine, Sort, Stage
from govgrid.exchange.refusals import told
from govgrid.exchange.rules import suggest
from govgrid.sheets import How, Kind, Outcome, RowError, SheetMap, headings, plain, read_sheet
from govgrid.words import N_

LEASE = timedelta(minutes=10)
MOST_NOTES = 40
EVERY = 0.5  # seconds between two signs of progress
_UNUSED = N_("未使用的列：%(heading)s")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """A leased batch, apart from any session."""

    database: Database
    kind: Kind
    number: int
    account_id: int
    name: str
    stage: Stage
    crs: str | None
    repair: bool
    digest: str | None
    mapping: SheetMap
    data: bytes = field(repr=False)
    at: datetime
    told_at: float = 0

    def tick(self, rows: int) -> None:
        """Note how many rows were read, not too often."""
        if time.monotonic() - self.told_at < EVERY:
            return
        self.told_at = time.monotonic()
        with self.database.writing() as db:
            db.execute(update(Batch).where(Batch.id == self.number).values(done=rows))

    def load(self, db: Session, actor: Actor, how: How) -> Outcome:
        """Run the importer in this session; one that only reads makes it a dry run."""
        options: dict[str, Any] = {}
        if self.kind.columns:
            options["how"] = how
        elif self.kind.key == "boundaries":
            options |= {"crs": self.crs, "repair": self.repair}
        return self.kind.load(db, actor, self.data, self.name, at=self.at, **options)

    def actor(self, db: Session) -> Actor:
        """Return who uploaded it. Raise `Forbidden` where that account is shut meanwhile."""
        found = actor_of(db, self.account_id, self.at)
        if found is None:
            raise Forbidden("上传者的账号已停用，未导入。")
        return found


def work_off(kinds: Mapping[str, Kind]) -> Callable[[Database, datetime], int]:
    """Return the worker's step that takes one waiting batch as far as it goes."""

    def take_one(database: Database, at: datetime) -> int:
        with database.writing() as db:
            job = _lease(db, database, kinds, at)
            cleared = clear_old(db, at) if job is None else 0
        if job is None:
            return cleared
        try:
            (_check if job.stage is Stage.CHECKING else _write)(job)
        except Refusal as refusal:
            _refuse(job, refusal)
        except Exception:  # noqa: BLE001  # told to whoever uploaded; the worker goes on
            _log.exception("batch %s failed", job.number)
            _refuse(job, Invalid("处理此文件时系统出错，没有写入任何数据。请联系管理员。"))
        return 1

    return take_one


def _lease(db: Session, database: Database, kinds: Mapping[str, Kind], at: datetime) -> Job | None:
    free = or_(Batch.leased_until.is_(None), Batch.leased_until < at)
    batch = db.scalar(
        select(Batch)
        .where(Batch.stage.in_(WAITING), free)
        .order_by(Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if batch is None:
        return None
    batch.leased_until = at + LEASE
    data = db.scalars(select(BatchFile.data).where(BatchFile.batch_id == batch.id)).one()
    mapping = SheetMap(batch.columns, batch.words)
    return Job(
        database, kinds[batch.kind], batch.id, batch.account_id, batch.name, batch.stage,
        batch.crs, batch.repair, batch.digest, mapping, data, at,
    )  # fmt: skip


def _check(job: Job) -> None:
    """Say what an import would do, or ask for a mapping."""
    found = headings(job.data, job.name, job.kind.columns, job.mapping) if job.kind.columns else []
    with job.database.reading() as db:
        actor = job.actor(db)
        try:
            outcome = job.load(db, actor, How(job.mapping, job.tick))
        except Invalid as refusal:
            if not found or _complete(job, [heading.text for heading in found]):
                raise
            outcome, asked = None, refusal
    with job.database.writing() as db:
        batch = _still(db, job)
        batch.found = [asdict(heading) for heading in found]
        if outcome is None:
            batch.stage, batch.refusal = Stage.MAPPING, told(asked) if batch.columns else None
            if not batch.columns:
                batch.columns = suggest([heading.text for heading in found], job.kind.columns)
        else:
            _show(db, batch, outcome)


def _complete(job: Job, texts: list[str]) -> bool:
    """Tell whether every required column is there, so that a mapping would not help."""
    own = {plain(column.heading): column.key for column in job.kind.columns}
    there = {job.mapping.columns.get(plain(text)) or own.get(plain(text)) for text in texts}
    return all(column.key in there for column in job.kind.columns if column.required)


def _show(db: Session, batch: Batch, outcome: Outcome) -> None:
    """Keep the preview: counts, and the first lines of each sort."""
    batch.counts = {
        "rows": outcome.rows,
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "wrong": outcome.wrong,
    }
    batch.digest = outcome.digest
    batch.notes = [
        {"message": _UNUSED, "params": {"heading": heading}}
        for heading in outcome.ignored[:MOST_NOTES]
    ]
    batch.notes += [told(_mended(one)) for one in outcome.mended[:MOST_NOTES]]
    batch.stage = Stage.REFUSED if outcome.errors else Stage.CHECKED
    db.execute(delete(BatchLine).where(BatchLine.batch_id == batch.id))
    if lines := [{"batch_id": batch.id, **line} for line in _lines(outcome)]:
        db.execute(insert(BatchLine), lines)


def _mended(one: RowError) -> Refusal:
    return Invalid("已修复 %(area)s：%(how)s", area=one.value, how=one.reason)


def _lines(outcome: Outcome) -> list[dict[str, Any]]:
    new = [
        {"sort": Sort.NEW, "row": row, "label": label, "told": {}}
        for row, label in outcome.changes.new
    ]
    changed = [
        {"sort": Sort.CHANGED, "row": c.row, "label": c.label, "told": {"cells": c.cells}}
        for c in outcome.changes.changed
    ]
    wrong = [
        {
            "sort": Sort.WRONG,
            "row": error.row,
            "label": error.value,
            "told": {
                "column": error.column,
                "reason": told(error.reason),
                "cells": outcome.bad.get(error.row, {}),
            },
        }
        for error in outcome.errors
    ]
    return new + changed + wrong


def _write(job: Job) -> None:
    """Write the batch in one transaction, if it still does what the preview said."""
    how = How(job.mapping, job.tick)
    if job.kind.columns:  # read before the transaction, which keeps others from writing
        how.ahead = read_sheet(job.data, job.name, job.kind.columns, how)
    with job.database.writing() as db:
        batch, actor = _still(db, job), job.actor(db)
        outcome = job.load(db, actor, how)
        if outcome.digest != job.digest:
            raise Conflict("预览之后系统中的数据已有变化，没有写入。请核对新的预览后再确认。")
        after = job.kind.follow_up
        notes = after(db, actor, job.data) if after else []
        batch.notes = [note._asdict() for note in notes]  # its public name
        batch.stage, batch.settled_at = Stage.APPLIED, job.at
        for table in (BatchLine, BatchFile):
            db.execute(delete(table).where(table.batch_id == batch.id))


def _still(db: Session, job: Job) -> Batch:
    """Return the batch, its lease given back. Raise `Conflict` where it is not at that stage."""
    batch = db.scalar(select(Batch).where(Batch.id == job.number).with_for_update())
    if batch is None or batch.stage is not job.stage:
        raise Conflict("这次导入已被放弃。")
    batch.leased_until = None
    return batch


def _refuse(job: Job, refusal: Refusal) -> None:
    """Note the refusal; where only the state has changed, check again."""
    with job.database.writing() as db:
        batch = db.get(Batch, job.number)
        if batch is None or batch.stage is not job.stage:
            return
        again = isinstance(refusal, Conflict)
        batch.stage = Stage.CHECKING if again else Stage.REFUSED
        batch.refusal, batch.leased_until = told(refusal), None
