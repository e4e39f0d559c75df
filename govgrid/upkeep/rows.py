"""A table's rows as both engines give them: read plainly, counted and hashed in any order."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Enum,
    Table,
    Text,
    cast,
    select,
    type_coerce,
)

from govgrid.cipher import Encrypted

FETCHED = 2_000  # rows held at a time
Line = tuple[Any, ...]


@dataclass
class Digest:
    """How many rows, and the sum of their hashes: the same on both engines, in any order."""

    rows: int = 0
    sum: int = 0

    def add(self, line: Line) -> None:
        said = "\x1f".join(map(_said, line))
        self.rows += 1
        self.sum += int.from_bytes(hashlib.sha256(said.encode()).digest()[:16])

    @property
    def text(self) -> str:
        return f"{self.sum % 2**128:032x}"


def stored(table: Table) -> list[Column[Any]]:
    """Return the columns that somebody filled; the database computes the rest."""
    return [column for column in table.c if column.computed is None]


def lines(connection: Connection, table: Table) -> Iterator[Line]:
    """Yield every row, a few thousand in memory; encrypted texts stay as they are stored."""
    columns = [_plain(column, connection.dialect.name) for column in stored(table)]
    streaming = connection.execution_options(yield_per=FETCHED)
    for row in streaming.execute(select(*columns).select_from(table)):
        yield tuple(row)


def digest(connection: Connection, table: Table) -> Digest:
    """Return the digest of the whole table."""
    found = Digest()
    for line in lines(connection, table):
        found.add(line)
    return found


def _plain(column: Column[Any], engine: str) -> ColumnElement[Any]:
    kind = column.type
    if isinstance(kind, JSON) and engine == "postgresql":
        return cast(column, Text).label(column.name)
    if isinstance(kind, (JSON, Enum, Encrypted)):
        return type_coerce(column, Text).label(column.name)
    return column


def _said(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return repr(value)
