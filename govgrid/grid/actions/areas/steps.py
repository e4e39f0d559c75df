"""A change of areas as steps, one row each: done, told, compared and taken back alike."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from govgrid.db import metadata
from govgrid.errors import Conflict

Values = dict[str, Any]
_LATE = "内容刚刚有变化，变更没有办理。请重新预览，核对后再确认。"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: only `after` is new, only `before` is gone. Negative ids are rows still to come.

    `noun` (msgid), `label`, `was` and `becomes` tell it to people.
    """

    table: str
    key: Values
    before: Values | None
    after: Values | None
    noun: str
    label: str
    was: str = ""
    becomes: str = ""


def as_json(steps: Iterable[Step]) -> list[Any]:
    """Return steps as JSON values."""
    return [
        {**asdict(s), "key": _plain(s.key), "before": _plain(s.before), "after": _plain(s.after)}
        for s in steps
    ]


def from_json(stored: Iterable[Any]) -> list[Step]:
    """Return the steps that `as_json` stored."""
    return [
        replace(
            step,
            key=_typed(step.table, step.key) or {},
            before=_typed(step.table, step.before),
            after=_typed(step.table, step.after),
        )
        for step in (Step(**values) for values in stored)
    ]


def fingerprint(steps: Iterable[Step]) -> str:
    """Return what differs as soon as one row of the change does."""
    told = json.dumps(as_json(steps), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def perform(db: Session, steps: Sequence[Step]) -> list[Step]:
    """Write the steps; return them with the ids that new rows got.

    Raise `Conflict` where a row is not as its step found it.
    """
    db.flush()
    made: dict[tuple[str, int], int] = {}
    done = []
    for step in steps:
        step = _with_ids(step, made)  # noqa: PLW2901  # the same step, its references resolved
        if step.before is None and step.after is not None:
            done.append(_insert(db, step, made))
        else:
            _alter(db, step)
            done.append(step)
    db.expire_all()
    return done


def reverse(db: Session, steps: Sequence[Step]) -> None:
    """Take the steps back, the last first. Raise `Conflict` where a row has changed since."""
    back = [replace(s, before=s.after, after=s.before) for s in reversed(steps)]
    db.flush()
    for step in back:
        if step.before is None and step.after is not None:
            db.connection().execute(insert(_table(step)).values(**step.key | step.after))
        else:
            _alter(db, step)
    db.expire_all()


def _insert(db: Session, step: Step, made: dict[tuple[str, int], int]) -> Step:
    table, values = _table(step), {**(step.after or {}), **step.key}
    (first, *rest) = table.primary_key.columns
    number = step.key.get(first.name)
    if rest or first.foreign_keys or not isinstance(number, int) or number > 0:
        db.connection().execute(insert(table).values(**values))
        return step
    values.pop(first.name)
    new = db.connection().scalar(insert(table).values(**values).returning(first))
    made[table.name, number] = int(new or 0)
    return replace(step, key={first.name: int(new or 0)})


def _alter(db: Session, step: Step) -> None:
    table, before = _table(step), step.before or {}
    same = _is(table, step.key, {k: v for k, v in before.items() if k != "version"})
    if step.after is None:
        changed = db.connection().execute(delete(table).where(same))
    else:
        values = {k: v for k, v in step.after.items() if k != "version"}
        if "version" in table.c:
            values["version"] = table.c.version + 1
        changed = db.connection().execute(update(table).where(same).values(**values))
    if changed.rowcount != 1:
        raise Conflict(_LATE)


def unlike(db: Session, step: Step) -> bool:
    """Tell whether the row is no longer as the step left it."""
    table, after = _table(step), step.after
    held = {k: v for k, v in (after or {}).items() if k != "version"}
    there = db.execute(select(1).where(_is(table, step.key, held))).first() is not None
    return there if after is None else not there


def _is(table: Table, *values: Values) -> ColumnElement[bool]:
    pairs = [(table.c[k], v) for each in values for k, v in each.items()]
    # JSON has no equality on PostgreSQL.
    return and_(*(c.is_not_distinct_from(v) for c, v in pairs if not isinstance(c.type, JSON)))


def _with_ids(step: Step, made: Mapping[tuple[str, int], int]) -> Step:
    table = _table(step)

    def resolved(values: Values | None) -> Values | None:
        if values is None:
            return None
        return {k: made.get((_leads_to(table, k), v), v) for k, v in values.items()}

    return replace(
        step,
        key=resolved(step.key) or {},
        before=resolved(step.before),
        after=resolved(step.after),
    )


def _leads_to(table: Table, column: str) -> str:
    """Return the table whose ids a column holds, "" for none."""
    return next((key.column.table.name for key in table.c[column].foreign_keys), "")


def _table(step: Step) -> Table:
    return metadata.tables[step.table]


def _plain(values: Values | None) -> Values | None:
    return None if values is None else {k: _plain_value(v) for k, v in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _typed(table: str, values: Values | None) -> Values | None:
    if values is None:
        return None
    columns = metadata.tables[table].c
    return {k: _typed_value(columns[k].type.python_type, v) for k, v in values.items()}


def _typed_value(kind: type[Any], value: Any) -> Any:
    if value is None or isinstance(value, kind):
        return value
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    return kind(value)
