"""Import of a year's notice in the open holiday-cn JSON form."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.sheets import Change, Changes, Outcome
from govgrid.workdays import actions
from govgrid.workdays.calendar import Decreed
from govgrid.workdays.notice import Notice, read_notice
from govgrid.workdays.queries import imported


def load(db: Session, actor: Actor | None, data: bytes, name: str, *, at: datetime) -> Outcome:
    """Bring the notice of a year into force; it takes the place of an earlier file for that year.

    Rows are the file's `days`, counted from 1. Raise `Invalid` for a file that is no notice.
    """
    actions.may_keep(actor)
    notice, errors = read_notice(data)
    if errors:
        return Outcome("workdays", notice.rows, errors=errors)
    known = imported(db, notice.year)
    outcome = _compared(notice, known.days if known else {})
    if db.info.get("reading"):
        return outcome
    if known is None or outcome.created or outcome.updated:
        change = actions.add(db, actor, notice, data, name, at=at)
        actions.apply(db, actor, change, at=at)
    else:
        digest = hashlib.sha256(data).hexdigest()
        journal.record(
            db, actor, "import", "workdays", notice.year, file=name, sha256=digest,
            rows=notice.rows, turned=0,
        )  # fmt: skip
    return outcome


def _compared(notice: Notice, stored: Mapping[date, Decreed]) -> Outcome:
    created = len(notice.days.keys() - stored.keys())
    unchanged = len(notice.days.items() & stored.items())
    # A day that a corrected notice no longer names is an update too: it is ordinary again.
    gone = len(stored.keys() - notice.days.keys())
    updated = len(notice.days) - created - unchanged + gone
    changes = _changes(notice, stored)
    return Outcome("workdays", notice.rows, created, updated, unchanged, changes=changes)


def _changes(notice: Notice, stored: Mapping[date, Decreed]) -> Changes:
    changes = Changes()
    for number, (day, said) in enumerate(notice.days.items(), 1):
        before = stored.get(day)
        if before is None:
            changes.add(number, f"{day} {said.name}")
        elif before != said:
            told = (_shown(before), _shown(said))
            changes.change(Change(number, f"{day} {said.name}", (("isOffDay", *told),)))
    for day in sorted(stored.keys() - notice.days.keys()):
        changes.change(Change(0, str(day), (("days", _shown(stored[day]), ""),)))
    return changes


def _shown(said: Decreed) -> str:
    return f"{said.name} {'休' if said.off else '班'}"
