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
    VenueClosure,
)
from govgrid.meetings.models.minutes import CalendarLink, Minutes, MinutesStage
from govgrid.meetings.models.settings import AreaSettings, Kind, Part, Scope, SettingColumns

__all__ = [
    "ActionItem",
    "AgendaCase",
    "AgendaItem",
    "AgendaKind",
    "AreaSettings",
    "Attendance",
    "Attendee",
    "CalendarLink",
    "Kind",
    "Meeting",
    "Minutes",
    "MinutesStage",
    "Part",
    "Reply",
    "Resolution",
    "Scope",
    "SettingColumns",
    "Stage",
    "Unit",
    "Venue",
    "VenueClosure",
]
