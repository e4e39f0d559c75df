"""Coverage of a city for 60 months, and the board's page: `python -m benchmarks coverage`.

10,000 compounds with about five periods each, 8,000 of them old. Asked for: the series within
200 ms on PostgreSQL and 500 ms on SQLite, a district's board page within 50 ms. Every question is
asked warm; the median of several is told, for the page the application's whole answer.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from benchmarks.engines import ENGINES, analyze, opened
from benchmarks.feeds import _asked
from benchmarks.rates import AT, TIMES, lay_ground
from govgrid.access import Role
from govgrid.accounts.models import Account, SignIn
from govgrid.accounts.queries import token_hash
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.grid.imports.store import insert_rows
from govgrid.grid.models import Area, Level, Officer, Post
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries import months, tally, watch_for_area
from govgrid.oldcompounds.queries.map import modes_by_month
from govgrid.oldcompounds.rules import Terms, chained
from govgrid.server import settle

TODAY = date(2026, 11, 24)
FIRST = date(2021, 12, 1)
TOKEN = "a-session-of-the-benchmark"


def main() -> None:
    for engine in sys.argv[1:] or ENGINES:
        with opened(engine) as database:
            measure(engine, database)


def measure(engine: str, database: Database) -> None:
    began = time.perf_counter()
    lay_ground(database)
    with database.writing() as db:
        rows = [row for number in range(1, 10_001) for row in history(number)]
        insert_rows(db, Coverage, rows)
    analyze(database)
    print(f"{engine}: {len(rows)} periods laid in {time.perf_counter() - began:.0f} s", flush=True)
    with database.reading() as db:
        city = db.scalars(select(Area).where(Area.level == Level.CITY)).one()
        district = db.scalars(select(Area).where(Area.level == Level.DISTRICT).limit(1)).one()
        for name, area in (("city", city), ("district", district)):
            told(f"{name}: 60 months", lambda a=area: months(db, a, TODAY))
            told(f"{name}: one day", lambda a=area: tally(db, a, TODAY))
            told(f"{name}: watched", lambda a=area: watch_for_area(db, a, AT))
        told("district: map of 60 months", lambda: modes_by_month(db, district, TODAY))
        path, number = f"/coverage/{district.code}/board", district.id
    sign_in(database, number)
    app = create_app(database.settings, work=False)
    settle()  # as `serve` does
    with asyncio.Runner() as runner:
        told("board page of a district", lambda: runner.run(answered(app, path)))


def history(number: int) -> Iterator[dict[str, Any]]:
    """Yield a compound's periods: each of 100 to 700 days, now and then a gap, the last may end."""
    rng, since, periods = random.Random(number), FIRST, list[Terms]()
    since += timedelta(days=rng.randint(-400, 300))
    while since < TODAY:
        until = since + timedelta(days=rng.randint(100, 700))
        last = until >= TODAY and rng.random() < 0.5
        periods.append(Terms(rng.choice(list(Mode)), since, None if last else until))
        since = until + timedelta(days=rng.choice((1, 1, 1, 30)))
    for link in chained(periods):
        yield {
            "compound_id": number, "mode": link.terms.mode, "since": link.terms.since,
            "until": link.terms.until, "services": [], "follows": link.follows, "gap": link.gap,
            "recorded_at": AT,
        }  # fmt: skip


def sign_in(database: Database, area_id: int) -> None:
    with database.writing() as db:
        officer = Officer(code="RY1", name="住建干部")
        db.add(officer)
        db.flush()
        db.add(Post(officer_id=officer.id, role=Role.HOUSING_OFFICER, area_id=area_id))
        account = Account(
            officer_id=officer.id, login="zhujian", password="-", created_at=AT, failures=0
        )
        db.add(account)
        db.flush()
        now = datetime.now(UTC)
        db.add(
            SignIn(token_hash=token_hash(TOKEN), account_id=account.id, started_at=now, seen_at=now)
        )


async def answered(app: Any, path: str) -> None:
    """Let the application answer once, whole."""
    headers = [(b"cookie", f"session={TOKEN}".encode())]
    status, _headers, size = await _asked(app, path, headers)
    assert status == 200, f"{path}: {status}"
    assert size > 5000


def told(name: str, call: Callable[[], object]) -> None:
    """Print the median and the least time, and this process's own CPU time for one."""
    call()
    taken, used = [], time.process_time()
    for _ in range(TIMES):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    used = (time.process_time() - used) / TIMES * 1000
    print(
        f"  {name}: {statistics.median(taken):.0f} ms, least {min(taken):.0f}, CPU {used:.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
