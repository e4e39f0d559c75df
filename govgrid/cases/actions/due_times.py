"""Bring due times in line with a changed calendar, and note that it was seen."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session, contains_eager

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.models import Case, DueChange
from govgrid.cases.queries.due_times import Due, due_moved, unseen
from govgrid.db import metadata
from govgrid.errors import Forbidden
from govgrid.workdays import Turned, calendar

_A_LINE = 500  # cases that one line of the journal names


def renew_due_times(
    db: Session, actor: Actor | None, change_id: int, days: Iterable[Turned]
) -> list[Due]:
    """Bring the reply due times of cases received on those days in line with the calendar.

    What moved stays listed under the notice's change until somebody has seen it.
    """
    moved = due_moved(db, days, calendar(db))
    if not moved:
        return []
    table = metadata.tables[Case.__tablename__]
    change = update(table).where(table.c.id == bindparam("known_id"))
    renewed = {"reply_due": bindparam("due"), "version": table.c.version + 1}
    db.execute(change.values(renewed), [{"known_id": d.case_id, "due": d.after} for d in moved])
    _list(db, change_id, moved)
    for first in range(0, len(moved), _A_LINE):
        _journal(db, actor, change_id, moved[first : first + _A_LINE])
    return moved


def _list(db: Session, change_id: int, moved: list[Due]) -> None:
    """List what moved; what nobody saw moving away and is back needs nobody's eye."""
    listed = select(DueChange.id, DueChange.case_id, DueChange.before)
    known = {row.case_id: row for row in db.execute(listed.where(DueChange.seen_at.is_(None)))}
    again = [known[due.case_id] for due in moved if due.case_id in known]
    if again:
        gone = delete(DueChange).where(DueChange.id == bindparam("gone"))
        db.connection().execute(gone, [{"gone": row.id} for row in again])
    first = {row.case_id: row.before for row in again}
    rows = [
        {"change_id": change_id, "case_id": due.case_id, "before": before, "after": due.after}
        for due in moved
        if (before := first.get(due.case_id, due.before)) != due.after
    ]
    if rows:
        db.execute(insert(DueChange), rows)


def _journal(db: Session, actor: Actor | None, change_id: int, moved: list[Due]) -> None:
    journal.record(
        db,
        actor,
        "renew_due_times",
        "cases",
        change_id,
        cases=len(moved),
        before={due.number: due.before for due in moved},
        after={due.number: due.after for due in moved},
    )


def see_due_changes(db: Session, actor: Actor, ids: Iterable[int] | None, *, at: datetime) -> int:
    """Note that the actor has dealt with moved due times, all of the own area if None.

    Return how many. Raise `Forbidden` for somebody who convenes nowhere.
    """
    if not actor.has(Power.CONVENE):
        raise Forbidden("您的职务没有处理时限变动的权限；请联系社区书记或街道联络员。")
    found = unseen(actor, Power.CONVENE).options(contains_eager(DueChange.case))
    if ids is not None:
        found = found.where(DueChange.id.in_(list(ids)))
    seen = list(db.scalars(found))
    for one in seen:
        one.seen_at, one.seen_by = at, actor.name
    for first in range(0, len(seen), _A_LINE):
        some = seen[first : first + _A_LINE]
        numbers = [one.case.number for one in some]
        journal.record(db, actor, "see_due_times", "cases", some[0].change_id, numbers=numbers)
    return len(seen)
