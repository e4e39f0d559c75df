"""The child that reads a calendar: iCalendar from stdin, busy times as JSON to stdout, in limits.

Started as a script by `busy`, never imported by it: whatever a hostile file does to the parsers
happens here. The first line of the input is `{"start": …, "end": …}`, two aware moments.
"""

import json
import re
import resource
import sys
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

MEMORY = 512 * 2**20
CPU = 6
EVENTS = 5000
HERE = ZoneInfo("Asia/Shanghai")
_FOLD = re.compile(r"\r?\n[ \t]")
_ZONES = re.compile(
    r";TZID=\"?([^\":;,\r\n]*)|^(?:TZID|X-WR-TIMEZONE)[^:\r\n]*:([^\r\n]*)",
    re.MULTILINE | re.IGNORECASE,
)
_SECONDLY = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(SECOND|MINUTE)=", re.IGNORECASE)


class Refused(Exception):
    """Why the file is not read: a word that `busy` knows, and what it is about."""

    def __init__(self, why: str, value: str = "") -> None:
        super().__init__(why)
        self.why, self.value = why, value


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
    span = json.loads(sys.stdin.buffer.readline())
    start, end = (datetime.fromisoformat(span[key]) for key in ("start", "end"))
    answer: dict[str, object]
    try:
        answer = {"busy": busy(sys.stdin.buffer.read(), start, end)}
    except Refused as refused:
        answer = {"refused": refused.why, "value": refused.value[:80]}
    except Exception:  # noqa: BLE001  # the parsers raise anything: OSError, ValueError, KeyError
        answer = {"refused": "broken", "value": ""}
    sys.stdout.write(json.dumps(answer))


def busy(data: bytes, start: datetime, end: datetime) -> list[tuple[str, str, str]]:
    """Return start, end and UID of each time that blocks its owner in [start, end)."""
    written = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", data.decode("utf-8-sig", "replace"))
    check(_FOLD.sub("", written))
    # After the checks: heavy imports, and parsers that trust a time zone's name.
    import icalendar  # noqa: PLC0415
    import recurring_ical_events  # noqa: PLC0415

    found = []
    for calendar in icalendar.Calendar.from_ical(written, multiple=True):
        for event in recurring_ical_events.of(calendar).between(start, end):
            if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
                continue
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            times = moment(event["DTSTART"].dt), moment(event["DTEND"].dt)
            uid = str(event.get("UID", ""))[:200]
            found.append((times[0].isoformat(), times[1].isoformat(), uid))
    return found


def check(written: str) -> None:
    """Refuse what is no calendar, too much of one, or in a time zone nobody knows."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415

    if "BEGIN:VCALENDAR" not in written.upper():
        raise Refused("no_calendar")
    if not written.upper().rstrip().endswith("END:VCALENDAR"):
        raise Refused("broken")  # cut off on the way: what is missing would seem free
    if written.upper().count("BEGIN:VEVENT") > EVENTS:
        raise Refused("many")
    if _SECONDLY.search(written):
        raise Refused("rule")
    known = available_timezones() | WINDOWS_TO_OLSON.keys()
    for given in _ZONES.finditer(written):
        zone = (given[1] or given[2] or "").strip().strip('"')
        if zone not in known:
            raise Refused("zone", zone)


def moment(value: date | datetime) -> datetime:
    """Return an aware moment: a day begins at midnight here, floating time is ours."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), HERE)
    return value if value.tzinfo else value.replace(tzinfo=HERE)


if __name__ == "__main__":
    main()
