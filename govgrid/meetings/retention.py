"""The worker's step that lets go of the text of mails whose time is over."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.db import Database
from govgrid.journal.retention import MONTH
from govgrid.meetings.models import IncomingMail

BATCH = 500  # mails a transaction


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
