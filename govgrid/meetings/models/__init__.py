"""Tables of meetings, one module a noun."""

from govgrid.meetings.models.agenda import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    Resolution,
)
from govgrid.meetings.models.meeting import (
    Attendance,
    Attendee,
    Meeting,
    Reply,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.models.minutes import CalendarLink, Minutes, MinutesStage

__all__ = [
    "ActionItem",
    "AgendaCase",
    "AgendaItem",
    "AgendaKind",
    "Attendance",
    "Attendee",
    "CalendarLink",
    "Meeting",
    "Minutes",
    "MinutesStage",
    "Reply",
    "Resolution",
    "Stage",
    "Unit",
    "Venue",
]
