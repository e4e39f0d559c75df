"""Many rows into a table at once: COPY on PostgreSQL, a hundred a statement on SQLite.

They go to the driver as they are: to compile a statement's parameters, or to step through one
statement, row by row, costs as much again as the database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Date, Dialect, Enum, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from govgrid.db import UtcTime

Values = Mapping[str, Any]
MANY = 1000  # rows from which on indexes are worth building last
FEW = 100  # rows of one statement on SQLite
PIECE = 20_000  # lines of text handed to COPY at a time


def insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert the rows, each with the same keys in the same order, plain defaults filled in."""
    filled = {
        column.name: column.default.arg
        for column in table.c
        if isinstance(column.default, ScalarElementColumnDefault) and column.name not in rows[0]
    }
    names, dialect = [*rows[0], *filled], connection.dialect
    columns = [
        _stored(table.c[name].type, dialect, [row[name] for row in rows]) for name in rows[0]
    ]
    columns += [
        _stored(table.c[name].type, dialect, [value]) * len(rows) for name, value in filled.items()
    ]
    lines = list(zip(*columns, strict=True))
    if dialect.name == "sqlite":
        _insert(connection, table, names, len(lines), lambda at: list(chain(*lines[at : at + FEW])))
        return
    with _cursor(connection) as cursor, cursor.copy(_copy(table, names)) as copy:
        for line in lines:
            copy.write_row(line)


def insert_pairs(connection: Connection, table: Table, lines: Sequence[str]) -> None:
    """Insert a text without white space and a number for each line, a tab between them."""
    names, count = table.c.keys(), len(lines)
    if connection.dialect.name == "sqlite":
        _insert(
            connection, table, names, count, lambda at: "\t".join(lines[at : at + FEW]).split("\t")
        )
        return
    with _cursor(connection) as cursor, cursor.copy(_copy(table, names)) as copy:
        for start in range(0, count, PIECE):
            text = "\n".join(lines[start : start + PIECE])
            copy.write(text.replace("\\", r"\\") + "\n")


def _stored(kind: TypeEngine[Any], dialect: Dialect, values: list[Any]) -> list[Any]:
    """Return the values of a column as the driver takes them."""
    if isinstance(kind, UtcTime) and dialect.name == "sqlite":
        return UtcTime.stored_in_sqlite(values)
    turn = kind.dialect_impl(dialect).bind_processor(dialect)
    if turn is None:
        return values
    if isinstance(kind, (Enum, Date)):  # few different ones, each turned once
        turned = {value: turn(value) for value in set(values)}
        return [turned[value] for value in values]
    return [turn(value) for value in values]


def _insert(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    count: int,
    flat: Callable[[int], Sequence[Any]],
) -> None:
    """Insert into SQLite, a few rows a statement; `flat` gives their values from one row on."""
    quoted = ", ".join(map(connection.dialect.identifier_preparer.quote, names))
    head = f"INSERT INTO {table.name} ({quoted}) VALUES "  # noqa: S608
    row, whole = f"({', '.join('?' * len(names))})", count - count % FEW
    with _indexed_last(connection, table, count), _cursor(connection) as cursor:
        cursor.executemany(head + ", ".join([row] * FEW), map(flat, range(0, whole, FEW)))
        if whole < count:
            cursor.execute(head + ", ".join([row] * (count - whole)), flat(whole))


@contextmanager
def _indexed_last(connection: Connection, table: Table, count: int) -> Iterator[None]:
    """Build the indexes of an SQLite table from all rows at once where most of them are new.

    Not on PostgreSQL, where taking an index away would keep every reader waiting.
    """
    mostly = (
        count > MANY
        and count > connection.execute(select(func.count()).select_from(table)).scalar_one()
    )
    indexes = table.indexes if mostly else ()
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def _copy(table: Table, names: Sequence[str]) -> sql.Composed:
    columns = sql.SQL(",").join(map(sql.Identifier, names))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    """Yield a cursor of the driver; its errors come out as SQLAlchemy's."""
    driver, kind = connection.connection.driver_connection, connection.dialect.loaded_dbapi.Error
    assert driver is not None
    cursor = driver.cursor()
    try:
        yield cursor
    except kind as error:
        raise DBAPIError.instance(
            "bulk insert", None, error, kind, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()
