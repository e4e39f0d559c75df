"""The paper of minutes: printed once from the signed record, then kept in the archive."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from govgrid import archive
from govgrid.db import Database
from govgrid.errors import Conflict, Refusal
from govgrid.meetings.models import Minutes, MinutesStage
from govgrid.meetings.papers.from_record import document_of
from govgrid.meetings.papers.minutes import print_many, print_minutes
from govgrid.press.press import Press
from govgrid.settings import Settings

BATCH = 4


def paper(press: Press, settings: Settings, minutes: Minutes) -> bytes:
    """Return the PDF of signed minutes; the same record always gives the same bytes."""
    if minutes.stage is not MinutesStage.SIGNED or minutes.record is None:
        raise Conflict("纪要尚未签发，没有正式文件。")
    if minutes.paper:
        return archive.fetch(settings.archive, minutes.paper)
    return print_minutes(press, document_of(minutes.record, settings.public_url, settings.mailbox))


def print_waiting(press: Press) -> Callable[[Database, datetime], int]:
    """Return the worker's step that prints signed minutes and notes where they are kept."""

    def print_some(database: Database, _at: datetime) -> int:
        settings = database.settings
        with database.reading() as db:
            waiting = db.execute(
                select(Minutes.id, Minutes.record)
                .where(Minutes.stage == MinutesStage.SIGNED, Minutes.paper.is_(None))
                .order_by(Minutes.id)
                .limit(BATCH)
            ).all()
        documents = [
            document_of(record or {}, settings.public_url, settings.mailbox)
            for _number, record in waiting
        ]
        printed = print_many(press, documents)
        done = 0
        for (number, _record), pdf in zip(waiting, printed, strict=True):
            if isinstance(pdf, Refusal):
                continue
            name = archive.keep(settings.archive, pdf)
            with database.writing() as db:
                db.get_one(Minutes, number).paper = name
            done += 1
        return done

    return print_some
