"""Tables of meetings, one module a noun."""

from govgrid.meetings.models.agenda import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    Resolution,
)
from govgrid.meetings.models.feeds import CalendarCopy, FeedEvent, FeedLink
from govgrid.meetings.models.inbox import IncomingMail, MailboxMark, Outcome, Verdict
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
from govgrid.meetings.models.minutes import (
    Approval,
    HouseStyle,
    Minutes,
    MinutesStage,
    MinutesText,
    Retention,
    Reviewer,
)
from govgrid.meetings.models.printing import MinutesPrint, PrintState
from govgrid.meetings.models.runs import UNDER_WAY, PlanLine, PlanRun, RunState
from govgrid.meetings.models.settings import (
    AreaSettings,
    Kind,
    Part,
    Reminder,
    Scope,
    SettingColumns,
)

__all__ = [
    "UNDER_WAY",
    "ActionItem",
    "AgendaCase",
    "AgendaItem",
    "AgendaKind",
    "Approval",
    "AreaSettings",
    "Attendance",
    "Attendee",
    "CalendarCopy",
    "FeedEvent",
    "FeedLink",
    "HouseStyle",
    "IncomingMail",
    "Kind",
    "MailboxMark",
    "Meeting",
    "Minutes",
    "MinutesPrint",
    "MinutesStage",
    "MinutesText",
    "Outcome",
    "Part",
    "PlanLine",
    "PlanRun",
    "PrintState",
    "Reminder",
    "Reply",
    "Resolution",
    "Retention",
    "Reviewer",
    "RunState",
    "Scope",
    "SettingColumns",
    "Stage",
    "Unit",
    "Venue",
    "VenueClosure",
    "Verdict",
]
