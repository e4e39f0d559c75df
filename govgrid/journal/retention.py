"""Let go of lines whose time is over, and leave a sealed cut from which the chain goes on."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.journal import seals
from govgrid.journal.models import Cut, Entry
from govgrid.journal.writing import lock, record, root

BATCH = 20_000
MONTH = timedelta(days=31)  # never shorter than a calendar month


def trim(database: Database, at: datetime) -> int:
    """Remove one batch of lines past retention, oldest first; return how many: a worker's step.

    The cut, its seal and the removal are one transaction. Lines bear the real clock, which runs
    beside the demo's.
    """
    settings = database.settings
    limit = at - settings.ahead - settings.journal_months * MONTH
    with database.reading() as db:
        if (last := _last_before(db, limit)) is None:
            return 0
    with database.writing() as db:
        lock(db)
        if (last := _last_before(db, limit)) is None:
            return 0
        return _cut(db, last)


def _last_before(db: Session, limit: datetime) -> Entry | None:
    """Return the last line of the oldest batch that is older than the limit.

    Only a run of old lines from the very first is cut: a clock once set wrong cannot tear the
    chain. The newest line always stays.
    """
    oldest = db.execute(select(Entry.id, Entry.at).order_by(Entry.id).limit(BATCH + 1)).all()
    due = list(takewhile(lambda line: line.at < limit, oldest[:-1]))
    return db.get(Entry, due[-1].id) if due else None


def _cut(db: Session, last: Entry) -> int:
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
    db.execute(delete(Entry).where(Entry.id <= last.id))
    record(db, None, "trim", "journal", last.id, lines=lines, until=cut.last_at)
    return lines
