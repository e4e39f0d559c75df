"""A meeting as iCalendar bytes: request, cancellation, one-event file, feed (RFC 5545, 5546)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal, get_args

import icalendar

from govgrid.clock import HERE
from govgrid.outbox import wire

Role = Literal["CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT"]
Answer = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]
State = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]

UNTITLED = "会议"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.@_-]{0,199}")
_LINK = re.compile(r"https?://[!-~]{1,1000}")
_END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Party:
    """Someone in a meeting. A wrong address raises errors.Invalid."""

    address: str
    name: str
    role: Role = "REQ-PARTICIPANT"
    status: Answer = "NEEDS-ACTION"

    def __post_init__(self) -> None:
        wire.address(self.address)
        if self.role not in get_args(Role) or self.status not in get_args(Answer):
            raise ValueError(f"{self.role}, {self.status}: not a role and an answer of RFC 5545")


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting as its letters say it. Times are aware; `url` is http(s) or empty."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    summary: str
    organizer: Party
    attendees: Sequence[Party] = ()
    location: str = ""
    resource: str = ""
    description: str = ""
    status: State = "CONFIRMED"
    url: str = ""

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None or self.sequence < 0:
            raise ValueError("times are aware, the sequence counts from 0")
        if not self.start < self.end:
            raise ValueError("a meeting ends after it starts")
        if not _ID.fullmatch(self.uid) or self.status not in get_args(State):
            raise ValueError(f"{self.uid}, {self.status}: not a UID and a status of RFC 5545")
        if self.url and not _LINK.fullmatch(self.url):
            raise ValueError("a link is an ASCII http(s) address")


def request(event: Event, stamp: datetime) -> bytes:
    """Return the REQUEST that invites, or tells of a change. `stamp` is now, aware."""
    if not event.attendees or event.status == "CANCELLED":
        raise ValueError("a REQUEST names its attendees and asks for a meeting (RFC 5546, 3.2.2)")
    vevent = _vevent(event, stamp)
    for party in event.attendees:
        vevent.add("attendee", _attendee(party, asked=True))
    return _calendar("REQUEST", vevent)


def cancel(event: Event, stamp: datetime, only: Party | None = None) -> bytes:
    """Return the CANCEL for everybody, or for one who is asked no longer.

    The caller has raised `event.sequence`.
    """
    vevent = _vevent(event, stamp)
    del vevent["STATUS"]
    if only is None:
        # RFC 5546, 3.2.5: the status stands only where the whole meeting falls.
        vevent.add("status", "CANCELLED")
    for party in event.attendees if only is None else [only]:
        vevent.add("attendee", _attendee(party, asked=False))
    return _calendar("CANCEL", vevent)


def decline_counter(event: Event, stamp: datetime, to: Party) -> bytes:
    """Return the DECLINECOUNTER that tells who proposed another time that it stays as it is."""
    vevent = _vevent(event, stamp)
    vevent.add("attendee", _attendee(to, asked=False))
    return _calendar("DECLINECOUNTER", vevent)


def publish(event: Event, stamp: datetime) -> bytes:
    """Return the one-event file that a link page hands out; it names no attendee."""
    return _calendar("PUBLISH", _vevent(event, stamp))


def vevent_block(event: Event, stamp: datetime) -> bytes:
    """Return the VEVENT alone, without attendees, to store and join into feeds."""
    return bytes(_vevent(event, stamp).to_ical())


def feed(name: str, blocks: Iterable[bytes]) -> bytes:
    """Return a calendar to subscribe to, made of stored VEVENT blocks."""
    return b"".join((_opening(name), _timezone_block(), *blocks, _END))


@lru_cache(1000)
def _opening(name: str) -> bytes:
    head = _head("PUBLISH")
    title = _Text(wire.line(name) or UNTITLED)
    head.add("name", title)
    head.add("x-wr-calname", title)
    # MIUI fails on P1H, so the hour is written with its T.
    head.add("refresh-interval", timedelta(hours=1), {"VALUE": "DURATION"})
    head.add("x-published-ttl", "PT1H")
    return bytes(head.to_ical()).removesuffix(_END)


def stored(block: bytes) -> bytes:
    """Return a VEVENT block as a CalDAV server keeps it: a calendar without METHOD (RFC 4791)."""
    opening = bytes(_head().to_ical()).removesuffix(_END)
    return b"".join((opening, _timezone_block(), block, _END))


class _Text(icalendar.vText):
    r"""TEXT escaped as RFC 5545, 3.3.11 says; the library makes a line break of a typed `\N`."""

    def to_ical(self) -> bytes:
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\n", "\\n").encode()


def _head(method: str = "") -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//govgrid//govgrid//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    return calendar


def _calendar(method: str, vevent: icalendar.Event) -> bytes:
    calendar = _head(method)
    calendar.add_component(_timezone())
    calendar.add_component(vevent)
    return bytes(calendar.to_ical())


def _vevent(event: Event, stamp: datetime) -> icalendar.Event:
    if stamp.utcoffset() is None:
        raise ValueError("the stamp is aware")
    vevent = icalendar.Event()
    vevent.add("uid", event.uid)
    vevent.add("sequence", event.sequence)
    vevent.add("dtstamp", stamp.astimezone(UTC))
    vevent.add("dtstart", event.start.astimezone(HERE))
    vevent.add("dtend", event.end.astimezone(HERE))
    # RFC 5546 asks for a summary, and libical takes an empty one for a fault.
    vevent.add("summary", _Text(wire.line(event.summary) or UNTITLED))
    vevent.add("status", event.status)
    vevent.add("transp", "TRANSPARENT" if event.status == "CANCELLED" else "OPAQUE")
    vevent.add("organizer", _mailbox(event.organizer))
    _add_details(vevent, event)
    return vevent


def _add_details(vevent: icalendar.Event, event: Event) -> None:
    if location := wire.line(event.location):
        vevent.add("location", _Text(location))
    if resource := wire.line(event.resource):
        # The room has no mailbox, so it is booked as a resource and not as an attendee.
        vevent.add("resources", _Text(resource))
    if description := wire.text(event.description).strip(" "):
        vevent.add("description", _Text(description))
    if event.url:
        vevent.add("url", event.url)


def _mailbox(party: Party) -> icalendar.vCalAddress:
    mailbox = icalendar.vCalAddress(f"mailto:{party.address}")
    # Readers differ on a backslash in a parameter (some take it for an escape), so it goes out
    # as the full-width sign; quotes, ^ and the like are encoded by RFC 6868.
    if name := wire.line(party.name).replace("\\", "\N{FULLWIDTH REVERSE SOLIDUS}"):
        mailbox.params["CN"] = name
    return mailbox


def _attendee(party: Party, *, asked: bool) -> icalendar.vCalAddress:
    mailbox = _mailbox(party)
    mailbox.params.update(
        {"CUTYPE": "INDIVIDUAL", "ROLE": party.role, "PARTSTAT": party.status}
        | ({"RSVP": "TRUE"} if asked else {})
    )
    return mailbox


@cache
def _timezone() -> icalendar.Timezone:
    """China Standard Time as it is since 1991: one block, no daylight saving."""
    standard = icalendar.TimezoneStandard()
    standard.add("dtstart", datetime(1991, 9, 15))  # noqa: DTZ001  # local by definition
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    timezone = icalendar.Timezone()
    timezone.add("tzid", HERE.key)
    timezone.add_component(standard)
    return timezone


@cache
def _timezone_block() -> bytes:
    return bytes(_timezone().to_ical())
