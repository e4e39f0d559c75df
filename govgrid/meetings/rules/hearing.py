"""Why a case is heard at a meeting, and which first; the SQL of cases/queries/heard.py says the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from govgrid.cases.models import Case
from govgrid.cases.rules import Reason
from govgrid.errors import Invalid, Refusal


@dataclass(frozen=True, slots=True)
class Ranked:
    """A case with the reason that places it, and all that speaks for hearing it, in words."""

    case: Case
    reason: Reason
    told: tuple[Refusal, ...]


def ranked(cases: Iterable[Case], at: datetime) -> list[Ranked]:
    """Return the troubled ones, the worst first; equals by receipt, then by number.

    Whatever order they come in, the same ones come out in the same order.
    """
    reasons = list(Reason)
    found = [(case, why) for case in cases if (why := reason(case, at)) is not None]
    found.sort(key=lambda one: (reasons.index(one[1]), one[0].received_at, one[0].id))
    return [Ranked(case, why, tuple(_told(case, at))) for case, why in found]


def reason(case: Case, at: datetime) -> Reason | None:
    """Return what places the case as it stands at the moment, None where nothing went wrong."""
    closed = case.closed_at is not None and case.closed_at <= at
    if not closed:
        return Reason.OVERDUE if case.close_due < at else Reason.OPEN
    if case.satisfied is False:
        return Reason.DISSATISFIED
    if case.closed_at is not None and case.closed_at > case.close_due:
        return Reason.CLOSED_LATE
    return Reason.REPLIED_LATE if _reply(case, at) > case.reply_due else None


def _told(case: Case, at: datetime) -> Iterator[Refusal]:
    closed = case.closed_at if case.closed_at is not None and case.closed_at <= at else None
    if closed is None and case.close_due < at:
        yield Invalid("逾期未办结，已超 %(span)s", span=span(at - case.close_due))
    elif closed is None:
        yield Invalid("尚未办结，距时限 %(span)s", span=span(case.close_due - at))
    else:
        if case.satisfied is False:
            yield Invalid("居民不满意")
        if closed > case.close_due:
            yield Invalid("办结超时 %(span)s", span=span(closed - case.close_due))
    if (late := _reply(case, at) - case.reply_due) > timedelta():
        replied = case.replied_at is not None and case.replied_at <= at
        if replied:
            yield Invalid("响应超时 %(span)s", span=span(late))
        else:
            yield Invalid("至今未响应，已超 %(span)s", span=span(late))
    if case.reopened_at is not None and case.reopened_at <= at:
        yield Invalid("曾重新办理")


def _reply(case: Case, at: datetime) -> datetime:
    """Return when it was replied to, or the moment where it was not yet."""
    return at if case.replied_at is None else min(case.replied_at, at)


def span(length: timedelta) -> Refusal:
    """Return a length of time in its one or two largest units."""
    minutes = int(length / timedelta(minutes=1))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return (
            Invalid("%(d)s 天 %(h)s 小时", d=days, h=hours)
            if hours
            else Invalid("%(d)s 天", d=days)
        )
    if hours:
        return Invalid("%(h)s 小时 %(m)s 分", h=hours, m=minutes % 60)
    return Invalid("%(m)s 分钟", m=minutes)
