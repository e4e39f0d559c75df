"""How cases stand at a moment, as conditions of a query; later events do not count."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from govgrid.cases.models import Case
from govgrid.cases.rules import CaseState


def closed(at: datetime) -> ColumnElement[bool]:
    return Case.closed_at <= at


def still_open(at: datetime) -> ColumnElement[bool]:
    return or_(Case.closed_at.is_(None), Case.closed_at > at)


def overdue(at: datetime) -> ColumnElement[bool]:
    return and_(still_open(at), Case.close_due < at)


def replied_in_time(at: datetime) -> ColumnElement[bool]:
    return and_(Case.replied_at <= at, Case.replied_at <= Case.reply_due)


def replied_late(at: datetime) -> ColumnElement[bool]:
    """Hold for a reply after the due time, and for none although it is past."""
    silent = or_(Case.replied_at.is_(None), Case.replied_at > at)
    return or_(
        and_(Case.replied_at <= at, Case.replied_at > Case.reply_due),
        and_(silent, Case.reply_due < at),
    )


def closed_late(at: datetime) -> ColumnElement[bool]:
    return and_(closed(at), Case.closed_at > Case.close_due)


def rated(at: datetime) -> ColumnElement[bool]:
    """Hold for the closed only: what was said of a case before does not count."""
    return and_(closed(at), Case.satisfied.is_not(None))


def dissatisfied(at: datetime) -> ColumnElement[bool]:
    return and_(closed(at), Case.satisfied.is_(False))


def outside(_at: datetime) -> ColumnElement[bool]:
    return Case.in_remit.is_(False)


IN_STATE = {
    CaseState.OPEN: still_open,
    CaseState.OVERDUE: overdue,
    CaseState.CLOSED: closed,
    CaseState.CLOSED_LATE: closed_late,
    CaseState.REPLIED_LATE: replied_late,
    CaseState.DISSATISFIED: dissatisfied,
    CaseState.OUTSIDE: outside,
}
