"""Letters as mail bytes: the MIME tree by name, headers round trip, nothing smuggled."""

import email
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.policy import default
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.errors import Invalid
from govgrid.outbox import message, wire
from govgrid.outbox.message import Mail, as_bytes

DATE = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nX:会议\u2028🏠\r\nEND:VCALENDAR\r\n"
).encode()
INVITATION = Mail(
    message_id="<0b1f6c1e-3@gov.example>",
    sender_address="meetings@gov.example",
    sender_name="王敏",
    to_address="li@gov.example",
    to_name="李强",
    subject="邀请：锦江花园小区12月联席会议",
    text="您好：\n请于12月8日9:30参加。\n",
    html="<p>您好：</p>\n<p>请参加。</p>\n",
    calendar=CALENDAR,
    method="REQUEST",
)
NOTICE = replace(INVITATION, calendar=None, method=None)
HOSTILE = [
    "x\r\nBcc: evil@evil.example",
    "x\nBcc: evil@evil.example",
    "x\rBcc: evil@evil.example",
    "x\r\n\r\nbody",
    "=?utf-8?q?=0D=0ABcc:_evil@evil.example?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXZpbC5leGFtcGxl?=",
    "=?iso-2022-jp?b?GyRC?= =?utf-8?q?=0a?=",
    "x\x00y\x0bz\x1b[31m",
    "x\u2028Bcc: evil@evil.example\x85Bcc: evil@evil.example",
    '"evil@evil.example" <evil@evil.example>,',
    "evil@evil.example>, <two@evil.example",
    '王, 敏; (书记) \\ "<a@b>"',
    "长" * 200,
    "a" * 1500,
    "👩‍👩‍👧" * 20,
    " .\r\n.\r\n",
    "\ud800",
    "%0d%0aBcc: x",
]


def parts(data: bytes) -> dict[str, Message]:
    return {p.get_content_type(): p for p in email.message_from_bytes(data).walk()}


def body(part: Message) -> bytes:
    return cast("bytes", part.get_payload(decode=True))


def head(data: bytes) -> list[tuple[str, str]]:
    """Return the headers as an old mail program reads them: unfolded, words decoded."""
    found = email.message_from_bytes(data)
    return [(n, str(make_header(decode_header(v.replace("\r\n", ""))))) for n, v in found.items()]


DATA = as_bytes(INVITATION, DATE)
PARTS = parts(DATA)
RULES: dict[str, Callable[[], object]] = {
    "mixed holds an alternative and the file": lambda: (
        [p.get_content_type() for p in email.message_from_bytes(DATA).walk()]
        == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
    ),
    "calendar names its method and charset": lambda: (
        PARTS["text/calendar"].get_params()
        == [("text/calendar", ""), ("charset", "utf-8"), ("method", "REQUEST")]
    ),
    "calendar has no disposition": lambda: "Content-Disposition" not in PARTS["text/calendar"],
    "calendar bytes untouched": lambda: body(PARTS["text/calendar"]) == CALENDAR,
    "file bytes the same": lambda: body(PARTS["application/ics"]) == CALENDAR,
    "file named twice": lambda: (
        (
            PARTS["application/ics"].get_filename(),
            PARTS["application/ics"].get_param("name"),
            PARTS["application/ics"].get_content_disposition(),
        )
        == ("invite.ics", "invite.ics", "attachment")
    ),
    "text and html whole, CRLF": lambda: (
        body(PARTS["text/plain"]).decode() == INVITATION.text.replace("\n", "\r\n")
        and body(PARTS["text/html"]).decode() == INVITATION.html.replace("\n", "\r\n")
    ),
    "utf-8 on every text part": lambda: all(
        PARTS[kind].get_content_charset() == "utf-8"
        for kind in ("text/plain", "text/html", "text/calendar")
    ),
    "base64 on every leaf": lambda: all(
        part["Content-Transfer-Encoding"] == "base64"
        for part in PARTS.values()
        if not part.is_multipart()
    ),
    "7-bit, CRLF, short lines": lambda: (
        DATA.isascii()
        and not re.search(rb"\r(?!\n)|(?<!\r)\n", DATA)
        and max(map(len, DATA.split(b"\r\n"))) <= 78
    ),
    "headers": lambda: (
        head(DATA)[:-1]
        == [
            ("MIME-Version", "1.0"),
            ("Date", "Fri, 20 Nov 2026 01:02:03 +0000"),
            ("Message-ID", "<0b1f6c1e-3@gov.example>"),
            ("From", "王敏 <meetings@gov.example>"),
            ("Reply-To", "王敏 <meetings@gov.example>"),
            ("To", "李强 <li@gov.example>"),
            ("Subject", "邀请：锦江花园小区12月联席会议"),
        ]
    ),
    "one MIME-Version": lambda: DATA.count(b"MIME-Version") == 1,
    "a second copy is the same message": lambda: as_bytes(INVITATION, DATE) == DATA,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_invitation_rule(rule: Callable[[], object]) -> None:
    assert rule()


def test_letter_without_calendar_is_just_the_alternative() -> None:
    found = email.message_from_bytes(as_bytes(NOTICE, DATE))
    assert [p.get_content_type() for p in found.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_reply_to_can_differ_and_names_can_be_missing() -> None:
    mail = replace(NOTICE, reply_to="desk@gov.example", to_name="", message_id="x@gov.example")
    found = dict(head(as_bytes(mail, DATE)))
    assert found["Reply-To"] == "王敏 <desk@gov.example>"
    assert found["To"] == "li@gov.example"
    assert found["Message-ID"] == "<x@gov.example>"


def check_nothing_smuggled(data: bytes, mail: Mail) -> None:
    assert data.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    found = email.message_from_bytes(data, policy=default)
    read = dict(head(data))
    assert [n for n, _ in head(data)] == [
        *("MIME-Version", "Date", "Message-ID", "From", "Reply-To", "To", "Subject"),
        "Content-Type",
    ]
    assert found["Subject"] == wire.line(mail.subject)
    assert not re.search("[\x00-\x1f\x7f]", str(found["Subject"]))
    for name, address, display in (
        ("From", mail.sender_address, mail.sender_name),
        ("Reply-To", mail.sender_address, mail.sender_name),
        ("To", mail.to_address, mail.to_name),
    ):
        (only,) = found[name].addresses
        assert only.addr_spec == address
        # The older reader judges the name: the newer puts spaces between encoded words.
        assert read[name] == (f"{shown} <{address}>" if (shown := wire.line(display)) else address)


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_typed_becomes_a_header(typed: str) -> None:
    mail = replace(
        INVITATION, subject=typed, sender_name=typed, to_name=typed, text=typed, html=typed
    )
    data = as_bytes(mail, DATE)
    check_nothing_smuggled(data, mail)
    assert body(parts(data)["text/plain"]).decode().rstrip("\r\n").split("\r\n") == (
        wire.text(typed).rstrip("\n").split("\n")
    )
    assert body(parts(data)["text/calendar"]) == CALENDAR


TYPED = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=80), st.text("=?_utf8qb:,\r\n 会", max_size=60)
)


