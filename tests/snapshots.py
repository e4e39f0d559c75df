"""What stands in a database, kept and laid out again: tests that begin alike begin at once."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

import psycopg
from sqlalchemy import make_url

from tests.cluster import connect, empty, lift_guards, tables

T = TypeVar("T")

_COUNTS = """
SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL
"""
_kept: dict[tuple[str, str], tuple[Any, Any]] = {}


def again(url: str, key: str, make: Callable[[], T]) -> T:
    """Do what `make` does to the database at `url`, and return what it returned.

    From the second time under a key on, the rows of the first time replace what stands there.
    """
    address = make_url(url)
    engine = address.get_backend_name()
    home, name = str(address.query.get("host")), str(address.database)
    if (engine, key) not in _kept:
        made = make()
        _kept[engine, key] = made, _file(name) if engine == "sqlite" else _rows(home, name)
        return made
    value: T
    value, rows = _kept[engine, key]
    _lay_file(name, rows) if engine == "sqlite" else _lay_rows(home, name, rows)
    return value


def _file(path: str) -> sqlite3.Connection:
    kept = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(path)) as file:
        file.backup(kept)
    return kept


def _lay_file(path: str, kept: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(path)) as file:
        kept.backup(file)


def _rows(home: str, name: str) -> tuple[dict[str, bytes], list[Any]]:
    with connect(home, name) as c:
        return {table: _out(c, table) for table in tables(c)}, c.execute(_COUNTS).fetchall()


def _out(c: psycopg.Connection, table: str) -> bytes:
    with c.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(copy)


def _lay_rows(home: str, name: str, kept: tuple[dict[str, bytes], list[Any]]) -> None:
    rows_of, counts = kept
    with connect(home, name) as c:
        lift_guards(c)
        empty(c)
        for table, rows in rows_of.items():
            if rows:
                with c.cursor().copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
        for schema, sequence, last in counts:
            c.execute(
                "SELECT setval(format('%%I.%%I', %s::text, %s::text)::regclass, %s)",
                (schema, sequence, last),
            )
