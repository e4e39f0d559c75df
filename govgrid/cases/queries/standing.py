"""How cases stood at a moment, as conditions of a query; later events do not count.

A closing counts from its moment on, one that was undone up to its reopening.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, true

from govgrid.cases.models import Case, UndoneClosing
from govgrid.cases.rules import CaseState


def received(at: datetime) -> ColumnElement[bool]:
    return Case.received_at <= at


def closed(at: datetime) -> ColumnElement[bool]:
    return or_(Case.closed_at <= at, _closed_then(at, true()))


def still_open(at: datetime) -> ColumnElement[bool]:
    later = or_(Case.closed_at.is_(None), Case.closed_at > at)
    return and_(later, or_(_not_reopened_after(at), ~_undone(at, true())))


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
    return _closing(at, Case.closed_at > Case.close_due, UndoneClosing.closed_at > Case.close_due)


def rated(at: datetime) -> ColumnElement[bool]:
    """Hold for the closed only: what was said of a case before does not count."""
    return _closing(at, Case.satisfied.is_not(None), UndoneClosing.satisfied.is_not(None))


def dissatisfied(at: datetime) -> ColumnElement[bool]:
    return _closing(at, Case.satisfied.is_(False), UndoneClosing.satisfied.is_(False))


def outside(_at: datetime) -> ColumnElement[bool]:
    return Case.in_remit.is_(False)


def closed_in_time(at: datetime) -> ColumnElement[bool]:
    return _closing(at, Case.closed_at <= Case.close_due, UndoneClosing.closed_at <= Case.close_due)


def satisfied(at: datetime) -> ColumnElement[bool]:
    return _closing(at, Case.satisfied.is_(True), UndoneClosing.satisfied.is_(True))


def reported(at: datetime) -> ColumnElement[bool]:
    return and_(outside(at), Case.reported_at <= at)


def promised(_at: datetime) -> ColumnElement[bool]:
    return Case.promised_reply.is_not(None)


def promise_kept(at: datetime) -> ColumnElement[bool]:
    return and_(promised(at), replied_in_time(at))


def on_site_promised(_at: datetime) -> ColumnElement[bool]:
    return Case.on_site_due.is_not(None)


def on_site_in_time(at: datetime) -> ColumnElement[bool]:
    return and_(Case.on_site_at <= at, Case.on_site_at <= Case.on_site_due)


def _closing(
    at: datetime, now: ColumnElement[bool], then: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Hold where the case was closed, and its closing of that moment was of that kind."""
    return or_(and_(Case.closed_at <= at, now), _closed_then(at, then))


def _closed_then(at: datetime, then: ColumnElement[bool]) -> ColumnElement[bool]:
    # The cheap questions come first: of most cases nothing was ever undone.
    reopened = and_(Case.reopened_at.is_not(None), Case.reopened_at > at)
    return and_(reopened, _undone(at, then))


def _not_reopened_after(at: datetime) -> ColumnElement[bool]:
    return or_(Case.reopened_at.is_(None), Case.reopened_at <= at)


def _undone(at: datetime, then: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(UndoneClosing.id)
        .where(
            UndoneClosing.case_id == Case.id,
            UndoneClosing.closed_at <= at,
            UndoneClosing.undone_at > at,
            then,
        )
        .correlate(Case)
        .exists()
    )


COUNTED = {  # every count of the rates but that of all received, in their order
    "replied_in_time": replied_in_time,
    "closed": closed,
    "closed_in_48h": closed_in_time,
    "rated": rated,
    "satisfied": satisfied,
    "outside_remit": outside,
    "reported": reported,
    "promised": promised,
    "promise_kept": promise_kept,
    "on_site_promised": on_site_promised,
    "on_site_in_time": on_site_in_time,
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
