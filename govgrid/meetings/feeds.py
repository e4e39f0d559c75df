"""Meetings as the calendar that people subscribe to: bytes made once per state of a meeting."""

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache

from govgrid.meetings import calendar
from govgrid.meetings.models import Stage
from govgrid.meetings.queries.feeds import Listed
from govgrid.settings import Settings
from govgrid.web import provisional
from govgrid.web.language import gettext as _
from govgrid.web.language import local

KEPT = 20_000  # meetings, about a kilobyte each


def feed(settings: Settings, name: str, meetings: Iterable[Listed]) -> tuple[bytes, str]:
    """Return the calendar and the ETag of these bytes."""
    told = cache(remark)  # many meetings share a day
    blocks = (_block(settings.mailbox, m, told(local(m.start).date())) for m in meetings)
    data = calendar.feed(name, blocks)
    return data, f'"{hashlib.sha256(data).hexdigest()[:24]}"'


def block(settings: Settings, meeting: Listed) -> bytes:
    """Return the VEVENT of the meeting's state."""
    return _block(settings.mailbox, meeting, remark(local(meeting.start).date()))


def remark(day: date) -> str:
    """Return the sentence for a meeting on a provisional day, else nothing."""
    if not provisional.mark(day):
        return ""
    return _("日期暂定：%(year)s年放假安排尚未公布，如遇调整将另行通知。", year=day.year)


def event(mailbox: str, meeting: Listed, description: str) -> calendar.Event:
    """Return the meeting as calendars see it, without attendees."""
    return calendar.Event(
        uid=meeting.uid,
        sequence=meeting.sequence,
        start=meeting.start,
        end=meeting.end,
        summary=meeting.title,
        organizer=calendar.Party(mailbox, meeting.convenor, "CHAIR", "ACCEPTED"),
        location=" ".join(filter(None, (meeting.room, meeting.address))),
        resource=meeting.room,
        description=description,
        status="CANCELLED" if meeting.stage is Stage.CANCELLED else "CONFIRMED",
    )


def names(tag: str, asked: str) -> bool:
    """Tell whether an If-None-Match header names the tag (weak comparison, RFC 9110)."""
    listed = {one.strip().removeprefix("W/") for one in asked.split(",")}
    return tag in listed or "*" in listed


@lru_cache(KEPT)
def _block(mailbox: str, meeting: Listed, description: str) -> bytes:
    return calendar.vevent_block(event(mailbox, meeting, description), meeting.invited_at)
