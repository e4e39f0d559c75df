"""Let go of lines whose time is over, and leave a sealed cut from which the chain goes on."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.journal import heads, seals
from govgrid.journal.models import Cut, Entry
from govgrid.journal.writing import end, lock, record, root
from govgrid.months import Month, drop_month, in_rest, months_of

BATCH = 20_000
MONTH = timedelta(days=31)  # never shorter than a calendar month
_TABLE = cast("Table", Entry.__table__)


def trim(database: Database, at: datetime) -> int:
    """Remove one month past retention, or one batch where no month lies apart; return how many.

    Oldest first: a worker's step. The cut, its seal and the removal are one transaction. Lines bear
    the real clock, which runs beside the demo's.
    """
    settings = database.settings
    limit = at - settings.ahead - settings.journal_months * MONTH
    with database.reading() as db:
        if _due(db, limit) is None:
            return 0
    with database.writing() as db:
        lock(db)
        if (due := _due(db, limit)) is None:
            return 0
        last, month = due
        heads.anchor(settings, root(db), *end(db), surely=True)
        return _cut(db, last, month)


def _due(db: Session, limit: datetime) -> tuple[Entry, Month | None] | None:
    """Return the last line that may go, and the month that goes with it, if one may go whole.

    The newest line always stays.
    """
    month = _oldest_month(db)
    if month is None:
        last = _last_before(db, limit)
        return (last, None) if last else None
    within = (Entry.at >= month.start, Entry.at < month.end)
    number = db.scalar(select(func.max(Entry.id)).where(*within))
    if month.end > limit or number is None:
        return None
    # Of requests that wrote at its end some were sealed before its last line, and go with it.
    younger = select(Entry.id).where(Entry.id <= number, Entry.at >= limit).limit(1)
    newer = select(Entry.id).where(Entry.id > number).limit(1)
    if db.scalar(younger) is not None or db.scalar(newer) is None:
        return None
    return db.get_one(Entry, number), month


def _oldest_month(db: Session) -> Month | None:
    """Return the month in whose partition the very first line lies."""
    oldest = select(Entry.at, in_rest(db, _TABLE)).order_by(Entry.id).limit(1)
    at, apart = db.execute(oldest).one_or_none() or (None, True)
    if at is None or apart:
        return None
    return next((m for m in months_of(db, _TABLE) if m.start <= at < m.end), None)


def _last_before(db: Session, limit: datetime) -> Entry | None:
    """Return the last line of the oldest batch that is older than the limit.

    Only a run of old lines from the very first is cut: a clock once set wrong cannot tear the
    chain. Where a month begins that lies apart, it ends.
    """
    lines = select(Entry.id, Entry.at, in_rest(db, _TABLE)).order_by(Entry.id).limit(BATCH + 1)
    oldest = db.execute(lines).all()
    due = list(takewhile(lambda line: line.at < limit and line[2], oldest[:-1]))
    return db.get(Entry, due[-1].id) if due else None


def _cut(db: Session, last: Entry, month: Month | None) -> int:
    before = db.scalar(select(Cut.seal).order_by(Cut.last_id.desc()).limit(1)) or ""
    cut = Cut(
        last_id=last.id,
        at=datetime.now(UTC).replace(microsecond=0),
        last_at=last.at,
        last_seal=last.seal,
        root=root(db),
    )
    cut.seal = seals.of_cut(db.info["settings"].secret, before, cut)
    db.add(cut)
    db.flush()
    lines = db.scalar(select(func.count()).where(Entry.id <= last.id)) or 0
    if month is not None:
        drop_month(db, month)
    db.execute(delete(Entry).where(Entry.id <= last.id))
    record(db, None, "trim", "journal", last.id, lines=lines, until=cut.last_at)
    return lines
