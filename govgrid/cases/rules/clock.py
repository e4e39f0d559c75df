"""The service clock, and what is wrong with the moments of a case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from govgrid.cases.rules.promises import NO_PLEDGE, Pledge
from govgrid.errors import Invalid, Refusal
from govgrid.workdays import Calendar, local_day


@dataclass(frozen=True, slots=True)
class ServiceClock:
    """How long a property service may take, in elapsed time from the receipt."""

    reply_workday: timedelta = timedelta(hours=2)
    reply_other: timedelta = timedelta(hours=4)
    close: timedelta = timedelta(hours=48)

    def reply_due(
        self, received: datetime, calendar: Calendar, promised: int | None = None
    ) -> datetime:
        """Return when a reply is due, by the kind of the receipt's local day.

        A promise, in minutes, counts where it is the stricter.
        """
        workday = calendar.is_workday(local_day(received))
        asked = self.reply_workday if workday else self.reply_other
        return received + (asked if promised is None else min(asked, timedelta(minutes=promised)))

    def close_due(self, received: datetime) -> datetime:
        """Return when the case should be solved."""
        return received + self.close

    def dues(
        self, received: datetime, calendar: Calendar, pledge: Pledge = NO_PLEDGE
    ) -> dict[str, object]:
        """Return the due times, and the promise they follow, by the names of their columns."""
        coming = pledge.on_site
        return {
            "reply_due": self.reply_due(received, calendar, pledge.reply),
            "close_due": self.close_due(received),
            "promised_reply": pledge.reply,
            "on_site_due": None if coming is None else received + timedelta(minutes=coming),
        }


CLOCK = ServiceClock()


def minute(moment: datetime) -> datetime:
    """Return the moment's minute: the clock counts minutes, so the due minute is still in time."""
    return moment.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of a case; None is not yet, or unknown."""

    received_at: datetime
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    fed_back_at: datetime | None = None
    reported_at: datetime | None = None


def faults(moments: Moments, at: datetime) -> Iterator[tuple[str, Refusal]]:
    """Yield the name of each impossible moment with what is wrong, `at` being now."""
    received = moments.received_at
    if received > at:
        yield "received_at", Invalid("受理时间晚于现在，请核对。")
    if _earlier(moments.replied_at, received):
        yield "replied_at", Invalid("响应时间早于受理时间，请核对。")
    if _earlier(moments.closed_at, received):
        yield "closed_at", Invalid("办结时间早于受理时间，请核对。")
    if _earlier(moments.fed_back_at, received):
        yield "fed_back_at", Invalid("反馈时间早于受理时间，请核对。")
    if _earlier(moments.reported_at, received):
        yield "reported_at", Invalid("报告时间早于受理时间，请核对。")
    for name in ("replied_at", "closed_at", "fed_back_at", "reported_at"):
        moment = getattr(moments, name)
        if moment is not None and moment > at:
            yield name, Invalid("时间晚于现在，请核对。")


def _earlier(moment: datetime | None, received: datetime) -> bool:
    return moment is not None and moment < received
