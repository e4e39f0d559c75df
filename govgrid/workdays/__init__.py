"""Chinese working days, announced or provisional; the service clock's day type."""

from govgrid.workdays.calendar import (
    Calendar,
    DayKind,
    Decreed,
    Imported,
    announced_by,
    built_in,
    calendar,
    calendar_of,
    imported_columns,
    local_day,
    provisional,
)
from govgrid.workdays.models import WorkdayChange, WorkdayNotice, WorkdayRow
from govgrid.workdays.queries import closed_days, turned_by
from govgrid.workdays.rules import Turned, turned

__all__ = [
    "Calendar",
    "DayKind",
    "Decreed",
    "Imported",
    "Turned",
    "WorkdayChange",
    "WorkdayNotice",
    "WorkdayRow",
    "announced_by",
    "built_in",
    "calendar",
    "calendar_of",
    "closed_days",
    "imported_columns",
    "local_day",
    "provisional",
    "turned",
    "turned_by",
]
