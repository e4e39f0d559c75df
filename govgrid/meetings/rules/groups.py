"""What a chat group is told of a meeting, and when a text to its bot may leave."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from govgrid.meetings.models import Reminder, Stage
from govgrid.meetings.rules.letters import Shown, asked_again
from govgrid.meetings.rules.reminders import LATE, LEADS
from govgrid.words import N_

GAP = timedelta(seconds=4)  # WeCom and DingTalk take 20 texts a minute from one bot


class Event(StrEnum):
    """What is told."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"
    DAY_BEFORE = "day"
    SIGNED = "signed"


HEADS = {
    Event.CONFIRMED: N_("会议通知"),
    Event.MOVED: N_("会议变更通知"),
    Event.CANCELLED: N_("会议已取消"),
    Event.DAY_BEFORE: N_("会议提醒"),
    Event.SIGNED: N_("会议纪要已签发"),
}


def event(before: Shown, after: Shown, *, at: datetime) -> Event | None:
    """Return what of the change the group is told; nobody hears of a past meeting."""
    if after.end <= at:
        return None
    if asked_again(before, after):
        return Event.MOVED
    if before.stage is Stage.PLANNED and after.stage is Stage.CONFIRMED:
        return Event.CONFIRMED
    if before.stage is Stage.CONFIRMED and after.stage is Stage.CANCELLED:
        return Event.CANCELLED
    return None


def reminds(start: datetime, told: datetime | None, *, at: datetime) -> bool:
    """Tell whether the group is reminded now: a day before, unless it was told since."""
    moment = start - LEADS[Reminder.DAY]
    late = moment + LATE[Reminder.DAY]
    return moment <= at < late and (told is None or told < moment)


def slot(taken: Iterable[datetime], wanted: datetime) -> datetime:
    """Return the first moment from `wanted` on that keeps the gap to the texts that wait."""
    for moment in sorted(taken):
        if moment - wanted >= GAP:
            break
        if wanted - moment < GAP:
            wanted = moment + GAP
    return wanted
