"""Invitations as iCalendar: each rule by name, round trips through icalendar, nothing smuggled."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.errors import Invalid
from govgrid.meetings import calendar
from govgrid.meetings.calendar import Event, Party
from govgrid.outbox import wire

STAMP = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
MAILBOX = Party("meetings@gov.example", "锦江社区 王敏")
CHAIR = Party("wang@gov.example", "王敏", "CHAIR", "ACCEPTED")
LEADER = Party("li@gov.example", "李强")
LIAISON = Party("zhao@gov.example", "赵琳", "OPT-PARTICIPANT")
OBSERVER = Party("sun@gov.example", "孙宇", "NON-PARTICIPANT")
MEETING = Event(
    uid="0b1f6c1e-8a52-4a6e-9a0e-6f6b0f6f1c11@gov.example",
    sequence=3,
    start=datetime(2026, 12, 8, 1, 30, tzinfo=UTC),
    end=datetime(2026, 12, 8, 3, 0, tzinfo=UTC),
    summary="锦江花园小区12月联席会议",
    organizer=MAILBOX,
    attendees=(CHAIR, LEADER, LIAISON, OBSERVER),
    location="社区议事厅，二楼",
    description="一、部门要求\n二、诉求办理\n三、双晒",
    url="https://meet.gov.example/r/Zm9vYmFy",
)
HOSTILE = (
    'a"b,c;d:e=f',
    "王敏\r\nATTENDEE:mailto:x@y.z",
    "x\nEND:VEVENT\nBEGIN:VEVENT",
    "x\u2028DTSTART:19990101T000000",
    "x\x85URL:http://evil.example",
    "nul\x00 vt\x0b ff\x0c esc\x1b del\x7f c1\x9b",
    "会议🏠👩‍👩‍👧 ^n ^' ^^",
    "C:\\New\\n\\,\\;\\",
    "\\",
    '"',
    '"CN="x";ROLE=CHAIR:mailto:evil@evil.example"',
    "%2C%0D%0AX-EVIL:1",
    "联席会议" * 60,
    "　张　三　",
    "\u202egnp.exe",
    "\ud800half",
    " ; ".join("长" * n for n in range(30)),
)


WRONG_ADDRESSES = [
    "",
    "x",
    "@x.cn",
    "a@",
    "a b@x.cn",
    "a@x.cn\r\nX:1",
    "a@x.cn\n",
    "a\x00@x.cn",
    "李@x.cn",
    "a@社区.cn",
    'a"@x.cn',
    "a@x.cn?cc=b@x.cn",
    "a%0d@x.cn",
    "a@x..cn",
    ".a@x.cn",
    "a,b@x.cn",
    "<a@x.cn>",
    "mailto:a@x.cn",
    "a@-x.cn",
    "a" * 65 + "@x.cn",
    "a@" + "x." * 126 + "cn",
]


def unfolded(data: bytes) -> list[str]:
    assert data.endswith(b"\r\n")
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def part(data: bytes, begin: str) -> list[str]:
    lines = unfolded(data)
    return lines[lines.index(f"BEGIN:{begin}") + 1 : lines.index(f"END:{begin}")]


def values(data: bytes, name: str) -> list[str]:
    return [x for x in unfolded(data) if re.match(rf"{name}[:;]", x)]


def parsed(data: bytes) -> tuple[Any, Any]:
    whole = cast("Any", icalendar.Calendar.from_ical(data))
    (vevent,) = whole.walk("VEVENT")
    return whole, vevent


def listed(vevent: Any) -> list[Any]:
    found = vevent.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


REQUEST = calendar.request(MEETING, STAMP)
RULES: dict[str, Callable[[], object]] = {
    "method stands in VCALENDAR": lambda: "METHOD:REQUEST" in part(REQUEST, "VCALENDAR"),
    "version, maker and scale": lambda: (
        {"VERSION:2.0", "CALSCALE:GREGORIAN", "PRODID:-//govgrid//govgrid//ZH"}
        <= set(unfolded(REQUEST))
    ),
    "one VEVENT": lambda: REQUEST.count(b"BEGIN:VEVENT\r\n") == 1,
    "no RRULE": lambda: b"RRULE" not in REQUEST,
    "UID as given": lambda: values(REQUEST, "UID") == [f"UID:{MEETING.uid}"],
    "SEQUENCE as stored": lambda: values(REQUEST, "SEQUENCE") == ["SEQUENCE:3"],
    "DTSTAMP in UTC": lambda: values(REQUEST, "DTSTAMP") == ["DTSTAMP:20261120T010203Z"],
    "start and end on the Shanghai clock": lambda: (
        {
            "DTSTART;TZID=Asia/Shanghai:20261208T093000",
            "DTEND;TZID=Asia/Shanghai:20261208T110000",
        }
        <= set(part(REQUEST, "VEVENT"))
    ),
    "organizer is the mailbox under the convenor's name": lambda: (
        values(REQUEST, "ORGANIZER") == ['ORGANIZER;CN="锦江社区 王敏":mailto:meetings@gov.example']
    ),
    "every attendee complete": lambda: (
        values(REQUEST, "ATTENDEE")
        == [
            f"ATTENDEE;CN={p.name};CUTYPE=INDIVIDUAL;PARTSTAT={p.status};ROLE={p.role};RSVP=TRUE:mailto:{p.address}"
            for p in MEETING.attendees
        ]
    ),
    "exactly one time zone": lambda: REQUEST.count(b"BEGIN:VTIMEZONE") == 1,
    "one STANDARD block, +0800 to +0800, no DAYLIGHT": lambda: (
        part(REQUEST, "VTIMEZONE")
        == [
            "TZID:Asia/Shanghai",
            "BEGIN:STANDARD",
            "DTSTART:19910915T000000",
            "TZNAME:CST",
            "TZOFFSETFROM:+0800",
            "TZOFFSETTO:+0800",
            "END:STANDARD",
        ]
    ),
    "status and busy time": lambda: (
        {"STATUS:CONFIRMED", "TRANSP:OPAQUE"} <= set(part(REQUEST, "VEVENT"))
    ),
    "same values, same bytes": lambda: calendar.request(MEETING, STAMP) == REQUEST,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_request_rule(rule: Callable[[], object]) -> None:
    assert rule()


def test_cancel_for_all_says_cancelled_and_names_everybody() -> None:
    data = calendar.cancel(MEETING, STAMP)
    assert values(data, "METHOD") == ["METHOD:CANCEL"]
    assert values(data, "STATUS") == ["STATUS:CANCELLED"]
    assert len(values(data, "ATTENDEE")) == 4
    assert b"RSVP" not in data


def test_cancel_for_one_names_that_one_and_leaves_the_meeting_standing() -> None:
    data = calendar.cancel(MEETING, STAMP, only=LEADER)
    assert values(data, "METHOD") == ["METHOD:CANCEL"]
    assert values(data, "STATUS") == []
    (attendee,) = values(data, "ATTENDEE")
    assert attendee.endswith("mailto:li@gov.example")


def test_published_file_names_no_attendee() -> None:
    data = calendar.publish(MEETING, STAMP)
    assert values(data, "METHOD") == ["METHOD:PUBLISH"]
    assert values(data, "ATTENDEE") == []
    assert values(data, "ORGANIZER")
    assert b"REFRESH-INTERVAL" not in data


def test_feed_joins_stored_blocks_under_one_head() -> None:
    other = replace(MEETING, uid="other@gov.example", status="CANCELLED")
    blocks = [calendar.vevent_block(MEETING, STAMP), calendar.vevent_block(other, STAMP)]
    data = calendar.feed("李强的会议,\r\nX-EVIL:1", blocks)
    head = unfolded(data)[: unfolded(data).index("BEGIN:VTIMEZONE")]
    assert head == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//govgrid//govgrid//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:李强的会议\\, X-EVIL:1",
        "X-WR-CALNAME:李强的会议\\, X-EVIL:1",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    assert data.count(b"BEGIN:VTIMEZONE") == 1
    assert values(data, "ATTENDEE") == []
    events = cast("Any", icalendar.Calendar.from_ical(data)).walk("VEVENT")
    assert [str(e["UID"]) for e in events] == [MEETING.uid, other.uid]
    assert [str(e["TRANSP"]) for e in events] == ["OPAQUE", "TRANSPARENT"]


def test_feed_without_meetings_is_a_calendar() -> None:
    whole = cast("Any", icalendar.Calendar.from_ical(calendar.feed("空", [])))
    assert whole.walk("VEVENT") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": datetime(2026, 12, 8, 9)},  # noqa: DTZ001  # the fault that is refused
        {"end": MEETING.start},
        {"sequence": -1},
        {"uid": "a\r\nX-EVIL:1"},
        {"uid": ""},
        {"status": "confirmed"},
        {"url": "javascript:alert(1)"},
        {"url": "https://x.example/\r\nX-EVIL:1"},
        {"url": "https://x.example/a b"},
    ],
)
def test_wrong_event_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        replace(MEETING, **wrong)


def test_request_needs_attendees_a_standing_meeting_and_an_aware_stamp() -> None:
    with pytest.raises(ValueError, match="attendees"):
        calendar.request(replace(MEETING, attendees=()), STAMP)
    with pytest.raises(ValueError, match="attendees"):
        calendar.request(replace(MEETING, status="CANCELLED"), STAMP)
    with pytest.raises(ValueError, match="aware"):
        calendar.request(MEETING, STAMP.replace(tzinfo=None))


@pytest.mark.parametrize(
    "address",
    WRONG_ADDRESSES,
)
def test_wrong_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="邮箱地址不正确"):
        Party(address, "李强")


def test_wrong_role_or_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="not a role"):
        Party("a@x.cn", "", cast("Any", "BOSS"))
    with pytest.raises(ValueError, match="not a role"):
        Party("a@x.cn", "", "CHAIR", cast("Any", "accepted"))


def shown_title(typed: str) -> str:
    return wire.line(typed) or calendar.UNTITLED


def shown_text(typed: str) -> str:
    return wire.text(typed).strip(" ")


def expected_name(name: str) -> str:
    return wire.line(name).replace("\\", "＼")


OURS = set(
    re.findall(
        r"[A-Z-]+",
        "BEGIN END VERSION PRODID CALSCALE METHOD TZID DTSTART TZNAME TZOFFSETFROM TZOFFSETTO UID "
        "SEQUENCE DTSTAMP DTEND SUMMARY LOCATION DESCRIPTION STATUS TRANSP ORGANIZER ATTENDEE URL",
    )
)


def check_bytes(data: bytes) -> None:
    """What holds for every calendar: line ends, line lengths, whole characters, our names only."""
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data)
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", data.decode())
    for physical in data.split(b"\r\n"):
        assert len(physical) <= 75
        physical.decode()
    assert data.count(b"\r\nBEGIN:VEVENT\r\n") == data.count(b"\r\nEND:VEVENT\r\n") == 1
    names = [re.split("[:;]", x, maxsplit=1)[0] for x in unfolded(data)]
    assert set(names) <= OURS
    for once in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION", "ORGANIZER", "URL", "DTEND"):
        assert names.count(once) <= 1
    assert names.count("DTSTART") == 2  # the meeting's and its time zone's


TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=120), st.text("\\^'\",;:=%nN\r\n 会🏠", max_size=90)
)
PARTIES = st.builds(
    Party,
    st.sampled_from(["a@x.cn", "b.c+d@x.example", "o'neil@x.example", "e_f=g@sub.x.example"]),
    TEXTS,
    st.sampled_from(["CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT"]),
    st.sampled_from(["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]),
)
STARTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda t: t.replace(microsecond=0, tzinfo=UTC)
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    start = draw(STARTS)
    return Event(
        uid=draw(st.from_regex(r"[a-f0-9]{8}-[a-f0-9]{27}", fullmatch=True)),
        sequence=draw(st.integers(0, 2**31 - 1)),
        start=start,
        end=start + timedelta(minutes=draw(st.integers(1, 1000))),
        summary=draw(TEXTS),
        organizer=draw(PARTIES),
        attendees=draw(st.lists(PARTIES, min_size=1, max_size=4)),
        location=draw(TEXTS),
        description=draw(TEXTS),
        status=draw(st.sampled_from(["CONFIRMED", "TENTATIVE"])),
        url=draw(st.sampled_from(["", "https://x.example/r/a-_b?c=d,e;f", "http://1.2.3.4:80/"])),
    )


@given(events())
def test_request_survives_a_round_trip_through_icalendar(event: Event) -> None:
    data = calendar.request(event, STAMP)
    check_bytes(data)
    whole, vevent = parsed(data)
    assert str(whole["METHOD"]) == "REQUEST"
    assert (str(vevent["UID"]), int(vevent["SEQUENCE"])) == (event.uid, event.sequence)
    assert (vevent.decoded("DTSTART"), vevent.decoded("DTEND")) == (event.start, event.end)
    assert vevent.decoded("DTSTAMP") == STAMP
    assert str(vevent["SUMMARY"]) == shown_title(event.summary)
    assert str(vevent.get("LOCATION", "")) == wire.line(event.location)
    assert str(vevent.get("DESCRIPTION", "")) == shown_text(event.description)
    assert str(vevent.get("URL", "")) == event.url
    assert [
        (str(a), a.params.get("CN", ""), a.params["ROLE"], a.params["PARTSTAT"], a.params["RSVP"])
        for a in listed(vevent)
    ] == [
        (f"mailto:{p.address}", expected_name(p.name), p.role, p.status, "TRUE")
        for p in event.attendees
    ]
    assert vevent["ORGANIZER"].params.get("CN", "") == expected_name(event.organizer.name)


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_typed_becomes_a_property(typed: str) -> None:
    event = replace(
        MEETING,
        summary=typed,
        location=typed,
        description=typed,
        organizer=Party("m@x.cn", typed),
        attendees=[Party("a@x.cn", typed)],
    )
    for data in (
        calendar.request(event, STAMP),
        calendar.cancel(event, STAMP),
        calendar.publish(event, STAMP),
        calendar.feed("名", [calendar.vevent_block(event, STAMP)]),
    ):
        _, vevent = parsed(data)
        assert vevent.decoded("DTSTART") == MEETING.start
        assert len(listed(vevent)) == (0 if values(data, "METHOD") == ["METHOD:PUBLISH"] else 1)
        assert str(vevent["SUMMARY"]) == shown_title(typed)
