"""Decisions about meetings: moves, slots, clashes, quorum, what a month's state is called."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from govgrid.clock import HERE
from govgrid.errors import Conflict, Invalid, Refusal
from govgrid.meetings.models import (
    Attendance,
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    Stage,
)
from govgrid.meetings.rules.settings import Setup, open_days
from govgrid.words import N_, Word
from govgrid.workdays import Calendar

MINUTES_DUE = timedelta(days=5)
DOORS = timedelta(hours=2)  # attendance may be taken this long before the start
LINK_LIVES = timedelta(days=7)  # a reply link outlives its meeting by a week
MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.PLANNED: frozenset({Stage.CONFIRMED, Stage.CANCELLED}),
    Stage.CONFIRMED: frozenset({Stage.HELD, Stage.CANCELLED}),
    Stage.HELD: frozenset(),
    Stage.CANCELLED: frozenset(),
}


class State(Word):
    """A unit's state in a month, as the board shows it."""

    UNPLANNED = "unplanned", N_("未排定")
    PLANNED = "planned", N_("已排定")
    CONFIRMED = "confirmed", N_("已确认")
    INVITED = "invited", N_("已发通知")
    HELD = "held", N_("已召开")
    MINUTES_DUE = "minutes_due", N_("纪要逾期")
    SIGNED = "signed", N_("纪要已签发")


class Obstacle(StrEnum):
    """Why somebody or a room is not free."""

    MEETING = "meeting"
    ABSENCE = "absence"
    CLOSURE = "closure"


@dataclass(frozen=True, slots=True)
class Busy:
    """A time that is taken; `end` is excluded, `why` names the meeting or the absence."""

    start: datetime
    end: datetime
    obstacle: Obstacle
    why: str

    def hits(self, start: datetime, end: datetime) -> bool:
        """Tell whether it overlaps the given time."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class Slot:
    """A possible time of a meeting."""

    start: datetime
    end: datetime
    provisional: bool


def state(meeting: Meeting | None, minutes: Minutes | None, at: datetime) -> State:
    """Return how far a unit's month has come."""
    if meeting is None:
        return State.UNPLANNED
    if minutes is not None and minutes.stage is MinutesStage.SIGNED:
        return State.SIGNED
    if meeting.stage is Stage.HELD:
        return State.MINUTES_DUE if at > meeting.end + MINUTES_DUE else State.HELD
    if meeting.stage is Stage.CONFIRMED:
        return State.INVITED if meeting.invited_at else State.CONFIRMED
    return State.PLANNED


def move(meeting: Meeting, to: Stage) -> None:
    """Take the meeting to the stage. Raise `Conflict` where that is no legal move."""
    if to not in MOVES[meeting.stage]:
        raise Conflict(
            "会议当前为“%(now)s”，不能变更为“%(to)s”。请刷新页面查看最新状态。",
            now=meeting.stage.word,
            to=to.word,
        )
    meeting.stage = to


def month_start(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Return the first day of the following month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def last_month(day: date) -> date:
    """Return the first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def moment(day: date, clock: time) -> datetime:
    """Return the aware moment of a clock time in China."""
    return datetime.combine(day, clock, HERE)


def spoken(moment: datetime) -> Refusal:
    """Return `12月8日 09:00`, as each language says it, to stand in a refusal."""
    here = moment.astimezone(HERE)
    return Invalid(
        "%(month)s月%(day)s日 %(clock)s", month=here.month, day=here.day, clock=f"{here:%H:%M}"
    )


def month_span(month: date) -> tuple[datetime, datetime]:
    """Return the first moment of the month and that of the next."""
    return moment(month, time()), moment(next_month(month), time())


def days(month: date) -> Iterator[date]:
    """Yield the days of the month."""
    day, end = month, next_month(month)
    while day < end:
        yield day
        day += timedelta(days=1)


def slots(month: date, setup: Setup, calendar: Calendar, after: datetime) -> list[Slot]:
    """Return the month's slots that begin after the moment, in order of time.

    Settings say on which days and at what times; decreed rest days are never among them.
    """
    length = timedelta(minutes=setup.minutes_long)
    return [
        Slot(start, start + length, provisional=not calendar.announced(day))
        for day in open_days(setup, month, calendar)
        for minute in setup.starts
        if setup.allows(calendar.kind(day), minute)
        for start in (moment(day, time(minute // 60, minute % 60)),)
        if start > after
    ]


def clashes(busy: Iterable[Busy], start: datetime, end: datetime) -> list[Busy]:
    """Return what stands in the way of the time."""
    return [b for b in busy if b.hits(start, end)]


def quorum(required: int, share: int = 50) -> int:
    """Return how many required attendees must be there: more than `share` per cent of them."""
    return max(min(required, required * share // 100 + 1), 1)


def quorum_held(attendees: Sequence[Attendee], share: int = 50) -> bool:
    """Tell whether enough required attendees, substitutes included, are there."""
    required = [a for a in attendees if a.required and not a.observer]
    there = sum(a.attendance in {Attendance.PRESENT, Attendance.SUBSTITUTE} for a in required)
    return there >= quorum(len(required), share)
