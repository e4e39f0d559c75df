"""The worker's steps that let go of the text of mails, and of letters, whose time is over."""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.cases.queries.calls import open_cases
from govgrid.db import Database
from govgrid.journal.retention import MONTH
from govgrid.meetings.models import IncomingMail
from govgrid.meetings.queries.sending import open_meetings
from govgrid.months import Month, drop_month, in_rest, months_of
from govgrid.outbox.models import Letter

BATCH = 500  # mails or letters a transaction
_LETTERS = cast("Table", Letter.__table__)


def forget_mails(database: Database, at: datetime) -> int:
    """Empty the oldest mails past retention, one batch; return how many.

    What each said and what was done with it stays.
    """
    limit = at - database.settings.mail_months * MONTH
    with database.reading() as db:
        if not _past(db, limit, 1):
            return 0
    with database.writing() as db:
        numbers = _past(db, limit, BATCH)
        if numbers:
            old = update(IncomingMail).where(
                IncomingMail.id.in_(numbers), IncomingMail.raw.is_not(None)
            )
            db.execute(old.values(raw=None))
            journal.record(db, None, "forget_mails", "mails", numbers[-1], mails=len(numbers))
        return len(numbers)


def _past(db: Session, limit: datetime, most: int) -> list[int]:
    oldest = select(IncomingMail.id).where(
        IncomingMail.raw.is_not(None), IncomingMail.received_at < limit
    )
    return list(db.scalars(oldest.order_by(IncomingMail.received_at).limit(most)))


def forget_letters(database: Database, at: datetime) -> int:
    """Let a month of letters past retention go, or one batch; return how many.

    Those stay that have not left, or that speak of something open.
    """
    limit = at - database.settings.letter_months * MONTH
    with database.writing() as db:
        return _forget_month(db, limit) or _forget_some(db, limit)


def _forget_month(db: Session, limit: datetime) -> int:
    """Drop the oldest month that is past retention whole and holds nothing that is needed."""
    for month in months_of(db, _LETTERS):
        if month.end <= limit and not _needed(db, month):
            drop_month(db, month)
            journal.record(db, None, "forget_letters", "letters", month.name)
            return 1
    return 0


def _needed(db: Session, month: Month) -> bool:
    within = and_(Letter.queued_at >= month.start, Letter.queued_at < month.end)
    waiting = and_(Letter.sent_at.is_(None), Letter.dead_at.is_(None))
    found = (select(Letter.id).where(within, one).limit(1) for one in (waiting, _spoken()))
    return any(db.scalar(one) is not None for one in found)


def _forget_some(db: Session, limit: datetime) -> int:
    """Delete one batch of those that lie in no month of their own."""
    over = or_(Letter.sent_at < limit, Letter.dead_at < limit)
    old = select(Letter.id).where(over, in_rest(db, _LETTERS), ~_spoken()).limit(BATCH)
    numbers = list(db.scalars(old))
    if numbers:
        db.execute(delete(Letter).where(Letter.id.in_(numbers)))
        journal.record(db, None, "forget_letters", "letters", numbers[-1], letters=len(numbers))
    return len(numbers)


def _spoken() -> ColumnElement[bool]:
    return or_(*(Letter.subject_of.in_(one) for one in (open_meetings(), open_cases())))
