"""The worker's step that binds a street's minutes: a few at a time, what fails is left out and named."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import pikepdf
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from govgrid import archive
from govgrid.db import Database
from govgrid.errors import Conflict, Refusal
from govgrid.meetings.models import Meeting, Minutes, MinutesPrint
from govgrid.meetings.papers.binding import entry_of, title_of
from govgrid.meetings.papers.bundle import Entry, bundle
from govgrid.meetings.papers.store import print_records
from govgrid.press.binding import opened
from govgrid.press.press import Press

BATCH = 12
"""Minutes made ready before letters and other work get their turn."""
LEASE = timedelta(minutes=5)
_Ready = tuple[int, bytes | str]


def bind_waiting(press: Press) -> Callable[[Database, datetime], int]:
    """Return the step; it returns how many minutes it made ready or left out."""

    def bind_some(database: Database, at: datetime) -> int:
        with database.writing() as db:
            job = _lease(db, at)
            if job is None:
                return 0
            number, taken = job.id, list(job.waiting[:BATCH])
        ready = _ready(press, database, taken)
        with database.writing() as db:
            done = _note(db, number, taken, ready)
        if done:
            _finish(press, database, number, at)
        return max(1, len(taken))

    return bind_some


def _lease(db: Session, at: datetime) -> MinutesPrint | None:
    free = or_(MinutesPrint.leased_until.is_(None), MinutesPrint.leased_until < at)
    job = db.scalar(
        select(MinutesPrint)
        .where(MinutesPrint.finished_at.is_(None), free)
        .order_by(MinutesPrint.asked_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is not None:
        job.leased_until = at + LEASE
        db.flush()
    return job


def _ready(press: Press, database: Database, taken: Sequence[int]) -> list[_Ready]:
    """Return each one's bytes, archived or printed now, or why it has none."""
    settings = database.settings
    with database.reading() as db:
        found = {m.id: m for m in db.scalars(select(Minutes).where(Minutes.id.in_(taken)))}
    new = [m for m in found.values() if m.paper is None and m.record is not None]
    made = print_records(press, settings, (m.record or {} for m in new))
    printed = dict(zip((m.id for m in new), made, strict=True))
    ready: list[_Ready] = []
    for number in taken:
        try:
            ready.append((number, _sound(database, found.get(number), printed.get(number))))
        except (Refusal, pikepdf.PdfError, OSError) as error:
            ready.append((number, str(error)))
    return ready


def _sound(database: Database, minutes: Minutes | None, pdf: bytes | Refusal | None) -> bytes:
    """Return the bytes of a paper that opens. Raise what is wrong with it."""
    if isinstance(pdf, Refusal):
        raise pdf
    if minutes is None or minutes.record is None:
        raise Conflict("纪要尚未签发，没有正式文件。")
    data = pdf or archive.fetch(database.settings.archive, minutes.paper or "")
    with opened(data):
        return data


def _note(db: Session, number: int, taken: Sequence[int], ready: Sequence[_Ready]) -> bool:
    """Note what is ready; return whether nothing waits any more."""
    folder = db.info["settings"].archive
    job = db.get_one(MinutesPrint, number)
    job.waiting = [one for one in job.waiting if one not in taken]
    job.parts = [
        *job.parts,
        *((one, archive.keep(folder, it)) for one, it in ready if isinstance(it, bytes)),
    ]
    job.skipped = [*job.skipped, *((one, it) for one, it in ready if isinstance(it, str))]
    job.leased_until = None
    return not job.waiting


def _finish(press: Press, database: Database, number: int, at: datetime) -> None:
    """Bind what is ready, and name in the register what is not in it."""
    with database.reading() as db:
        job = db.get_one(MinutesPrint, number, options=[joinedload(MinutesPrint.area)])
        entries, left = _entries(db, job)
    paper = None
    if entries:
        data = bundle(press, title_of(job.area, job.month), entries, at, (*left, *job.missing))
        paper = archive.keep(database.settings.archive, data)
    with database.writing() as db:
        job = db.get_one(MinutesPrint, number)
        job.finished_at, job.paper = at, paper


def _entries(db: Session, job: MinutesPrint) -> tuple[list[Entry], list[str]]:
    """Return what is bound, in order, and a line for each that failed."""
    folder = db.info["settings"].archive
    ids = [number for number, _ in (*job.parts, *job.skipped)]
    rows = db.scalars(
        select(Minutes)
        .where(Minutes.id.in_(ids))
        .options(
            joinedload(Minutes.signer), joinedload(Minutes.meeting).joinedload(Meeting.community)
        )
    )
    found = {one.id: one for one in rows}
    entries = [
        entry_of(found[number].meeting, found[number], partial(archive.fetch, folder, kept))
        for number, kept in job.parts
        if number in found
    ]
    left = [f"{found[n].meeting.title}：{why}" for n, why in job.skipped if n in found]
    return entries, left
