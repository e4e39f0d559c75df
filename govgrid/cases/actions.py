"""Verbs on cases: bring due times in line with a newly announced calendar."""

from datetime import date, datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.cases.models import Case
from govgrid.cases.queries import month_span
from govgrid.cases.rules import CLOCK
from govgrid.db import metadata
from govgrid.workdays import calendar


def renew_due_times(db: Session, actor: Actor | None, year: int) -> list[str]:
    """Bring the reply due times of a notice's year in line; return the numbers of changed cases.

    The December before belongs to it, because a notice may reach back into it.
    """
    days = calendar(db)
    since, until = month_span(date(year - 1, 12, 1))[0], month_span(date(year, 12, 1))[1]
    received = select(Case.id, Case.number, Case.received_at, Case.reply_due).where(
        Case.received_at >= since, Case.received_at < until
    )
    changed: list[dict[str, object]] = []
    old: dict[str, datetime] = {}
    new: dict[str, datetime] = {}
    numbers: list[str] = []
    for id_, number, moment, before in db.execute(received.order_by(Case.received_at)):
        due = CLOCK.reply_due(moment, days)
        if due != before:
            changed.append({"known_id": id_, "due": due})
            numbers.append(number)
            old[number], new[number] = before, due
    if changed:
        table = metadata.tables[Case.__tablename__]
        change = update(table).where(table.c.id == bindparam("known_id"))
        renewed = {"reply_due": bindparam("due"), "version": table.c.version + 1}
        db.execute(change.values(renewed), changed)
        journal.record(
            db, actor, "renew_due_times", "cases", year, cases=len(changed), before=old, after=new
        )
    return numbers
