"""The worker's step that tells people of cases' due times; each stage once."""

import logging
from datetime import datetime

from sqlalchemy import func, select

from govgrid.cases.actions.calls import call_people, leads_of
from govgrid.cases.queries.calls import calls_due
from govgrid.db import Database

TURN = 0x63617365  # the advisory lock under which these letters are queued
_log = logging.getLogger(__name__)


def call_for_cases(database: Database, at: datetime) -> int:
    """Queue the letters that cases' due times call for now; say how many."""
    with database.reading() as db:
        due = calls_due(db, leads_of(database.settings), at=at)
    count = 0
    for number, kind, stage in due:
        try:
            with database.writing() as db:
                if db.get_bind().dialect.name == "postgresql":
                    db.execute(select(func.pg_advisory_xact_lock(TURN)))
                count += call_people(db, number, kind, stage, at=at)
        except Exception:  # noqa: BLE001  # told in the log; the others go on
            _log.exception("letters about case %s failed", number)
    return count
