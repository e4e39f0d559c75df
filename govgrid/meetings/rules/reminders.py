"""Who is told without anything having changed: reminders, second requests, action items due.

The tables in docs/letters.md say the same in words; a test holds the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from govgrid.access import Role
from govgrid.clock import HERE
from govgrid.meetings.models import Reminder, Reply
from govgrid.meetings.rules.settings import Setup

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LEADS = {Reminder.WEEK: WEEK, Reminder.DAY: DAY, Reminder.HOURS: timedelta(hours=2)}
# So long after its moment a reminder is still of use: the worker may have stood still.
LATE = {
    Reminder.WEEK: timedelta(hours=12),
    Reminder.DAY: timedelta(hours=6),
    Reminder.HOURS: timedelta(minutes=30),
}
ASKING_LATE = timedelta(hours=12)
LONGEST = WEEK  # nothing is due earlier before a meeting
EARLIEST, LATEST = time(8), time(20)  # letters about action items come by day
FURTHEST = timedelta(days=14)  # nobody is told earlier of a deadline


class Call(StrEnum):
    """What a letter calls to mind."""

    ANSWER = "answer"  # asked once more, by those who have not answered
    WEEK = Reminder.WEEK.value
    DAY = Reminder.DAY.value
    HOURS = Reminder.HOURS.value


class Chase(StrEnum):
    """What an action item's owner is told."""

    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody due at a meeting; `told`: when a letter about it was last queued to them."""

    role: Role
    reply: Reply
    told: datetime | None


@dataclass(frozen=True, slots=True)
class _Moment:
    """A call's time, and until when it is of use."""

    call: Call
    first: datetime
    last: datetime

    def holds(self, at: datetime) -> bool:
        return self.first <= at < self.last


def near(setup: Setup, start: datetime, *, at: datetime) -> bool:
    """Tell whether anybody may be due a letter now."""
    kinds = {kind for _role, kind in setup.reminders}
    return any(m.holds(at) for m in _moments(setup, kinds, start))


def call(setup: Setup, seat: Seated, start: datetime, *, at: datetime) -> Call | None:
    """Return what this person is called to mind now; who was told since the moment is not."""
    if seat.reply is Reply.DECLINED:
        return None
    kinds = {kind for role, kind in setup.reminders if role is seat.role}
    for moment in _moments(setup, kinds, start):
        if moment.call is Call.ANSWER and seat.reply is not Reply.NEEDS_ACTION:
            continue
        if moment.holds(at) and (seat.told is None or seat.told < moment.first):
            return moment.call
    return None


def _moments(setup: Setup, kinds: set[Reminder], start: datetime) -> Iterator[_Moment]:
    if setup.follow_up:
        first = start - setup.follow_up * DAY
        yield _Moment(Call.ANSWER, first, first + ASKING_LATE)
    for kind in Reminder:
        if kind in kinds:
            first = start - LEADS[kind]
            yield _Moment(Call(kind.value), first, first + LATE[kind])


def by_day(at: datetime) -> bool:
    """Tell whether letters about action items may leave at that moment."""
    return EARLIEST <= at.astimezone(HERE).time() < LATEST


def chase(
    deadline: date, due_days: int, *, told: datetime | None, signed: datetime | None, at: datetime
) -> Chase | None:
    """Return what the owner of an open action item is told now.

    `told`: when the last letter about the item was queued; `signed`: when the minutes were, which
    told of it, too.
    """
    today = at.astimezone(HERE).date()
    if not by_day(at):
        return None
    if deadline < today:
        over = _morning(deadline + DAY)
        return Chase.OVERDUE if told is None or told < over or told <= at - WEEK else None
    first = _morning(deadline - due_days * DAY)
    if not due_days or at < first or told is not None or (signed is not None and signed >= first):
        return None
    return Chase.DUE


def _morning(day: date) -> datetime:
    return datetime.combine(day, EARLIEST, HERE)
