"""Many rows into a table at once: COPY on PostgreSQL, one prepared statement on SQLite.

Rows go to the driver as tuples; compiling a statement's parameters row by row would cost as much
again as the database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Date, Dialect, Enum, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
MANY = 1000  # rows from which on indexes are worth building last
PIECE = 20_000  # lines of text handed to COPY at a time


def insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert the rows, each with the same keys in the same order, plain defaults filled in."""
    filled = {
        column.name: column.default.arg
        for column in table.c
        if isinstance(column.default, ScalarElementColumnDefault) and column.name not in rows[0]
    }
    names, dialect = [*rows[0], *filled], connection.dialect
    columns = [_stored(table.c[name].type, dialect, [row[name] for row in rows]) for name in rows[0]]
    columns += [
        _stored(table.c[name].type, dialect, [value]) * len(rows) for name, value in filled.items()
    ]
    with _indexed_last(connection, table, len(rows)):
        _send(connection, table, names, zip(*columns, strict=True))


def insert_pairs(connection: Connection, table: Table, lines: Sequence[str]) -> None:
    """Insert a text without white space and a number for each line `text\\tnumber`."""
    if connection.dialect.name == "sqlite":
        with _indexed_last(connection, table, len(lines)):
            _send(connection, table, table.c.keys(), (line.split("\t") for line in lines))
        return
    with _cursor(connection) as cursor, cursor.copy(_copy(table, table.c.keys())) as copy:
        for start in range(0, len(lines), PIECE):
            text = "\n".join(lines[start : start + PIECE])
            copy.write(text.replace("\\", r"\\") + "\n")


def _stored(kind: TypeEngine[Any], dialect: Dialect, values: list[Any]) -> list[Any]:
    """Return the values of a column as the driver takes them."""
    turn = kind.dialect_impl(dialect).bind_processor(dialect)
    if turn is None:
        return values
    if isinstance(kind, (Enum, Date)):  # few different ones, each turned once
        turned = {value: turn(value) for value in set(values)}
        return [turned[value] for value in values]
    return [turn(value) for value in values]


def _send(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            named, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
            cursor.executemany(f'INSERT INTO "{table.name}" ({named}) VALUES ({marks})', rows)  # noqa: S608
            return
        with cursor.copy(_copy(table, names)) as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def _indexed_last(connection: Connection, table: Table, count: int) -> Iterator[None]:
    """Build the indexes of an SQLite table from all rows at once where most of them are new.

    Not on PostgreSQL: taking an index away there would keep every reader waiting.
    """
    whole = (
        connection.dialect.name == "sqlite"
        and count > MANY
        and count > (connection.scalar(select(func.count()).select_from(table)) or 0)
    )
    indexes = table.indexes if whole else ()
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
