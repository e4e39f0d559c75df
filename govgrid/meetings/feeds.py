"""Meetings as the calendar that people subscribe to: events kept as text, made where none fits."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from govgrid import workdays
from govgrid.db import Database
from govgrid.meetings import calendar
from govgrid.meetings.actions.feeds import keep_events
from govgrid.meetings.models import FeedEvent, Stage
from govgrid.meetings.queries.feed_events import Address, Listed, Shown, Subject, listed, shown
from govgrid.web import language
from govgrid.web.language import gettext as _
from govgrid.web.language import local

MADE = 2_000  # events, about half a kilobyte each, for a database that cannot be written
_log = logging.getLogger(__name__)
_NINE, _TEN = (datetime(2026, 12, 8, hour, tzinfo=UTC) for hour in (1, 2))
_SAMPLE = Listed(
    "sample", 1, _NINE, _TEN, "例会，月度; 联席", Stage.CONFIRMED, _NINE, "会议室", "江桥街1号",
    "召集人",
)  # fmt: skip
_SAMPLES = (_SAMPLE, _SAMPLE._replace(stage=Stage.CANCELLED), _SAMPLE._replace(address=None))


class Manner(NamedTuple):
    """What events are made with that is no meeting's own."""

    mailbox: str
    locale: str
    notices: workdays.Imported

    def event(self, meeting: Listed) -> str:
        """Return the VEVENT of the meeting's state."""
        day = local(meeting.start).date()
        provisional = not workdays.announced_by(self.notices).announced(day)
        with language.speaking(self.locale):
            return block(self.mailbox, meeting, provisional=provisional).decode()


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed at one moment."""

    name: str
    subject: Subject
    manner: Manner
    at: datetime
    address: Address

    def tag(self) -> str | None:
        """Return the ETag; None where an event has to be made."""
        found = self.address.kept(digest(self.manner))
        return self._tag(found.meetings, found.marks) if found else None

    def kept(self) -> tuple[bytes, str] | None:
        """Return the calendar, whose text was asked for, and its ETag; None as for the tag."""
        found = self.address.kept(digest(self.manner))
        return (
            (self._calendar(found.text), self._tag(found.meetings, found.marks)) if found else None
        )

    def made(self, database: Database, db: Session) -> tuple[bytes, str]:
        """Return the calendar and its ETag, and keep the events that had to be made.

        `db` reads; it gives its connection back before another one writes.
        """
        rows = shown(db, self.subject, digest(self.manner), self.at)
        missing = [row.meeting for row in rows if row.text is None]
        if missing:
            states = listed(db, missing)
            db.rollback()
            events = [_event(number, state, self.manner) for number, state in states.items()]
            new = {one.meeting_id: Shown(one.meeting_id, one.mark, one.text) for one in events}
            rows = [new.get(row.meeting, row) for row in rows]
            _keep(database, events)
        texts = [row.text for row in rows if row.text is not None]
        marks = sum(row.mark for row in rows if row.mark is not None)
        return self._calendar("".join(texts)), self._tag(len(texts), marks)

    def _calendar(self, events: str) -> bytes:
        return calendar.feed(self.name, [events.encode()])

    def _tag(self, meetings: int, marks: int) -> str:
        """Return a weak tag: the same events may come in another order."""
        said = f"{self.name}\n{digest(self.manner)}\n{meetings}\n{marks}"
        return f'W/"{hashlib.sha256(said.encode()).hexdigest()[:24]}"'


@lru_cache(16)
def digest(manner: Manner) -> str:
    """Return what events are kept under: with another one all are made anew.

    It is taken from what the manner makes of samples, so that a new version of the software or of
    a library counts, and from the days that are announced.
    """
    announced = workdays.announced_by(manner.notices)
    said = hashlib.sha256(repr((sorted(announced.years), sorted(announced.decreed))).encode())
    with language.speaking(manner.locale):
        said.update(calendar.feed("", ()))
        for sample in _SAMPLES:
            for provisional in (False, True):
                said.update(block(manner.mailbox, sample, provisional=provisional))
    return said.hexdigest()


def block(mailbox: str, meeting: Listed, *, provisional: bool) -> bytes:
    """Return the VEVENT of the meeting's state, in the language spoken now."""
    return _block(mailbox, meeting, _remark(local(meeting.start).date()) if provisional else "")


def _remark(day: date) -> str:
    return _("日期暂定：%(year)s年放假安排尚未公布，如遇调整将另行通知。", year=day.year)


@lru_cache(MADE)
def _block(mailbox: str, meeting: Listed, description: str) -> bytes:
    return calendar.vevent_block(_vevent(mailbox, meeting, description), meeting.invited_at)


def _vevent(mailbox: str, meeting: Listed, description: str) -> calendar.Event:
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


def _event(meeting: int, state: Listed, manner: Manner) -> FeedEvent:
    text = manner.event(state)
    mark = int(hashlib.sha256(text.encode()).hexdigest()[:11], 16)
    return FeedEvent(
        meeting_id=meeting, manner=digest(manner), mark=mark, text=text, **state._asdict()
    )


def _keep(database: Database, events: Sequence[FeedEvent]) -> None:
    try:
        with database.writing() as db:
            keep_events(db, events)
    except IntegrityError:
        _log.debug("another request kept the same events, or a meeting is gone")
    except OperationalError:  # a full disk must not stop people from reading
        _log.warning("events of a feed could not be kept", exc_info=True)


def names(tag: str, asked: str) -> bool:
    """Tell whether an If-None-Match header names the tag (weak comparison, RFC 9110)."""
    said = {one.strip().removeprefix("W/") for one in asked.split(",")}
    return tag.removeprefix("W/") in said or "*" in said
