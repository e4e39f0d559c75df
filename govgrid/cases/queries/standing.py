"""How cases stand at a moment, as conditions of a query; later events do not count."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from govgrid.cases.models import Case
from govgrid.cases.rules import CaseState


def received(at: datetime) -> ColumnElement[bool]:
    return Case.received_at <= at


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


def closed_in_time(at: datetime) -> ColumnElement[bool]:
    return and_(closed(at), Case.closed_at <= Case.close_due)


def satisfied(at: datetime) -> ColumnElement[bool]:
    return and_(closed(at), Case.satisfied.is_(True))


def reported(at: datetime) -> ColumnElement[bool]:
    return and_(outside(at), Case.reported_at <= at)


COUNTED = {  # every count of the rates but that of all received, in their order
    "replied_in_time": replied_in_time,
    "closed": closed,
    "closed_in_48h": closed_in_time,
    "rated": rated,
    "satisfied": satisfied,
    "outside_remit": outside,
    "reported": reported,
}
IN_STATE = {
    CaseState.OPEN: still_open,
    CaseState.OVERDUE: overdue,
    CaseState.CLOSED: closed,
    CaseState.CLOSED_LATE: closed_late,
    CaseState.REPLIED_LATE: replied_late,
    CaseState.DISSATISFIED: dissatisfied,
    CaseState.OUTSIDE: outside,
}
