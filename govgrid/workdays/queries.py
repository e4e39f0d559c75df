"""Named reads of notices: the one in force, those that came in, days on which no meeting stays."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.errors import NotFound
from govgrid.workdays.calendar import DayKind, Decreed, calendar, calendar_of, notices
from govgrid.workdays.models import WorkdayChange, WorkdayNotice, WorkdayRow
from govgrid.workdays.notice import Notice
from govgrid.workdays.rules import Turned, span, turned

_KINDS = {kind.value: kind for kind in DayKind}


def imported(db: Session, year: int) -> Notice | None:
    """Return the imported notice of the year."""
    known = db.get(WorkdayNotice, year)
    if known is None:
        return None
    rows = select(WorkdayRow.day, WorkdayRow.name, WorkdayRow.off).where(WorkdayRow.year == year)
    days = {day: Decreed(name, off) for day, name, off in db.execute(rows.order_by(WorkdayRow.day))}
    return Notice(year, known.papers, len(days), days)


def changes(db: Session, year: int | None = None) -> list[WorkdayChange]:
    """Return the notices that came in, the newest first; of one year where it is given."""
    found = select(WorkdayChange).order_by(WorkdayChange.id.desc()).limit(100)
    return list(db.scalars(found if year is None else found.where(WorkdayChange.year == year)))


def change_of(db: Session, number: int) -> WorkdayChange:
    """Return a notice that came in. Raise `NotFound`."""
    found = db.get(WorkdayChange, number)
    if found is None:
        raise NotFound("没有这份放假通知，或已被放弃。")
    return found


def in_force(db: Session, year: int) -> WorkdayChange | None:
    """Return the change that last set the year, unless it was taken back."""
    return db.scalar(
        select(WorkdayChange)
        .where(
            WorkdayChange.year == year,
            WorkdayChange.applied_at.is_not(None),
            WorkdayChange.undone_at.is_(None),
        )
        .order_by(WorkdayChange.applied_at.desc(), WorkdayChange.id.desc())
        .limit(1)
    )


def preview(db: Session, notice: Notice) -> list[Turned]:
    """Return the days that would change their kind if the notice came into force now."""
    after = calendar_of({**notices(db), notice.year: notice.days})
    return turned(calendar(db), after, notice.year)


def turned_by(change: WorkdayChange) -> list[Turned]:
    """Return the days that changed their kind when the notice came into force."""
    return [
        Turned(date.fromisoformat(day), _KINDS[was], _KINDS[now], name)
        for day, was, now, name in change.turned
    ]


def closed_days(db: Session, since: date, until: date) -> dict[date, str]:
    """Return the days in [since, until) on which no meeting stays, with their festival.

    Decreed and statutory rest days; and weekend days that were make-up working days, until a
    notice took that back: an ordinary weekend day may be allowed for a unit.
    """
    days = calendar(db)
    closed = {
        day: days.name(day) for day in span(since, until) if days.kind(day) is DayKind.HOLIDAY
    }
    for change in db.scalars(select(WorkdayChange).where(WorkdayChange.applied_at.is_not(None))):
        for one in turned_by(change):
            worked = DayKind.MAKEUP in {one.was, one.now}
            if worked and since <= one.day < until and days.kind(one.day) is DayKind.WEEKEND:
                closed[one.day] = ""
    return closed
