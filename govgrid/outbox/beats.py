"""A sign of life of each worker, so that an operator sees when none is left."""

import os
import socket
import time
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from govgrid.db import Database, upsert
from govgrid.outbox.models import Beat
from govgrid.outbox.worker import Step

EVERY = 15.0  # seconds between two signs
KEPT = timedelta(days=1)


def beating() -> Step:
    """Return the step that gives a sign now and then."""
    name, last = f"{socket.gethostname()[:60]}:{os.getpid()}", [-EVERY]

    def beat(database: Database, at: datetime) -> int:
        if time.monotonic() - last[0] >= EVERY:
            last[0] = time.monotonic()
            with database.writing() as db:
                _note(db, name, at)
        return 0

    return beat


def _note(db: Session, name: str, at: datetime) -> None:
    sign = upsert(db, Beat).values(name=name, at=at)
    db.execute(sign.on_conflict_do_update(index_elements=[Beat.name], set_={"at": at}))
    db.execute(delete(Beat).where(Beat.at < at - KEPT))


def last_seen(db: Session) -> datetime | None:
    """Return when a worker was last at work."""
    return db.scalar(select(func.max(Beat.at)))
