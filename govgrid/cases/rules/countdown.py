"""How much time is left to a due time, or how long it has passed, in days, hours and minutes."""

from datetime import datetime, timedelta
from typing import NamedTuple

from govgrid.cases.models import Case, DueKind

MINUTE = timedelta(minutes=1)
CLOCKS = (DueKind.REPLY, DueKind.CLOSE)  # a promised arrival runs beside them, by letter alone


class Left(NamedTuple):
    """A span in whole days, hours and minutes, and whether it is already past the due time."""

    over: bool
    days: int
    hours: int
    minutes: int


def next_due(case: Case) -> tuple[DueKind, datetime]:
    """Return which due time an open case runs towards."""
    if case.replied_at is None:
        return DueKind.REPLY, case.reply_due
    return DueKind.CLOSE, case.close_due


def left(due: datetime, at: datetime) -> Left:
    """Return the time left, whole minutes: the due minute itself is still in time."""
    over = at >= due + MINUTE
    minutes = int(abs(due - at) / MINUTE)
    return Left(over, minutes // 1440, minutes // 60 % 24, minutes % 60)
