"""What an engine would do for a statement in a city: sizes are told, plans are read.

PostgreSQL plans by the rows and values a table is said to have. Here each big table is said to have
a city's rows in the pages it has, and each column of it as many values as the city would have.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, text

CITY = {
    "attendees": 1_200_000,
    "meetings": 120_000,
    "agenda_items": 600_000,
    "agenda_cases": 600_000,
    "action_items": 720_000,
    "minutes": 120_000,
    "cases": 720_000,
    "case_events": 2_000_000,
    "letters": 3_000_000,
    "letters_rest": 3_000_000,
    "journal": 5_000_000,
    "journal_rest": 5_000_000,
    "feed_events": 1_000_000,
    "officers": 300_000,
    "posts": 350_000,
    "areas": 130_000,
    "compounds": 12_000,
    "incoming_mails": 600_000,
    "officer_keys": 1_500_000,
}
"""Rows of a city's year."""

_SIZE = text("UPDATE pg_class SET reltuples = :rows, relpages = 1 WHERE oid = to_regclass(:name)")
_INDEXES = text("""
UPDATE pg_class SET reltuples = :rows, relpages = 1
WHERE oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = to_regclass(:name))
""")


def tell_sizes(connection: Connection) -> None:
    """Let the planner believe that the database is a city's."""
    if connection.dialect.name == "postgresql":
        for name, rows in CITY.items():
            connection.execute(_SIZE, {"name": name, "rows": rows})
            connection.execute(_INDEXES, {"name": name, "rows": rows})


def scanned(connection: Connection, statement: str, values: Any) -> set[str]:
    """Return the big tables that the statement would read from end to end."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        return _ends_sqlite(statement, [row[3] for row in rows])
    found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON, COSTS ON) {statement}", values)
    answer = found.scalar_one()
    plan = answer if isinstance(answer, list) else json.loads(answer)
    return set(_ends(plan[0]["Plan"], bounded=False))


def _ends(node: dict[str, Any], *, bounded: bool) -> Iterable[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    # In an index's order and up to a limit, nothing left out on the way, is no reading to the end.
    stops = bounded and "Filter" not in node
    if table in CITY and (
        kind == "Seq Scan"
        or (kind in {"Index Scan", "Index Only Scan"} and "Index Cond" not in node and not stops)
    ):
        yield str(table)
    for below in node.get("Plans", []):
        passes = kind in {"Limit", "LockRows", "Append", "Merge Append", "Result", "Nested Loop"}
        yield from _ends(below, bounded=kind == "Limit" or (bounded and passes))


_SCAN = re.compile(r"SCAN (\w+)(?: USING .*)?$")


def _ends_sqlite(statement: str, steps: list[str]) -> set[str]:
    """Read SQLite's plan, which names a table as the statement does: by its alias, if it has one."""
    found = set()
    for step in steps:
        if not (seen := _SCAN.match(step)) or (" USING " in step and " LIMIT " in statement):
            continue
        name = seen[1]
        if alias := re.search(rf"(\w+) AS {name}\b", statement):
            name = alias[1]
        if name in CITY:
            found.add(name)
    return found
