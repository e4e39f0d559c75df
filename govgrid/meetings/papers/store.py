"""The paper of minutes: printed once from the signed record, then kept in the archive."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from govgrid import archive, journal
from govgrid.db import Database
from govgrid.errors import Conflict, Refusal
from govgrid.meetings.models import Meeting, Minutes, MinutesStage
from govgrid.meetings.papers.from_record import document_of
from govgrid.meetings.papers.minutes import print_minutes
from govgrid.meetings.queries.texts import keep_text
from govgrid.meetings.record import Record
from govgrid.meetings.rules.minutes import spoken
from govgrid.press.binding import opened
from govgrid.press.press import Press
from govgrid.settings import Settings

BATCH = 4
BACK = timedelta(hours=1)
_log = logging.getLogger(__name__)


def paper(press: Press, settings: Settings, minutes: Minutes) -> bytes:
    """Return the PDF of signed minutes; the same record always gives the same bytes."""
    if minutes.stage is not MinutesStage.SIGNED or minutes.record is None:
        raise Conflict("纪要尚未签发，没有正式文件。")
    if minutes.paper:
        return archive.fetch(settings.archive, minutes.paper)
    return _printed(press, settings, minutes.record)


def draft_of(press: Press, settings: Settings, record: Record, stage: str) -> bytes:
    """Return the PDF of what is not signed yet, marked as what it is."""
    return _printed(press, settings, record, stage)


def print_records(
    press: Press, settings: Settings, records: Iterable[Record]
) -> list[bytes | Refusal]:
    """Return each record's PDF, or why it has none; the files of a few are in memory at a time."""
    return press.many(partial(_printed, press, settings), records)


def _printed(press: Press, settings: Settings, record: Record, stage: str = "") -> bytes:
    folder = settings.archive
    document = document_of(record, settings.public_url, settings.mailbox, stage, folder)
    return print_minutes(press, document)


def print_waiting(press: Press) -> Callable[[Database, datetime], int]:
    """Return the worker's step that archives signed minutes: paper, pages, searchable text.

    What fails stands back for an hour, so that it holds nothing else up.
    """
    standing_back: dict[int, datetime] = {}

    def archive_some(database: Database, at: datetime) -> int:
        later = [number for number, until in standing_back.items() if until > at]
        with database.reading() as db:
            waiting = [
                (one.id, one.record or {}, one.paper) for one in db.scalars(_unarchived(later))
            ]
        papers = _papers(press, database.settings, waiting) if waiting else {}
        for number, pdf in papers.items():
            if isinstance(pdf, Refusal):
                _log.error("minutes %s cannot be archived: %s", number, pdf)
                standing_back[number] = at + BACK
                continue
            with database.writing() as db:
                file_away(db, db.get_one(Minutes, number), pdf, at=at)
        return sum(isinstance(pdf, bytes) for pdf in papers.values())

    return archive_some


def _papers(
    press: Press, settings: Settings, waiting: Sequence[tuple[int, Record, str | None]]
) -> dict[int, bytes | Refusal]:
    """Return each one's paper, kept already or printed now, or why it has none."""
    papers: dict[int, bytes | Refusal] = {}
    new = [(number, record) for number, record, kept in waiting if kept is None]
    printed = print_records(press, settings, (record for _number, record in new))
    papers |= zip((number for number, _record in new), printed, strict=True)
    for number, _record, kept in waiting:
        if kept is not None:
            try:
                papers[number] = archive.fetch(settings.archive, kept)
            except Refusal as refusal:
                papers[number] = refusal
    return papers


def _unarchived(but: Sequence[int]) -> Select[Minutes]:
    return (
        select(Minutes)
        .where(
            Minutes.stage == MinutesStage.SIGNED,
            Minutes.archived_at.is_(None),
            Minutes.id.not_in(but),
        )
        .order_by(Minutes.id)
        .limit(BATCH)
    )


def file_away(db: Session, minutes: Minutes, pdf: bytes, *, at: datetime) -> None:
    """Keep the paper of signed minutes under its hash, and their text where it is found."""
    if minutes.archived_at is not None or minutes.record is None:
        return
    settings: Settings = db.info["settings"]
    with opened(pdf) as document:
        minutes.pages = len(document.pages)
    minutes.paper = archive.keep(settings.archive, pdf)
    minutes.archived_at = at
    meeting = db.get_one(Meeting, minutes.meeting_id)
    keep_text(db, minutes, spoken(minutes.record), meeting.community_id, meeting.month)
    after = journal.image(minutes, "paper", "pages", "retention")
    journal.record(db, None, "archive", "minutes", minutes.id, after=after)
