"""Hostile meetings made by hypothesis, written by us, read by icalendar, ical.js and libical.

`python -m benchmarks made_meetings [--meetings N]`; libical is Debian's (`apt-get install
libical3`). Every method is written of every meeting's kind in turn; each reader must find what was
meant, property by property. Fails at the first meeting that one of them reads otherwise.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings

from govgrid.meetings import calendar
from govgrid.meetings.calendar import Event, Party
from govgrid.outbox import wire
from tests.meetings.parsers import SINGLE, Libical, Read, by_ical_js, by_icalendar
from tests.meetings.test_calendar import (
    STAMP,
    TEXTS,
    events,
    expected_name,
    shown_text,
    shown_title,
)
from tests.meetings.test_calendar_in_ical_js import understood_by_ical_js

CHUNK = 2500  # meetings in one go through Node
ALWAYS = ["DTEND", "DTSTAMP", "DTSTART", "ORGANIZER", "SEQUENCE"]
HEAD = ["CALSCALE", "METHOD", "PRODID", "VERSION"]
FEED = ["NAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "X-WR-CALNAME"]


def _one(event: Event) -> Party:
    return event.attendees[0]


WRITTEN: dict[str, Callable[[Event], bytes]] = {
    "REQUEST": lambda e: calendar.request(e, STAMP),
    "CANCEL of all": lambda e: calendar.cancel(e, STAMP),
    "CANCEL to one": lambda e: calendar.cancel(e, STAMP, _one(e)),
    "DECLINECOUNTER": lambda e: calendar.decline_counter(e, STAMP, _one(e)),
    "PUBLISH": lambda e: calendar.publish(e, STAMP),
    "PUBLISH as a feed": lambda e: calendar.feed(e.summary, [calendar.vevent_block(e, STAMP)]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meetings", type=int, default=10_000)
    wanted = parser.parse_args().meetings
    libical, counts, octets = Libical(), Counter[str](), 0
    start = time.perf_counter()
    for chunk in made(wanted):
        kinds = [list(WRITTEN)[(counts.total() + n) % len(WRITTEN)] for n in range(len(chunk))]
        texts = [WRITTEN[kind](event) for kind, event in zip(kinds, chunk, strict=True)]
        heard = map(by_ical_js, understood_by_ical_js(texts))
        for kind, event, text, js in zip(kinds, chunk, texts, heard, strict=True):
            octets = max(octets, check_lines(text))
            due = meant(kind, event)
            for reader, got in (
                ("icalendar", by_icalendar(text)), ("ical.js", js), ("libical", libical.read(text)),
            ):  # fmt: skip
                assert got == due, f"{reader} reads {kind} otherwise:\n{got}\n{due}\n{text!r}"
        counts.update(kinds)
    print(f"{counts.total()} meetings, read alike by three: {dict(counts)}")
    print(f"longest line {octets} octets, in {time.perf_counter() - start:.0f} s")


def made(wanted: int) -> Iterator[list[Event]]:
    """Yield different hostile meetings in chunks."""
    found: dict[str, Event] = {}
    seed = 0
    while len(found) < wanted:
        before = len(found)
        _draw(found, wanted, seed)
        seed += 1
        fresh = list(found.values())[before:]
        for first in range(0, len(fresh), CHUNK):
            yield fresh[first : first + CHUNK]


def _draw(found: dict[str, Event], wanted: int, seed: int) -> None:
    @settings(
        max_examples=min(wanted, CHUNK), derandomize=False, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(events(), TEXTS)
    def draw(event: Event, resource: str) -> None:
        if len(found) < wanted:
            # A number in front keeps twins apart; what hypothesis likes best is drawn often.
            uid = f"{seed}-{len(found)}-{event.uid}"
            found[uid] = replace(event, uid=uid, resource=resource)

    draw()


def check_lines(text: bytes) -> int:
    """Check line ends and the time zone; return the octets of the longest line."""
    assert text.endswith(b"\r\n")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", text), "a bare line break"
    assert text.count(b"\r\nBEGIN:STANDARD\r\n") == 1
    assert b"DAYLIGHT" not in re.sub(rb"\r\n ", b"", text).split(b"BEGIN:VEVENT")[0]
    longest = max(map(len, text.split(b"\r\n")))
    assert longest <= 75
    return longest


def meant(kind: str, event: Event) -> Read:
    """Return what a reader must find."""
    method = kind.partition(" ")[0]
    status = {"CANCEL of all": "CANCELLED", "CANCEL to one": ""}.get(kind, event.status)
    people = {"PUBLISH": [], "CANCEL to one": [_one(event)], "DECLINECOUNTER": [_one(event)]}
    listed = people.get(method, people.get(kind, list(event.attendees)))
    texts = {
        "UID": event.uid,
        "SUMMARY": shown_title(event.summary),
        "LOCATION": wire.line(event.location),
        "RESOURCES": wire.line(event.resource),
        "DESCRIPTION": shown_text(event.description),
        "STATUS": status,
        "TRANSP": "OPAQUE",
        "URL": event.url,
    }
    names = sorted([*ALWAYS, *(n for n, t in texts.items() if t), *(["ATTENDEE"] * bool(listed))])
    return Read(
        method=method,
        head=sorted(HEAD + (FEED if kind.endswith("feed") else [])),
        zones=["STANDARD"],
        listed=names + ["ATTENDEE"] * max(0, len(listed) - 1),
        texts=tuple(texts[name] for name in SINGLE),
        sequence=event.sequence,
        times=(STAMP.timestamp(), event.start.timestamp(), event.end.timestamp()),
        organizer=_party(event.organizer, ("", "", "", "")),
        attendees=[
            _party(p, (p.role, p.status, "TRUE" if kind == "REQUEST" else "", "INDIVIDUAL"))
            for p in listed
        ],
    )  # fmt: skip


def _party(party: Party, words: tuple[str, ...]) -> tuple[str, ...]:
    return (f"mailto:{party.address}", expected_name(party.name), *words)


if __name__ == "__main__":
    main()
