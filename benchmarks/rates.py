"""The four rates of a city with two years of cases, beside DuckDB: `python -m benchmarks rates`.

720,000 cases in 10,000 compounds; every question is asked warm, the plan of each is printed.
"""

import csv
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from benchmarks.engines import ENGINES, analyze, opened
from benchmarks.imports import areas, compounds
from govgrid.cases.models import Case, Source
from govgrid.cases.queries import By, cases_for_unit, count_for_unit, month_span, rates
from govgrid.cases.rules import CLOCK
from govgrid.db import Database
from govgrid.demo.case_texts import TEXTS
from govgrid.grid.imports.store import insert_rows
from govgrid.grid.models import Area, Compound, Organization, OrganizationKind
from govgrid.meetings.rules.hearing import ranked
from govgrid.workdays import calendar

MONTHS, A_MONTH = 24, 30_000
LAST = date(2026, 10, 1)
AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CITY = "/5101/"
TIMES = 7

DUCK = """
SELECT substr(areas.path, 1, 12), count(*),
  count(*) FILTER (replied_at <= $at AND replied_at <= reply_due),
  count(*) FILTER (closed_at <= $at),
  count(*) FILTER (closed_at <= $at AND closed_at <= close_due),
  count(*) FILTER (closed_at <= $at AND satisfied IS NOT NULL),
  count(*) FILTER (closed_at <= $at AND satisfied),
  count(*) FILTER (NOT in_remit), count(*) FILTER (NOT in_remit AND reported_at <= $at)
FROM cases JOIN compounds ON compounds.id = compound_id JOIN areas ON areas.id = community_id
WHERE received_at >= $since AND received_at < $until AND received_at <= $at
GROUP BY 1
"""


def main() -> None:
    for engine in sys.argv[1:] or ENGINES:
        with opened(engine) as database:
            measure(engine, database)


def measure(engine: str, database: Database) -> None:
    began = time.perf_counter()
    lay_ground(database)
    for back in reversed(range(MONTHS)):
        with database.writing() as db:
            insert_rows(db, Case, list(month_of_cases(db, back)))
    analyze(database)
    print(f"{engine}: laid in {time.perf_counter() - began:.0f} s", flush=True)
    with database.reading() as db:
        for by in By:
            told(
                f"  city by {by}",
                database.engine,
                lambda by=by: rates(db, LAST, CITY, by, as_of=AT),
            )
        community = busiest(db)
        since, until = month_span(LAST)
        told(
            "  case picker of a community",
            database.engine,
            lambda: cases_for_unit(db, community, None, since, until),
        )
        told(
            "  one page of it with its reasons, and how many there are",
            database.engine,
            lambda: picked(db, community, since, until),
        )
        ours = {row.name: row.counts for row in rates(db, LAST, CITY, as_of=AT).rows}
        print(
            f"  {sum(counts.received for counts in ours.values())} cases in {len(ours)} districts"
        )
        beside_duckdb(db)


def picked(db: Session, community: int, since: datetime, until: datetime) -> int:
    """Read what the page on which a meeting's cases are chosen shows of them."""
    found = cases_for_unit(db, community, None, since, until, limit=50)
    ranked((one.case for one in found), until)
    return count_for_unit(db, community, None, since, until, at=until)


def lay_ground(database: Database) -> None:
    ids: dict[str, int] = {}
    paths: dict[str, str] = {}
    rows = []
    for number, area in enumerate(areas(), 1):
        code, parent = str(area["code"]), str(area.get("parent", ""))
        ids[code], paths[code] = number, f"{paths.get(parent, '/')}{code}/"
        rows.append(
            {
                "id": number, "code": code, "name": area["name"], "level": area["level"],
                "parent_id": ids.get(parent), "path": paths[code],
            }
        )  # fmt: skip
    companies = {f"物业公司{n}": n + 1 for n in range(400)}
    with database.writing() as db:
        insert_rows(db, Area, rows)
        insert_rows(
            db,
            Organization,
            [
                {"id": id_, "name": name, "kind": OrganizationKind.PROPERTY_COMPANY}
                for name, id_ in companies.items()
            ],
        )
        insert_rows(
            db,
            Compound,
            [
                {
                    "id": number, "code": home["code"], "name": home["name"], "kind": home["kind"],
                    "community_id": ids[str(home["community"])],
                    "grid_id": ids.get(str(home["grid"])),
                    "company_id": companies[str(home["company"])],
                }
                for number, home in enumerate(compounds(), 1)
            ],
        )  # fmt: skip


