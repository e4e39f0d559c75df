"""What months cost and weigh: attendances and cases in one table against one a month, on PostgreSQL.

Both hold the same rows. Pages touched by a look-up do not depend on the machine; times do.
"""

import argparse
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import create_engine

from govgrid import schema
from tests import cluster

MONTHS = 36
ROWS = {
    "attendees": "INSERT INTO {} SELECT n, n / 10, n % 20000, 'micro_grid_member', true, false,"
    " md5(n::text), md5(n::text) || md5((n + 1)::text), 'accepted', now(), NULL, NULL, 'present',"
    " false, 0, NULL{} FROM generate_series({}, {}) n",
    "cases": "INSERT INTO {} (id, number, source, category, compound_id, received_at, reply_due,"
    " close_due, replied_at, closed_at, content, version{}) SELECT n, 'CD' || lpad(n::text, 12, '0'),"
    " 'hotline', '停车管理', n % 12000, now(), now(), now(), now(), now(), repeat(md5(n::text), 10), 1{}"
    " FROM generate_series({}, {}) n",
}
ASKED = {
    "attendees: by the link of a letter": "SELECT * FROM {} WHERE link = md5('7') || md5('8')",
    "attendees: a person's meetings": "SELECT meeting_id FROM {} WHERE officer_id = 77",
    "cases: by number": "SELECT * FROM {} WHERE number = 'CD000000000007'",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages touched, and milliseconds to plan and to run."""

    pages: int
    plan: float
    run: float

    def __str__(self) -> str:
        return f"{self.pages:4} pages, {self.plan:5.2f} + {self.run:5.2f} ms"


def fill(c: psycopg.Connection[Any], table: str, each: int) -> None:
    """Lay the table twice beside itself, in one piece and by month, with the same rows."""
    c.execute(f"CREATE TABLE {table}_whole (LIKE {table} INCLUDING INDEXES INCLUDING DEFAULTS)")
    columns = f"LIKE {table} INCLUDING DEFAULTS, month int"
    c.execute(f"CREATE TABLE {table}_parted ({columns}) PARTITION BY LIST (month)")
    for month in range(MONTHS):
        first, last = month * each + 1, (month + 1) * each
        part = f"{table}_m{month}"
        c.execute(
            f"CREATE TABLE {part} (LIKE {table} INCLUDING INDEXES INCLUDING DEFAULTS, month int)"
        )
        for name, column, value in (
            (f"{table}_whole", "", ""), (part, ", month", f", {month}"),
        ):  # fmt: skip
            given = (
                (name, value, first, last)
                if table == "attendees"
                else (name, column, value, first, last)
            )
            c.execute(ROWS[table].format(*given))
        c.execute(f"ALTER TABLE {table}_parted ATTACH PARTITION {part} FOR VALUES IN ({month})")
    c.execute("ANALYZE")


def asked(c: psycopg.Connection[Any], statement: str) -> Cost:
    """Ask twice; return what the second time cost."""
    for _ in range(2):
        row = c.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}").fetchone()
    assert row
    (found,) = row[0]
    plan = found["Plan"]
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return Cost(pages, found["Planning Time"], found["Execution Time"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks growth", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000, help="rows a month (2,000)")
    each = parser.parse_args().rows
    with cluster.cluster() as home:
        name = cluster.make_database(home)
        engine = create_engine(f"postgresql+psycopg://govgrid@/{name}?host={home}")
        with engine.begin() as connection:
            schema.lay(connection)
        engine.dispose()
        with cluster.connect(home, name) as c:
            for table in ROWS:
                fill(c, table, each)
                size = c.execute("SELECT pg_total_relation_size(%s)", [f"{table}_whole"]).fetchone()
                assert size
                print(f"{table}: {size[0] / each / MONTHS:.0f} bytes a row with its indexes")
            for words, statement in ASKED.items():
                table = words.partition(":")[0]
                for kind in ("whole", "parted"):
                    print(f"{words:40} {kind:7} {asked(c, statement.format(f'{table}_{kind}'))}")


if __name__ == "__main__":
    main()