@given(TYPED, TYPED, TYPED)
def test_headers_survive_a_round_trip(subject: str, sender_name: str, to_name: str) -> None:
    mail = replace(NOTICE, subject=subject, sender_name=sender_name, to_name=to_name)
    check_nothing_smuggled(as_bytes(mail, DATE), mail)


@pytest.mark.parametrize("field", ["sender_address", "to_address", "reply_to"])
@pytest.mark.parametrize(
    "address", ["a@x.cn\r\nBcc: b@x.cn", "a@x.cn, b@x.cn", "李@x.cn", "a b@x.cn"]
)
def test_wrong_address_is_refused(field: str, address: str) -> None:
    with pytest.raises(Invalid, match="邮箱地址不正确"):
        as_bytes(replace(NOTICE, **cast("Any", {field: address})), DATE)


def test_missing_recipient_is_refused() -> None:
    with pytest.raises(Invalid, match="邮箱地址不正确"):
        as_bytes(replace(NOTICE, to_address=""), DATE)


@pytest.mark.parametrize("message_id", ["", "x", "a@b\r\nBcc: c@d.cn", "a b@c", "<a@b><c@d>"])
def test_wrong_message_id_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        as_bytes(replace(NOTICE, message_id=message_id), DATE)


@pytest.mark.parametrize("method", [None, "", "CANCEL", "request", 'REQUEST"; x="'])
def test_method_must_be_the_calendars(method: str | None) -> None:
    with pytest.raises(ValueError, match="method"):
        as_bytes(replace(INVITATION, method=method), DATE)


@pytest.mark.parametrize(
    ("found", "forged"),
    [
        (b"Subject: ", b"Subject: =?utf-8?b?DQpCY2M6IHhAeS5jbg==?= "),
        (b"Subject: ", b"Bcc: x@y.cn\r\nSubject: "),
        (b"Subject: ", b"Subject: x\nBcc: x@y.cn "),
        (b"Subject: ", b"Subject: x\rBcc: x@y.cn "),
        (b"Subject: ", b"X-Evil: 1\r\nSubject: "),
        (b"Subject: ", b"From: x@y.cn\r\nSubject: "),
        (b"Subject: ", "Subject: 会".encode()),
    ],
)
def test_the_last_look_at_the_bytes_refuses(found: bytes, forged: bytes) -> None:
    message._check(DATA)
    with pytest.raises(Invalid, match="不允许的字符"):
        message._check(DATA.replace(found, forged))


def test_encoded_words_are_short_and_never_split_a_character() -> None:
    data = as_bytes(replace(NOTICE, subject="会a🏠" * 40), DATE)
    words = re.findall(rb"=\?utf-8\?b\?(.*?)\?=", data)
    assert "".join(b64decode(w).decode() for w in words) == "王敏" * 2 + "李强" + "会a🏠" * 40
    assert all(len(line) <= 76 for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n"))
