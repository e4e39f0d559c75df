"""Keeps the directory's keys in step with names, numbers and addresses, whoever writes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, delete, event, exists, inspect, select
from sqlalchemy.orm import Mapper, Session

from govgrid import bulk
from govgrid.db import Base, metadata
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
    make: Callable[..., set[str]]

    def store(self, connection: Connection, rows: Iterable[Any]) -> None:
        """Give keys to rows that have none; a row is a mapping with its `id` among the values."""
        given, make = itemgetter("id", *self.columns), self.make
        lines = [
            f"{key}\t{number}" for number, *values in map(given, rows) for key in make(*values)
        ]
        lines.sort()  # as the index is: it then grows at its end
        bulk.insert_pairs(connection, self.keys, lines)


def _keyed(model: type[Base], keys: type[Base], make: Callable[..., set[str]]) -> Keyed:
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


def inserted(db: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Give keys to rows that were inserted at once, with their new ids."""
    if keyed := KEYED.get(model):
        keyed.store(db.connection(), rows)


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
        keyed.store(connection, connection.execute(wanted).mappings())


def fill(db: Session) -> int:
    """Give keys to what has none, after a migration; return how many subjects."""
    count = 0
    for keyed in KEYED.values():
        known = exists().where(keyed.keys.c[keyed.subject] == keyed.table.c.id)
        ids = list(db.scalars(select(keyed.table.c.id).where(~known)))
        renew(db.connection(), keyed, ids)
        count += len(ids)
    return count


def _on_insert(mapper: Mapper[Any], connection: Connection, subject: Any) -> None:
    keyed = KEYED[mapper.class_]
    keyed.store(connection, [{name: getattr(subject, name) for name in ("id", *keyed.columns)}])


def _on_update(mapper: Mapper[Any], connection: Connection, subject: Any) -> None:
    keyed = KEYED[mapper.class_]
    state = inspect(subject)
    if any(state.attrs[name].history.has_changes() for name in keyed.columns):
        renew(connection, keyed, [subject.id])


for _model in KEYED:
    event.listen(_model, "after_insert", _on_insert)
    event.listen(_model, "after_update", _on_update)


_FUNCTION = """
CREATE OR REPLACE FUNCTION forget_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'DELETE FROM ' || TG_ARGV[0] || ' WHERE ' || TG_ARGV[1] || ' = $1' USING OLD.id;
  RETURN NULL;
END $$
"""


@event.listens_for(metadata, "after_create")
def _forget(_target: object, connection: Connection, tables: list[Table], **_: object) -> None:
    """Put the triggers up where tables are made without the revisions, which have their own."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.exec_driver_sql(_FUNCTION)
    for keyed in KEYED.values():
        table, keys, subject = keyed.table.name, keyed.keys.name, keyed.subject
        act = (
            f"BEGIN DELETE FROM {keys} WHERE {subject} = OLD.id; END"  # noqa: S608
            if sqlite
            else f"FOR EACH ROW EXECUTE FUNCTION forget_keys('{keys}', '{subject}')"
        )
        if keyed.keys in tables:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_forget_keys AFTER DELETE ON {table} {act}"
            )
