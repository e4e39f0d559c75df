"""How a case stands, and why a meeting hears it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from govgrid.words import N_, Word


class CaseState(Word):
    """How a case stands, as lists are filtered by it."""

    OPEN = "open", N_("未办结")
    OVERDUE = "overdue", N_("逾期未办结")
    CLOSED = "closed", N_("已办结")
    CLOSED_LATE = "closed_late", N_("超时办结")
    REPLIED_LATE = "replied_late", N_("响应超时")
    DISSATISFIED = "dissatisfied", N_("不满意")
    OUTSIDE = "outside_remit", N_("职责外")


class Stood(Protocol):
    """What the state of a case follows from."""

    @property
    def reply_due(self) -> datetime: ...
    @property
    def close_due(self) -> datetime: ...
    @property
    def replied_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def satisfied(self) -> bool | None: ...
    @property
    def in_remit(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class AsItStood:
    """A case with the closing that held at a past moment."""

    reply_due: datetime
    close_due: datetime
    replied_at: datetime | None
    closed_at: datetime | None
    satisfied: bool | None
    in_remit: bool | None


def states(case: Stood, at: datetime) -> list[CaseState]:
    """Return how a case stands at a moment: open or closed first, then what is special."""
    found = []
    if case.closed_at is None or case.closed_at > at:
        found.append(CaseState.OVERDUE if case.close_due < at else CaseState.OPEN)
    else:
        late = case.closed_at > case.close_due
        found.append(CaseState.CLOSED_LATE if late else CaseState.CLOSED)
        if case.satisfied is False:
            found.append(CaseState.DISSATISFIED)
    if (case.replied_at or at) > case.reply_due:
        found.append(CaseState.REPLIED_LATE)
    if case.in_remit is False:
        found.append(CaseState.OUTSIDE)
    return found


class Reason(Word):
    """Why a case is heard at a meeting; the first is heard first."""

    OVERDUE = "overdue", N_("逾期未办结")
    DISSATISFIED = "dissatisfied", N_("居民不满意")
    OPEN = "open", N_("尚未办结")
    CLOSED_LATE = "closed_late", N_("超时办结")
    REPLIED_LATE = "replied_late", N_("响应超时")
