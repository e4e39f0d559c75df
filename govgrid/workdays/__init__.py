"""Chinese working days, announced or provisional; the service clock's day type."""

from govgrid.workdays.calendar import (
    Calendar,
    DayKind,
    Decreed,
    built_in,
    calendar,
    local_day,
)
from govgrid.workdays.models import WorkdayNotice, WorkdayRow

__all__ = [
    "Calendar",
    "DayKind",
    "Decreed",
    "WorkdayNotice",
    "WorkdayRow",
    "built_in",
    "calendar",
    "local_day",
]
