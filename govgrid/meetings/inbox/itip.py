"""What a calendar part says: a bounded reader of iTIP answers as real clients write them.

Only names that we know are looked at, nothing is expanded, and time runs with the length of the
text. The library's reader is made for calendars that we trust: it opens files by TZID.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from govgrid.clock import HERE
from govgrid.errors import Invalid
from govgrid.outbox import wire

MOST = 256 * 1024  # characters
LINES = 4000
# Windows and Chinese clients name our zone in their own way.
OURS = re.compile(
    r"china standard|beijing|chongqing|hong kong|shanghai|urumqi|北京|中国标准", re.IGNORECASE
)
_UTC_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?")
_MOMENT = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^([n'^])")


@dataclass(frozen=True, slots=True)
class Voice:
    """An ATTENDEE: address in small letters ("" where it is none), PARTSTAT as written."""

    address: str
    name: str
    status: str
    delegated_to: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """An iTIP message about one event. Times are aware; None where not given or not readable."""

    method: str
    uid: str
    sequence: int | None
    stamp: datetime | None
    voices: tuple[Voice, ...]
    comment: str = ""
    start: datetime | None = None
    end: datetime | None = None
    place: str = ""


@dataclass(slots=True)
class _Line:
    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class _Read:
    method: str = ""
    events: list[list[_Line]] = field(default_factory=list)
    zones: dict[str, set[str]] = field(default_factory=dict)


def said(text: str, method: str = "") -> Said | None:
    """Return what the calendar says; None where it holds no event.

    `method` is that of the MIME part, for a calendar that names none. Raise `ValueError` where it
    cannot be meant: no UID, events of several meetings, too long.
    """
    if len(text) > MOST:
        raise ValueError("calendar too long")
    read = _components(text)
    if not read.events:
        return None
    event = {line.name: line for line in reversed(read.events[0])}
    uids = {line.value for lines in read.events for line in lines if line.name == "UID"}
    if len(uids) != 1:
        raise ValueError("no UID, or several")
    return Said(
        method=(read.method or method).upper()[:20],
        uid=wire.line(uids.pop())[:250],
        sequence=_number(event.get("SEQUENCE")),
        stamp=_moment(event.get("DTSTAMP"), read),
        voices=tuple(_voice(line) for line in read.events[0] if line.name == "ATTENDEE"),
        comment=_text(event.get("COMMENT"), 500),
        start=_moment(event.get("DTSTART"), read),
        end=_moment(event.get("DTEND"), read),
        place=_text(event.get("LOCATION"), 200),
    )


def _components(text: str) -> _Read:
    read, stack, zone = _Read(), list[str](), ""
    for line in _lines(text):
        if line.name == "BEGIN":
            stack.append(line.value.upper()[:30])
            if stack[-1] == "VEVENT" and len(stack) == 2:
                read.events.append([])
        elif line.name == "END":
            stack = stack[:-1]
        elif stack == ["VCALENDAR"] and line.name == "METHOD":
            read.method = line.value.strip()
        elif stack == ["VCALENDAR", "VEVENT"]:
            read.events[-1].append(line)
        elif stack == ["VCALENDAR", "VTIMEZONE"] and line.name == "TZID":
            zone = line.value
        elif stack[1:2] == ["VTIMEZONE"] and line.name == "TZOFFSETTO":
            read.zones.setdefault(zone, set()).add(line.value)
        if len(stack) > 8:
            raise ValueError("nested too deeply")
    return read


def _lines(text: str) -> Iterator[_Line]:
    whole = re.sub("\r\n?", "\n", text.lstrip("\ufeff"))
    rows = re.sub("\n[ \t]", "", whole).split("\n", LINES)
    if len(rows) > LINES:
        raise ValueError("too many lines")
    for row in rows:
        head, value = _halves(row)
        name, *params = _split(head)
        if _NAME.fullmatch(name):
            yield _Line(name.upper(), dict(map(_param, params)), value)


def _halves(row: str) -> tuple[str, str]:
    """Split at the first colon outside quotes; where quotes do not close, at the first colon."""
    quoted = False
    for place, character in enumerate(row):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return row[:place], row[place + 1 :]
    head, _, value = row.partition(":")
    return head.replace('"', ""), value


def _split(head: str) -> list[str]:
    parts, quoted = [""], False
    for piece in re.split('([;"])', head):
        if piece == '"':
            quoted = not quoted
        if piece == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _param(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    carets = {"n": "\n", "'": '"', "^": "^"}
    plain = _CARET.sub(lambda found: carets[found[1]], value.strip().strip('"'))
    return name.strip().upper(), plain


def _voice(line: _Line) -> Voice:
    return Voice(
        address=_address(line.value) or _address(line.params.get("EMAIL", "")),
        name=wire.line(line.params.get("CN", ""))[:200],
        status=line.params.get("PARTSTAT", "").upper()[:20],
        delegated_to=_address(line.params.get("DELEGATED-TO", "").partition(",")[0].strip('"')),
    )


def _address(value: str) -> str:
    bare = re.sub("^mailto:", "", value.strip()[:400], flags=re.IGNORECASE).strip(" <>")
    try:
        return wire.address(unquote(bare)).lower()
    except Invalid:
        return ""


def _text(line: _Line | None, most: int) -> str:
    if line is None:
        return ""
    value = _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], line.value)
    return wire.line(value)[:most]


def _number(line: _Line | None) -> int | None:
    value = line.value.strip() if line else ""
    return int(value) if re.fullmatch("[0-9]{1,9}", value) else None


def _moment(line: _Line | None, read: _Read) -> datetime | None:
    found = _MOMENT.fullmatch(line.value.strip()) if line else None
    if line is None or found is None:
        return None
    zone = UTC if found[3] else _zone(line.params.get("TZID", ""), read)
    try:
        naive = datetime.strptime(found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        return None if zone is None else naive.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(name: str, read: _Read) -> tzinfo | None:
    """Return the zone; a floating time is ours, an unknown name none."""
    if not name or OURS.search(name[:200]):
        return HERE
    if name in _zones():
        return ZoneInfo(name)
    offsets = read.zones.get(name, set())
    found = _UTC_OFFSET.fullmatch(next(iter(offsets)).strip()) if len(offsets) == 1 else None
    if found is None or int(found[2]) > 15:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-span if found[1] == "-" else span)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
