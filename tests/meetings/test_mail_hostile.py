"""Hostile mails: nothing crashes, nothing is injected, all is recorded, within bounds."""

import base64
import zlib
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.meetings.actions.inbox import KEPT, take
from govgrid.meetings.inbox.itip import said
from govgrid.meetings.inbox.mail import BIGGEST, read_mail
from govgrid.meetings.models import IncomingMail, Reply
from tests.meetings.inbox_world import MAILS, UID, meeting, reply
from tests.meetings.test_mail_replies import AT, answer, db, kept

__all__ = ["db", "kept"]

ICS = b"Content-Type: text/calendar; method=REPLY\r\n\r\n"
PLAIN = base64.b64decode(reply().partition(b"\r\n\r\n")[2]).decode()
HEAD = b"From: wang@example.cn\r\nMIME-Version: 1.0\r\n"


def nested(depth: int, kind: bytes = b"mixed") -> bytes:
    heads = (
        b'Content-Type: multipart/%s; boundary="b%d"\r\n\r\n--b%d\r\n' % (kind, n, n)
        for n in range(depth)
    )
    return HEAD + b"".join(heads) + ICS + PLAIN.encode()


def wide(parts: int) -> bytes:
    one = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return (
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + one * parts + b"--b--\r\n"
    )


def calendar(text: str | bytes) -> bytes:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return HEAD + ICS + data


