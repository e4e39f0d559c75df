"""The worker's step that tells people what time alone makes due; each letter once."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.meetings.actions.reminders import chase_owner, remind
from govgrid.meetings.queries.reminders import items_due, meetings_due
from govgrid.meetings.rules.reminders import by_day

TURN = 0x72656D64  # the advisory lock under which these letters are queued
_log = logging.getLogger(__name__)


def call_to_mind(database: Database, at: datetime) -> int:
    """Queue the reminders, second requests and letters about action items due now; say how many."""
    with database.reading() as db:
        meetings = meetings_due(db, at=at)
        items = [number for number, _what in items_due(db, at=at)] if by_day(at) else []
    return _each(database, meetings, remind, at) + _each(database, items, chase_owner, at)


def _each(database: Database, numbers: Iterable[int], act: Callable[..., int], at: datetime) -> int:
    """Take each in a transaction of its own, so that one that fails holds nothing up."""
    count = 0
    for number in numbers:
        try:
            with database.writing() as db:
                _take_turn(db)
                count += act(db, number, at=at)
        except Exception:  # noqa: BLE001  # told in the log; the others go on
            _log.exception("%s %s failed", act.__name__, number)
    return count


def _take_turn(db: Session) -> None:
    """Let one worker queue at a time: the next one sees what was queued."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(TURN)))
