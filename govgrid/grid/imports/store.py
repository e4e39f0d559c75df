"""Writing an import: many rows at once, the version raised, one line in the journal.

In a session that only reads, nothing is written: an import is a dry run there.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Table, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from govgrid import bulk, journal
from govgrid.access import Actor
from govgrid.db import Base
from govgrid.grid import keeping
from govgrid.sheets import Outcome

Values = Mapping[str, Any]


def dry(db: Session) -> bool:
    """Tell whether an import in this session is only to say what it would do."""
    return bool(db.info.get("reading"))


def insert_rows(db: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert the rows, each with the same keys."""
    if not rows or dry(db):
        return
    bulk.insert(db.connection(), table_of(model), rows)


def insert_coded(db: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert the rows, each then with its `id`; return the ids by code.

    In a dry run they are made up, below zero.
    """
    if not rows:
        return {}
    if dry(db):
        return {row["code"]: -number for number, row in enumerate(rows, 1)}
    rows = sorted(rows, key=itemgetter("code"))  # as the index is: it then grows at its end
    for row, id_ in zip(rows, _new_ids(db, model, len(rows)), strict=True):
        row["id"] = id_
    insert_rows(db, model, rows)
    keeping.inserted(db, model, rows)
    return {row["code"]: row["id"] for row in rows}


def update_rows(db: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Update rows by `id`; all carry the same keys. A version column goes up by one."""
    if not rows or dry(db):
        return
    table = table_of(model)
    changes: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
    if "version" in table.c:
        changes["version"] = table.c.version + 1
    # Not through the ORM: it would want the old version of every row.
    db.connection().execute(
        update(table).where(table.c.id == bindparam("row_id")).values(changes),
        [
            {"row_id": row["id"], **{f"new_{k}": v for k, v in row.items() if k != "id"}}
            for row in rows
        ],
    )
    keeping.updated(db, model, rows)


def changed(old: Values, new: Values) -> bool:
    """Tell whether any of the new values differs from the old."""
    return any(old[key] != value for key, value in new.items())


def journalled(
    db: Session, actor: Actor | None, outcome: Outcome, data: bytes, name: str, at: datetime
) -> Outcome:
    """Note the import in the journal and return its outcome."""
    journal.record(
        db,
        actor,
        "import",
        outcome.kind,
        hashlib.sha256(data).hexdigest(),
        file=name[-120:],
        at=at.isoformat(),
        rows=outcome.rows,
        created=outcome.created,
        updated=outcome.updated,
    )
    return outcome


def table_of(model: type[Base]) -> Table:
    """Return the table of a model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _new_ids(db: Session, model: type[Base], count: int) -> Iterator[int]:
    """Return ids that nobody else takes before this transaction ends."""
    table = table_of(model)
    if db.get_bind().dialect.name == "postgresql":
        wanted = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
        )
        return iter(list(db.scalars(wanted, {"name": table.name, "count": count})))
    last = db.scalar(select(func.max(table.c.id))) or 0
    return iter(range(last + 1, last + 1 + count))
