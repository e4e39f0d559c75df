"""Keeps the directory's keys in step with names, numbers and addresses, whoever writes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, event, exists, inspect, select
from sqlalchemy.orm import Mapper, Session

from govgrid.db import Base
from govgrid.grid.keys import area_keys, compound_keys, officer_keys
from govgrid.grid.models import Area, AreaKey, Compound, CompoundKey, Officer, OfficerKey

Values = Mapping[str, Any]
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Keyed:
    """What a table is found by: where its keys stand, made of which of its columns."""

    table: Table
    keys: Table
    subject: str
    columns: tuple[str, ...]
    make: Callable[..., Iterable[str]]

    def rows(self, subjects: Iterable[tuple[int, Values]]) -> list[tuple[str, int]]:
        """Return key and id of every subject, in the order of the index."""
        return sorted(
            (key, number)
            for number, values in subjects
            for key in set(self.make(**{name: values.get(name) for name in self.columns}))
        )


def _keyed(model: type[Base], keys: type[Base], make: Callable[..., Iterable[str]]) -> Keyed:
    own, of_keys = model.__table__, keys.__table__
    assert isinstance(own, Table)
    assert isinstance(of_keys, Table)
    columns = make.__code__.co_varnames[: make.__code__.co_argcount]
    return Keyed(own, of_keys, of_keys.columns.keys()[1], columns, make)


KEYED: dict[type[Base], Keyed] = {
    Officer: _keyed(Officer, OfficerKey, officer_keys),
    Compound: _keyed(Compound, CompoundKey, compound_keys),
    Area: _keyed(Area, AreaKey, area_keys),
}


def inserted(
    db: Session, model: type[Base], ids: Mapping[str, int], rows: Sequence[Values]
) -> None:
    """Give keys to rows that were inserted at once; `ids` is id by code."""
    if keyed := KEYED.get(model):
        found = keyed.rows((ids[row["code"]], row) for row in rows)
        _store(db.connection(), keyed, found)


def updated(db: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Renew the keys of rows that were updated at once by `id`."""
    keyed = KEYED.get(model)
    if keyed and rows and not rows[0].keys().isdisjoint(keyed.columns):
        renew(db.connection(), keyed, [row["id"] for row in rows])


def renew(connection: Connection, keyed: Keyed, ids: Sequence[int]) -> None:
    """Write the keys of these subjects anew, from what is stored."""
    own, mine = keyed.table.c, keyed.keys.c[keyed.subject]
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        connection.execute(delete(keyed.keys).where(mine.in_(chunk)))
        wanted = select(own.id, *(own[name] for name in keyed.columns)).where(own.id.in_(chunk))
        rows = [(row["id"], dict(row)) for row in connection.execute(wanted).mappings()]
        _store(connection, keyed, keyed.rows(rows))


def fill(db: Session) -> int:
    """Give keys to what has none, after a migration; return how many subjects."""
    count = 0
    for keyed in KEYED.values():
        known = exists().where(keyed.keys.c[keyed.subject] == keyed.table.c.id)
        ids = list(db.scalars(select(keyed.table.c.id).where(~known)))
        renew(db.connection(), keyed, ids)
        count += len(ids)
    return count


def _store(connection: Connection, keyed: Keyed, rows: Sequence[tuple[str, int]]) -> None:
    """Store many keys; on PostgreSQL by COPY, which is several times faster than INSERT."""
    name, columns = keyed.keys.name, f"key, {keyed.subject}"
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {name} ({columns}) VALUES (?, ?)", list(rows))  # noqa: S608
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _on_insert(mapper: Mapper[Any], connection: Connection, subject: Any) -> None:
    keyed = KEYED[mapper.class_]
    values = {name: getattr(subject, name) for name in keyed.columns}
    _store(connection, keyed, keyed.rows([(subject.id, values)]))


def _on_update(mapper: Mapper[Any], connection: Connection, subject: Any) -> None:
    keyed = KEYED[mapper.class_]
    state = inspect(subject)
    if any(state.attrs[name].history.has_changes() for name in keyed.columns):
        renew(connection, keyed, [subject.id])


for _model in KEYED:
    event.listen(_model, "after_insert", _on_insert)
    event.listen(_model, "after_update", _on_update)