def event(*lines: str) -> str:
    return "\n".join(
        ["BEGIN:VCALENDAR", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{UID}", "SEQUENCE:2", *lines]
    )


WANG = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:wang@example.cn"
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\x00",
    "no headers": b"\r\n\r\nhello",
    "bytes of every kind": bytes(range(256)) * 400,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 1000,
    "nested 30 deep": nested(30),
    "nested 3,000 deep": nested(3000),
    "mails in mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    "20,000 parts": wide(20_000),
    "no boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\nx",
    "an empty boundary": HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\nx',
    "a boundary that never ends": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    "4 MiB of header": b"From: " + b"a" * (BIGGEST - 100) + b"\r\n\r\n",
    "200,000 headers": b"X: y\r\n" * 200_000 + b"\r\n",
    "4 MiB of encoded words": b"Subject: " + b"=?utf-8?b?eA==?= " * 200_000 + b"\r\n\r\n",
    "40,000 senders": b"From: " + b"a@b.cn, " * 40_000 + b"\r\n\r\n",
    "brackets without end": b"From: " + b"(<" * 100_000 + b"\r\n\r\n",
    "quotes without end": b'From: "' + b'\\"' * 100_000 + b"\r\n\r\n",
    "broken base64": HEAD + b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n=%%%A",
    "broken quoted-printable": HEAD
    + b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=",
    "broken uuencode": HEAD
    + b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n\xff\r\nend",
    "an unknown encoding": HEAD
    + b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: zip\r\n\r\nx",
    "a bomb as charset": HEAD
    + b"Content-Type: text/calendar; charset=zlib\r\n\r\n" + zlib.compress(b"\x00" * 50_000_000),
    "a charset that is a path": HEAD + b"Content-Type: text/calendar; charset=../../x\r\n\r\n\xff",
    "a charset with a NUL": HEAD + b'Content-Type: text/calendar; charset="a\x00b"\r\n\r\n\xff',
    "a punycode bomb": HEAD
    + b"Content-Type: text/calendar; charset=punycode\r\n\r\n" + b"a" * 100_000 + b"-9999\xff",
    "parameters in 5,000 pieces": HEAD
    + b"Content-Type: text/calendar" + b"".join(b"; charset*%d=a" % n for n in range(5000)) + b"\r\n\r\nx",
    "a calendar of 2 MiB": calendar("X:" + "y" * 2_000_000),
    "100,000 lines": calendar(event(*["X:y"] * 100_000)),
    "50,000 folds": calendar(event(WANG, "COMMENT:x" + "\n y" * 50_000)),
    "components 10,000 deep": calendar("BEGIN:VCALENDAR\n" * 10_000),
    "10,000 attendees": calendar(event(*["ATTENDEE:mailto:a@b.cn"] * 3_900)),
    "only colons": calendar(":" * 200_000),
    "only semicolons": calendar("ATTENDEE" + ";" * 200_000 + ":x"),
    "only quotes": calendar('ATTENDEE;CN="' * 10_000 + ":x"),
    "only backslashes": calendar(event(WANG, "COMMENT:" + "\\" * 200_000)),
    "a SEQUENCE of 10,000 digits": calendar(event(WANG).replace("SEQUENCE:2", "SEQUENCE:" + "9" * 10_000)),
    "a DTSTAMP that is none": calendar(event(WANG, "DTSTAMP:99999999T999999Z")),
    "the year 0": calendar(event(WANG, "DTSTAMP:00000101T000000Z")),
    "the first hour of time": calendar(event(WANG, "DTSTAMP;TZID=Asia/Shanghai:00010101T000000")),
    "digits of other scripts": calendar(event(WANG, "DTSTAMP:２０２６１１２３T０２００００Z")),
    "a TZID that is a path": calendar(event(WANG, "DTSTAMP;TZID=/etc/passwd:20261123T020000")),
    "a TZID of 100,000 characters": calendar(event(WANG, f"DTSTAMP;TZID={'A' * 100_000}:20261123T020000")),
    "an UID of 100,000 characters": calendar(event(WANG).replace(UID, "u" * 100_000)),
    "an UID with quotes": calendar(event(WANG).replace(UID, "'; DROP TABLE meetings; --")),
    "an UID with a NUL": calendar(event(WANG).replace(UID, "a\x00b")),
    "half a character": calendar(event(WANG, "COMMENT:\ud800").encode("utf-8", "surrogatepass")),
    "utf-16 with half a character": HEAD + ICS + b"\xff\xfe" + b"\x00\xd8" * 500 + b"x",
    "a report without blocks": HEAD
    + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\r\n--b--",
    "a report of 10,000 blocks": HEAD
    + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    + b"Action: failed\r\nFinal-Recipient: rfc822; a@b.cn\r\n\r\n" * 10_000 + b"--b--",
    "winmail without sense": HEAD
    + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22" + b"IPM.Schedule." * 50_000,
    "a Date that is none": b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n" + HEAD + ICS + event(WANG).encode(),
    "a Date without end": b"Date: " + b"1" * 100_000 + b"\r\n" + HEAD + b"\r\nx",
    "a file name in a strange charset": HEAD
    + b"Content-Type: application/octet-stream; name*=unknown-8bit''%FF.ics\r\n\r\nx",
    "an attendee that is a header": calendar(event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:wang@example.cn%0d%0aBcc: x@y.cn")),
}  # fmt: skip


APPLIED = {
    "the first hour of time", "a DTSTAMP that is none", "the year 0", "digits of other scripts",
    "a TZID that is a path", "a TZID of 100,000 characters", "half a character", "a Date that is none",
    "only backslashes", "50,000 folds",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(db: Session, name: str) -> None:
    begun = process_time()
    taken = take(db, HOSTILE[name], at=AT)
    assert process_time() - begun < 10
    assert (taken.outcome == "applied") is (name in APPLIED), taken
    assert (answer(db).reply is Reply.ACCEPTED) is (name in APPLIED)
    kept_row = db.scalars(select(IncomingMail)).one()
    assert kept_row.raw == HOSTILE[name]
    if taken.outcome != "applied":
        assert taken.reason


def test_a_mail_of_50_megabytes_is_recorded_by_its_beginning(db: Session) -> None:
    taken = take(db, b"From: a@b.cn\r\n\r\n" + b"x" * 50_000_000, at=AT)
    row = db.scalars(select(IncomingMail)).one()
    assert (taken.outcome, row.size, len(row.raw or b"")) == ("refused", 50_000_016, KEPT)


def test_only_the_beginning_of_a_huge_mail_is_enough(db: Session) -> None:
    taken = take(db, reply(), at=AT, size=60_000_000)
    assert (taken.outcome, answer(db).reply) == ("refused", Reply.NEEDS_ACTION)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_other_engine_stores_what_hostile_mails_say(database: Database) -> None:
    short = [data for data in HOSTILE.values() if len(data) < 100_000]
    with database.writing() as db:
        meeting(db)
    with database.writing() as db:
        for data in short:
            take(db, data, at=AT)
        db.flush()
        assert len(list(db.scalars(select(IncomingMail.id)))) == len(short) > 30


@pytest.mark.parametrize(
    "comment",
    [
        "a\\nBEGIN:VEVENT",
        "x\r\nATTENDEE:mailto:evil@evil.example",
        "\x00\x1b[31m",
        "🏠" * 5000,
        "名" * 10_000,
    ],
)
def test_a_remark_stays_one_line_of_at_most_200(db: Session, comment: str) -> None:
    take(db, reply(comment=comment), at=AT)
    note = answer(db).reply_note or ""
    assert len(note) <= 200
    assert note.isprintable()


def test_a_name_of_10_000_characters_is_cut(db: Session) -> None:
    data = reply().replace(b"From: <", b'From: "' + b"x" * 10_000 + b'" <')
    assert take(db, data, at=AT).outcome == "applied"
    assert len(db.scalars(select(IncomingMail.sender_name)).one()) == 200


def test_a_substitute_injects_nothing(db: Session) -> None:
    take(db, reply('DELEGATED;DELEGATED-TO="mailto:x@y.cn%0d%0aBcc:z@z.cn"'), at=AT)
    assert answer(db).substitute == "邮件中未写明"


def test_enclosed_mails_speak_for_nobody(db: Session) -> None:
    data = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + reply()
    assert take(db, data, at=AT).outcome == "unknown"
    assert answer(db).reply is Reply.NEEDS_ACTION


SEEDS = [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))[:8]]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=6)), max_size=12),
)
@example(b"", [])
def test_a_spoilt_mail_is_read_or_refused(seed: bytes, changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(seed)
    for place, new in changes:
        data[place : place + len(new)] = new
    try:
        read_mail(bytes(data))
    except ValueError:
        return


@given(st.text(alphabet='BEGIN:VCALDRT;="\\,\n mailto@x.cn0123456789Z^', max_size=400))
def test_any_calendar_text_is_read_or_refused(text: str) -> None:
    try:
        said("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n" + text)
    except ValueError:
        return
