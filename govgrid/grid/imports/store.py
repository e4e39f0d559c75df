"""Writing an import: many rows at once, the version raised, one line in the journal."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.db import Base
from govgrid.grid import keeping
from govgrid.sheets import Outcome

Values = Mapping[str, Any]


def insert_rows(db: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert the rows, each with the same keys."""
    if rows:
        db.execute(insert(_table(model)), list(rows))


def insert_coded(db: Session, model: type[Base], rows: Sequence[Values]) -> dict[str, int]:
    """Insert the rows and return the new ids by code."""
    if not rows:
        return {}
    table = _table(model)
    made = db.execute(insert(table).returning(table.c.id, table.c.code), list(rows))
    ids = {code: number for number, code in made}
    keeping.inserted(db, model, ids, rows)
    return ids


def update_rows(db: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Update rows by `id`; all carry the same keys. A version column goes up by one."""
    if not rows:
        return
    table = _table(model)
    changes: dict[str, Any] = {key: bindparam(f"new_{key}") for key in rows[0] if key != "id"}
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


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
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


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
