"""What speaks against a time whatever else is held then: past, another month, a rest day."""

from collections.abc import Iterator
from datetime import date, datetime

from govgrid.clock import HERE
from govgrid.errors import Invalid, Refusal
from govgrid.meetings.rules import month_start
from govgrid.meetings.rules.settings import Setup
from govgrid.web.provisional import planned_text
from govgrid.workdays import Calendar


def out_of_month(start: datetime, month: date) -> Refusal | None:
    """Return why a meeting cannot move out of its month, None where it stays."""
    if month_start(start.astimezone(HERE).date()) == month:
        return None
    return Invalid("会议只能在当月内调整；如需跨月，请取消后在新的月份重新排定。")


def unfit(start: datetime, setup: Setup, calendar: Calendar, *, at: datetime) -> Iterator[Refusal]:
    """Yield why nothing is held at that time: it is past, or a rest day that the unit spares."""
    day = start.astimezone(HERE).date()
    if start <= at:
        yield Invalid("所选时间已过，请另选时间。")
    if not calendar.is_workday(day) and not setup.allows(calendar.kind(day), 0):
        yield Invalid("%(day)s是休息日，请选择工作日。", day=planned_text(day))
