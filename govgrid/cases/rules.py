"""The service clock, what is wrong with a case's times, its state, and the four rates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Protocol, Self

from govgrid.errors import Invalid, Refusal
from govgrid.words import N_, Word
from govgrid.workdays import Calendar, local_day

# Starter set of domain.md; a hotline's own categories are accepted as they come.
CATEGORIES = (
    N_("电梯故障"),
    N_("物业收费"),
    N_("外墙脱落"),
    N_("充电桩"),
    N_("安防管理"),
    N_("维修资金"),
    N_("公共收益"),
    N_("电动车被盗"),
    N_("停水停电催费"),
    N_("停车"),
    N_("环卫绿化"),
    N_("消防通道"),
    N_("噪音"),
    N_("漏水"),
    N_("业委会"),
    N_("其他"),
)

_NUMBERS = (
    re.compile(r"(?<!\d)(\d{3})\d{4,12}(\d{4})(?!\d)"),  # mobile, identity and bank card numbers
    re.compile(r"(?<!\d)(\d{3,4})[- ]\d{3,4}[- ]?(\d{4})(?!\d)"),  # with an area code, or in groups
)


@dataclass(frozen=True, slots=True)
class ServiceClock:
    """How long a property service may take, in elapsed time from the receipt."""

    reply_workday: timedelta = timedelta(hours=2)
    reply_other: timedelta = timedelta(hours=4)
    close: timedelta = timedelta(hours=48)

    def reply_due(self, received: datetime, calendar: Calendar) -> datetime:
        """Return when a reply is due, by the kind of the receipt's local day."""
        workday = calendar.is_workday(local_day(received))
        return received + (self.reply_workday if workday else self.reply_other)

    def close_due(self, received: datetime) -> datetime:
        """Return when the case should be solved."""
        return received + self.close


CLOCK = ServiceClock()


def minute(moment: datetime) -> datetime:
    """Return the moment's minute: the clock counts minutes, so the due minute is still in time."""
    return moment.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of a case; None is not yet, or unknown."""

    received_at: datetime
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    fed_back_at: datetime | None = None
    reported_at: datetime | None = None


def faults(moments: Moments, at: datetime) -> Iterator[tuple[str, Refusal]]:
    """Yield the name of each impossible moment with what is wrong, `at` being now."""
    received = moments.received_at
    if received > at:
        yield "received_at", Invalid("受理时间晚于现在，请核对。")
    if _earlier(moments.replied_at, received):
        yield "replied_at", Invalid("响应时间早于受理时间，请核对。")
    if _earlier(moments.closed_at, received):
        yield "closed_at", Invalid("办结时间早于受理时间，请核对。")
    if _earlier(moments.fed_back_at, received):
        yield "fed_back_at", Invalid("反馈时间早于受理时间，请核对。")
    if _earlier(moments.reported_at, received):
        yield "reported_at", Invalid("报告时间早于受理时间，请核对。")
    for name in ("replied_at", "closed_at", "fed_back_at", "reported_at"):
        moment = getattr(moments, name)
        if moment is not None and moment > at:
            yield name, Invalid("时间晚于现在，请核对。")


def _earlier(moment: datetime | None, received: datetime) -> bool:
    return moment is not None and moment < received


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


def masked(text: str) -> str:
    """Hide phone and identity card numbers that a resident wrote into a complaint."""
    for pattern in _NUMBERS:
        text = pattern.sub(r"\1****\2", text)
    return text


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts over the cases received in a month; every rate is None over nothing."""

    received: int = 0
    replied_in_time: int = 0
    closed: int = 0
    closed_in_48h: int = 0
    rated: int = 0
    satisfied: int = 0
    outside_remit: int = 0
    reported: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)),
        )

    @property
    def response_rate(self) -> float | None:
        """响应率: replied to by the due time, of those received."""
        return share(self.replied_in_time, self.received)

    @property
    def completion_rate(self) -> float | None:
        """办结率: closed, of those received."""
        return share(self.closed, self.received)

    @property
    def closed_48h_rate(self) -> float | None:
        """Closed within 48 h, of those received."""
        return share(self.closed_in_48h, self.received)

    @property
    def satisfaction_rate(self) -> float | None:
        """满意率: satisfied, of those rated."""
        return share(self.satisfied, self.rated)

    @property
    def report_rate(self) -> float | None:
        """报告率: reported to grid leader or member, of those outside the company's remit."""
        return share(self.reported, self.outside_remit)


def share(part: int, whole: int) -> float | None:
    """Return part ÷ whole, None over nothing: never a hundred per cent of no case."""
    return part / whole if whole else None
