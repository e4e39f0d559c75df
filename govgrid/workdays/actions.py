"""Verbs on notices: take one in to be looked at, bring it into force, drop it, take it back."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Office
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.sheets import RowError
from govgrid.workdays.calendar import calendar, forget
from govgrid.workdays.models import WorkdayChange, WorkdayNotice, WorkdayRow
from govgrid.workdays.notice import Notice, read_notice
from govgrid.workdays.queries import imported, in_force, preview
from govgrid.workdays.rules import Turned, turned

KEPT = timedelta(days=7)  # a notice that nobody brings into force
_TOLD = 10


def may_keep(actor: Actor | None) -> None:
    """Raise `Forbidden` unless the actor keeps the whole city's calendar."""
    if actor is not None and actor.office is not Office.SYSTEM:
        raise Forbidden("工作日安排适用于全市，请由系统管理员导入。")


def take_in(
    db: Session, actor: Actor | None, data: bytes, file: str, *, at: datetime
) -> WorkdayChange:
    """Keep a notice to be looked at. Raise `Invalid` with the places where it is malformed."""
    may_keep(actor)
    notice, errors = read_notice(data)
    if errors:
        fields = {f"days-{error.row}": _told(error) for error in errors[:_TOLD]}
        raise Invalid("文件有 %(n)s 处错误，没有保存。请更正后重新上传。", fields, n=len(errors))
    stale = WorkdayChange.applied_at.is_(None), WorkdayChange.uploaded_at < at - KEPT
    db.execute(delete(WorkdayChange).where(*stale))
    change = add(db, actor, notice, data, file, at=at)
    journal.record(
        db, actor, "upload", "workdays", notice.year, file=change.file, sha256=change.sha256
    )
    return change


def add(
    db: Session, actor: Actor | None, notice: Notice, data: bytes, file: str, *, at: datetime
) -> WorkdayChange:
    """Keep a notice that was read."""
    change = WorkdayChange(
        year=notice.year,
        file=file[-120:],
        sha256=hashlib.sha256(data).hexdigest(),
        notice=notice.document(),
        turned=[],
        uploaded_at=at,
        uploaded_by=_name(actor),
    )
    db.add(change)
    db.flush()
    return change


def apply(db: Session, actor: Actor | None, change: WorkdayChange, *, at: datetime) -> list[Turned]:
    """Bring the notice into force; return the days that changed their kind."""
    may_keep(actor)
    if change.applied_at is not None:
        raise Conflict("这份通知已经生效，无需再次确认。")
    notice, known = Notice.of(change.notice), imported(db, change.year)
    found = preview(db, notice)
    change.before = known.document() if known else None
    change.turned = [[t.day.isoformat(), t.was.value, t.now.value, t.name] for t in found]
    change.applied_at, change.applied_by = at, _name(actor)
    _store(db, change.year, notice, change.sha256, at)
    journal.record(
        db,
        actor,
        "import",
        "workdays",
        change.year,
        file=change.file,
        sha256=change.sha256,
        rows=notice.rows,
        turned=len(found),
    )
    return found


def undo(db: Session, actor: Actor | None, change: WorkdayChange, *, at: datetime) -> list[Turned]:
    """Put back what the notice took the place of; return the days that changed their kind.

    Raise `Conflict` unless it is the one in force for its year.
    """
    may_keep(actor)
    last = in_force(db, change.year)
    if last is None or last.id != change.id:
        raise Conflict("这份通知没有生效，或已被之后导入的通知取代，不能撤销。")
    old = calendar(db)
    before = Notice.of(change.before) if change.before else None
    _store(db, change.year, before, change.sha256, at)
    change.undone_at, change.undone_by = at, _name(actor)
    found = turned(old, calendar(db), change.year)
    journal.record(db, actor, "undo", "workdays", change.year, file=change.file, turned=len(found))
    return found


def drop(db: Session, actor: Actor | None, change: WorkdayChange) -> None:
    """Give up a notice that was not brought into force."""
    may_keep(actor)
    if change.applied_at is not None:
        raise Conflict("这份通知已经生效，不能放弃；如有误，请撤销。")
    journal.record(db, actor, "drop", "workdays", change.year, file=change.file)
    db.delete(change)


def _told(error: RowError) -> Invalid:
    return Invalid(
        "第 %(row)s 项 %(column)s“%(value)s”：%(reason)s",
        row=error.row,
        column=error.column,
        value=error.value,
        reason=error.reason,
    )


def _name(actor: Actor | None) -> str:
    return actor.name if actor else journal.SYSTEM


def _store(db: Session, year: int, notice: Notice | None, digest: str, at: datetime) -> None:
    """Make this the imported notice of the year; None: there is none."""
    db.execute(delete(WorkdayRow).where(WorkdayRow.year == year))
    if notice is None:
        db.execute(delete(WorkdayNotice).where(WorkdayNotice.year == year))
    else:
        db.merge(WorkdayNotice(year=year, papers=notice.papers, sha256=digest, loaded_at=at))
        db.flush()
        rows = [
            {"year": year, "day": day, "name": said.name, "off": said.off}
            for day, said in notice.days.items()
        ]
        db.execute(insert(WorkdayRow), rows)
    forget(db)
