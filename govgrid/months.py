"""Tables laid by month: on PostgreSQL one partition a month and one for the rest; on SQLite plain.

A parent has no keys of its own: each partition has the table's primary key and unique columns, so
that rows keep their short keys. The partition for the rest takes what no month was made for, so that no clock
and no idle worker ever stops a write; a month that began there stays there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, event, literal_column, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from govgrid.db import Database, metadata

AHEAD = 3  # months made before they begin
REST = "_rest"
PARTS = re.compile(r"\w+(_rest|_\d{6})")
_HELD = "month_to_come"  # the check that proves the rest free of the month, while it is made
_INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made,
       indisunique AS one
FROM pg_index WHERE indrelid = to_regclass(:table)
"""
_PARTS = """
SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
WHERE inhparent = to_regclass(:table) ORDER BY c.relname
"""
_GUARDS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal AND tgtype & 1 = 0
"""  # those of a statement: a row's come with the parent


@dataclass(frozen=True, slots=True)
class Month:
    """A table's partition with its first moment and the one after its last."""

    name: str
    start: datetime
    end: datetime


def by_month(column: str) -> Mapping[str, Any]:
    """Return a table's `info` that lays it by that column's month (of UTC)."""
    return {"month": column}


def parted() -> list[Table]:
    """Return the tables that are laid by month."""
    return [table for table in metadata.sorted_tables if "month" in table.info]


@event.listens_for(metadata, "after_create")
def _part(_target: object, connection: Connection, tables: list[Table], **_: object) -> None:
    if connection.dialect.name == "postgresql":
        for table in tables:
            if "month" in table.info:
                _split(connection, table.name, table.info["month"])


def _split(connection: Connection, name: str, column: str) -> None:
    """Make the table that stands there the rest of one laid by month; no row is moved."""
    rest = f"{name}{REST}"
    indexes = connection.execute(text(_INDEXES), {"table": name}).all()
    _run(connection, f"ALTER TABLE {name} RENAME TO {rest}")
    for index in indexes:
        _run(connection, f"ALTER INDEX {index.name} RENAME TO {index.name}{REST}")
    _run(
        connection,
        f"CREATE TABLE {name} (LIKE {rest} INCLUDING DEFAULTS) PARTITION BY RANGE ({column})",
        f"ALTER TABLE {name} ATTACH PARTITION {rest} DEFAULT",
        *[index.made for index in indexes if not index.one],
    )
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:rest, 'id')"), {"rest": rest})
    if sequence:
        _run(connection, f"ALTER SEQUENCE {sequence} OWNED BY {name}.id")


def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def months_of(db: Session | Connection, table: Table) -> list[Month]:
    """Return the months that have a partition of their own, the oldest first; none on SQLite."""
    if _engine(db) != "postgresql":
        return []
    names = db.execute(text(_PARTS), {"table": table.name}).scalars()
    return [_month(table.name, n[-6:]) for n in names if not n.endswith(REST)]


def in_rest(db: Session, table: Table) -> ColumnElement[bool]:
    """Return the condition that a row lies in no month's partition."""
    if _engine(db) != "postgresql":
        return true()
    return literal_column(f"{table.name}.tableoid = '{table.name}{REST}'::regclass")


def _engine(db: Session | Connection) -> str:
    return (db if isinstance(db, Connection) else db.get_bind()).dialect.name


def _month(table: str, digits: str) -> Month:
    year, number = int(digits[:4]), int(digits[4:])
    start = datetime(year, number, 1, tzinfo=UTC)
    return Month(f"{table}_{digits}", start, _next(start))


def _next(start: datetime) -> datetime:
    return datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)


def make_months(database: Database, at: datetime) -> int:
    """Make the partitions of the months to come; return how many: a worker's step.

    The month under way is never made: its rows lie in the rest already.
    """
    if database.sqlite:
        return 0
    made = 0
    for table in parted():
        for month in _missing(database, table, at):
            made += make_month(database, table, month)
    return made


def _missing(database: Database, table: Table, at: datetime) -> list[Month]:
    with database.reading() as db:
        known = set(months_of(db, table))
    wanted, start = [], _next(at.astimezone(UTC))
    for _ in range(AHEAD):
        wanted.append(_month(table.name, f"{start:%Y%m}"))
        start = _next(start)
    return [month for month in wanted if month not in known]


def make_month(database: Database, table: Table, month: Month) -> bool:
    """Give a month its partition; tell whether it got one: not where rows of it lie in the rest.

    The rest is read for such rows under a lock that lets others write; the locks before and after
    are brief. Whoever does the same meanwhile costs time, not rows: attaching looks again.
    """
    column, rest = table.info["month"], f"{table.name}{REST}"
    outside = f"{column} < '{month.start}' OR {column} >= '{month.end}'"
    drop = f"ALTER TABLE {rest} DROP CONSTRAINT IF EXISTS {_HELD}"
    hold = f"ALTER TABLE {rest} ADD CONSTRAINT {_HELD} CHECK ({outside}) NOT VALID"
    _alter(database, drop, hold)
    try:
        _alter(database, f"ALTER TABLE {rest} VALIDATE CONSTRAINT {_HELD}")
    except IntegrityError:
        _alter(database, drop)
        return False
    with database.writing() as db:
        guards = db.execute(text(_GUARDS), {"table": rest}).scalars().all()
    # Made beside and attached: to make it in place would hold up every reader.
    _alter(
        database,
        f"CREATE TABLE {month.name} "
        f"(LIKE {rest} INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE)",
        *[guard.replace(f"public.{rest} ", f"public.{month.name} ") for guard in guards],
        f"ALTER TABLE {table.name} ATTACH PARTITION {month.name} "
        f"FOR VALUES FROM ('{month.start}') TO ('{month.end}')",
        drop,
    )
    return True


def _alter(database: Database, *statements: str) -> None:
    with database.writing() as db:
        _run(db.connection(), "SET LOCAL lock_timeout = '5s'", *statements)


def drop_month(db: Session, month: Month) -> None:
    """Let a month go, all at once; whoever reads meanwhile makes this wait no longer than 5 s."""
    _run(db.connection(), "SET LOCAL lock_timeout = '5s'", f"DROP TABLE {month.name}")
