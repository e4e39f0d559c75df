"""A secretary of the lab who has month after month planned, and looks at what came of it.

`python -m deploy.lab.plans SECONDS`, on a host of the lab with the city's environment; one JSON
document on stdout.
"""

import json
import sys
import time
from contextlib import closing, suppress
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from govgrid import schema
from govgrid.access import Actor
from govgrid.accounts.models import Account
from govgrid.accounts.queries import actor_of
from govgrid.db import Database
from govgrid.errors import Refusal
from govgrid.grid.models import Area
from govgrid.meetings.actions.runs import Wish, ask
from govgrid.meetings.models import PlanLine, PlanRun, RunState
from govgrid.settings import Settings

LOGIN, COMMUNITY = "lab-secretary", "510107001001"
PATIENCE = 240  # seconds for the last run to end once all is well again


def main() -> None:
    """Ask for one month after another, then wait for what is under way."""
    schema.load_models()
    until = time.monotonic() + float(sys.argv[1])
    with closing(Database(Settings.read())) as database:
        first, asked = _last(database), 0
        while time.monotonic() < until:
            with suppress(Refusal, SQLAlchemyError):  # one is under way, or no database is there
                _ask(database)
                asked += 1
            time.sleep(1)
        _wait(database, first)
        json.dump({"asked": asked, **_found(database, first)}, sys.stdout)


def _last(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.max(PlanRun.id))) or 0


def _ask(database: Database) -> None:
    at = datetime.now(UTC)
    with database.writing() as db:
        area = db.scalars(select(Area).where(Area.code == COMMUNITY)).one()
        ask(db, _secretary(database, at), area, _next(at), Wish(seconds=5), at=at)


def _secretary(database: Database, at: datetime) -> Actor:
    with database.reading() as db:
        found = actor_of(db, db.scalars(select(Account.id).where(Account.login == LOGIN)).one(), at)
    assert found is not None
    return found


def _next(at: datetime) -> date:
    return date(at.year + (at.month == 12), at.month % 12 + 1, 1)


def _wait(database: Database, first: int) -> None:
    """Wait for the end of every run, however long the database is away."""
    until = time.monotonic() + PATIENCE
    open_ = select(func.count()).where(PlanRun.id > first, PlanRun.finished_at.is_(None))
    while time.monotonic() < until:
        with suppress(SQLAlchemyError), database.reading() as db:
            if not db.scalar(open_):
                return
        time.sleep(1)


def _found(database: Database, first: int) -> dict[str, int]:
    """Count runs by how they ended, and those whose lines are not each unit's own once."""
    with database.reading() as db:
        runs = list(db.scalars(select(PlanRun).where(PlanRun.id > first)))
        counted = select(PlanLine.run_id, func.count(PlanLine.unit_id)).group_by(PlanLine.run_id)
        lines = {row[0]: row[1] for row in db.execute(counted)}
    done = [run for run in runs if run.state is RunState.DONE]
    most = max((lines.get(run.id, 0) for run in done), default=0)
    return {
        "runs": len(runs),
        "done": len(done),
        "failed": sum(run.state is RunState.FAILED for run in runs),
        "odd": sum(lines.get(run.id, 0) != most for run in done),
    }


if __name__ == "__main__":
    main()
