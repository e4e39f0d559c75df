"""Tables of meetings, one module a noun."""

from govgrid.meetings.models.agenda import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    AgendaPoint,
    AgendaStamp,
    Resolution,
    Stamp,
)
from govgrid.meetings.models.attachments import Attachment, Media
from govgrid.meetings.models.feeds import CalendarCopy, FeedEvent, FeedLink
from govgrid.meetings.models.follow_up import ActionReport, CoOwner, ReportPhoto
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
from govgrid.meetings.models.proposals import Proposal, ProposalStage
from govgrid.meetings.models.room import Guest, ItemTime, RoomEntry, Vote, VoteRule
from govgrid.meetings.models.runs import UNDER_WAY, PlanLine, PlanPart, PlanRun, RunState
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
    "ActionReport",
    "AgendaCase",
    "AgendaItem",
    "AgendaKind",
    "AgendaPoint",
    "AgendaStamp",
    "Approval",
    "AreaSettings",
    "Attachment",
    "Attendance",
    "Attendee",
    "CalendarCopy",
    "CoOwner",
    "FeedEvent",
    "FeedLink",
    "Guest",
    "HouseStyle",
    "IncomingMail",
    "ItemTime",
    "Kind",
    "MailboxMark",
    "Media",
    "Meeting",
    "Minutes",
    "MinutesPrint",
    "MinutesStage",
    "MinutesText",
    "Outcome",
    "Part",
    "PlanLine",
    "PlanPart",
    "PlanRun",
    "PrintState",
    "Proposal",
    "ProposalStage",
    "Reminder",
    "Reply",
    "ReportPhoto",
    "Resolution",
    "Retention",
    "Reviewer",
    "RoomEntry",
    "RunState",
    "Scope",
    "SettingColumns",
    "Stage",
    "Stamp",
    "Unit",
    "Venue",
    "VenueClosure",
    "Verdict",
    "Vote",
    "VoteRule",
]