def month_of_cases(db: Session, back: int) -> Iterator[dict[str, Any]]:
    chance, days = random.Random(back), calendar(db)
    month = LAST.year * 12 + LAST.month - 1 - back
    since, until = month_span(date(month // 12, month % 12 + 1, 1))
    minutes = int((until - since).total_seconds()) // 60
    words, sources = list(TEXTS), list(Source)
    for number, minute in enumerate(sorted(chance.choices(range(minutes), k=A_MONTH))):
        received = since + timedelta(minutes=minute)
        replied, closed = chance.randint(3, 150), chance.randint(40, 3600)
        inside = chance.random() < 0.82
        yield {
            "number": f"RX{back:02}{number:05}",
            "source": sources[number % len(sources)],
            "category": chance.choice(words),
            "compound_id": chance.randint(1, 10_000),
            "received_at": received,
            "reply_due": CLOCK.reply_due(received, days),
            "close_due": CLOCK.close_due(received),
            "replied_at": received + timedelta(minutes=replied),
            "closed_at": received + timedelta(minutes=closed) if closed < 3400 else None,
            "fed_back_at": None,
            "satisfied": chance.choice((True, True, True, False, None)),
            "in_remit": inside,
            "reported_at": None if inside else received + timedelta(minutes=replied),
            "content": "电梯停运已经三天，物业只说等配件，请督促尽快修复。",
        }


def busiest(db: Session) -> int:
    """Return the community with the most cases."""
    found = select(Compound.community_id).join(Case, Case.compound_id == Compound.id)
    return (
        db.scalars(found.group_by(Compound.community_id).order_by(func.count().desc())).first() or 0
    )


def told(name: str, engine: Engine, call: Callable[[], object]) -> None:
    """Print how long the call takes, and the plan of its longest statement."""
    asked: list[tuple[str, Any]] = []

    def heard(_c: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        asked.append((statement, given))

    event.listen(engine, "before_cursor_execute", heard)
    call()
    event.remove(engine, "before_cursor_execute", heard)
    print(f"{name}: {timed(call):.0f} ms, {len(asked)} statements", flush=True)
    statement, given = max(asked, key=lambda one: "FROM cases" in one[0])
    head = (
        "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
    )
    with engine.connect() as connection:
        for row in connection.exec_driver_sql(f"{head} {statement}", given):
            print("      ", row[-1])


def timed(call: Callable[[], object]) -> float:
    """Return the median milliseconds."""
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def beside_duckdb(db: Session) -> None:
    """Ask DuckDB the same of the same rows."""
    try:
        import duckdb  # noqa: PLC0415  # of requirements-peers.lock, which set-up leaves out
    except ImportError:
        print("  duckdb is not installed: .venv/bin/pip install -r requirements-peers.lock")
        return
    peer = duckdb.connect()
    since, until = month_span(LAST)
    columns = (
        Case.compound_id, Case.received_at, Case.reply_due, Case.close_due, Case.replied_at,
        Case.closed_at, Case.satisfied, Case.in_remit, Case.reported_at,
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        for name, wanted in (
            ("cases", columns),
            ("compounds", (Compound.id, Compound.community_id)),
            ("areas", (Area.id, Area.path)),
        ):
            sheet = Path(folder) / name
            with sheet.open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(column.key for column in wanted)
                writer.writerows(db.execute(select(*wanted)))
            peer.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{sheet}')")
    given = {"at": AT, "since": since, "until": until}
    theirs = sorted(row[1:] for row in peer.execute(DUCK, given).fetchall())
    counted = rates(db, LAST, CITY, as_of=AT).rows
    same = theirs == sorted(tuple(list(row.json().values())[2:10]) for row in counted)
    spent = timed(lambda: peer.execute(DUCK, given).fetchall())
    ours = timed(lambda: rates(db, LAST, CITY, as_of=AT))
    print(f"  duckdb: {spent:.0f} ms, same counts: {same}; ours {ours / spent:.1f} times as long")


if __name__ == "__main__":
    main()
