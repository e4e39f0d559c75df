"""The worker's step that tells people of watched compounds and overdue stages, once a day from the morning on."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

from govgrid.clock import HERE
from govgrid.db import Database
from govgrid.oldcompounds.actions.watch import tell_watched
from govgrid.oldcompounds.models import CoverageTurn
from govgrid.oldcompounds.pipeline.stalled import tell_stalled
from govgrid.oldcompounds.queries import Signals
from govgrid.workdays import local_day

TURN = 0x636F7665  # the advisory lock under which these letters are queued
FROM = 8  # o'clock: nobody is woken by an agreement
_log = logging.getLogger(__name__)


def watching(signals: Signals) -> Callable[[Database, datetime], int]:
    """Return the step; it returns how many letters it queued."""

    def watch_coverage(database: Database, at: datetime) -> int:
        if at.astimezone(HERE).hour < FROM:
            return 0
        with database.reading() as db:
            if db.get(CoverageTurn, local_day(at)) is not None:
                return 0
        try:
            with database.writing() as db:
                if db.get_bind().dialect.name == "postgresql":
                    db.execute(select(func.pg_advisory_xact_lock(TURN)))
                return tell_watched(db, signals, at=at) + tell_stalled(db, at=at)
        except Exception:  # noqa: BLE001  # told in the log; tried again at the next turn
            _log.exception("letters about old compounds failed")
            return 0

    return watch_coverage
