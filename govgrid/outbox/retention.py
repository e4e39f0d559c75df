"""The worker's step that lets go of letters whose time is over and that nothing open speaks of."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Select, Table, and_, delete, or_, select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.db import Database
from govgrid.journal.retention import MONTH
from govgrid.months import Month, drop_month, in_rest, months_of
from govgrid.outbox.models import Letter
from govgrid.outbox.worker import Step

BATCH = 500  # letters a transaction
Open = Sequence[Select[tuple[str]]]
_TABLE = cast("Table", Letter.__table__)


def forgetting_letters(subjects: Open) -> Step:
    """Return the step; each of `subjects` selects what letters about something open are filed under."""

    def forget_letters(database: Database, at: datetime) -> int:
        limit = at - database.settings.letter_months * MONTH
        with database.writing() as db:
            return _forget_month(db, limit, subjects) or _forget_some(db, limit, subjects)

    return forget_letters


def _forget_month(db: Session, limit: datetime, subjects: Open) -> int:
    """Drop the oldest month that is past retention whole and holds nothing that is needed."""
    for month in months_of(db, _TABLE):
        if month.end <= limit and not _needed(db, month, subjects):
            drop_month(db, month)
            journal.record(db, None, "forget_letters", "letters", month.name)
            return 1
    return 0


def _needed(db: Session, month: Month, subjects: Open) -> bool:
    within = and_(Letter.queued_at >= month.start, Letter.queued_at < month.end)
    waiting = and_(Letter.sent_at.is_(None), Letter.dead_at.is_(None))
    found = (select(Letter.id).where(within, one).limit(1) for one in (waiting, _spoken(subjects)))
    return any(db.scalar(one) is not None for one in found)


def _forget_some(db: Session, limit: datetime, subjects: Open) -> int:
    """Delete one batch of those that lie in no month of their own."""
    over = or_(Letter.sent_at < limit, Letter.dead_at < limit)
    old = select(Letter.id).where(over, in_rest(db, _TABLE), ~_spoken(subjects)).limit(BATCH)
    numbers = list(db.scalars(old))
    if numbers:
        db.execute(delete(Letter).where(Letter.id.in_(numbers)))
        journal.record(db, None, "forget_letters", "letters", numbers[-1], letters=len(numbers))
    return len(numbers)


def _spoken(subjects: Open) -> ColumnElement[bool]:
    return or_(*(Letter.subject_of.in_(one) for one in subjects))
