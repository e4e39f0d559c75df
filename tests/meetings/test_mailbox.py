"""The mailbox over IMAP, bounces, answers in words, and the command `replies`."""

import json
import mailbox
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from govgrid.cli.gathered import cli
from govgrid.db import Database
from govgrid.errors import Invalid, Unavailable
from govgrid.grid.models import Officer
from govgrid.meetings import letters
from govgrid.meetings.actions.inbox import Taken, take
from govgrid.meetings.actions.replies import Answer, answer_by_link
from govgrid.meetings.inbox.mail import BIGGEST
from govgrid.meetings.mailbox import place_of, read_mailbox
from govgrid.meetings.models import Attendee, IncomingMail, MailboxMark, Meeting, Outcome, Reply
from govgrid.meetings.queries.seen import load_meeting
from govgrid.outbox.actions import deliver
from govgrid.outbox.models import Bouncing, Letter
from tests.meetings import inbox_world
from tests.meetings.imap_server import Box, serving
from tests.meetings.inbox_world import MAILS, UID, reply


@pytest.fixture
def number(database: Database) -> int:
    with database.writing() as db:
        return inbox_world.meeting(db)[1].id


def answers(database: Database) -> dict[str, Reply]:
    with database.reading() as db:
        rows = db.execute(select(Officer.name, Attendee.reply).join(Attendee.officer))
        return {row[0]: row[1] for row in rows}


def at_imap(database: Database, address: str) -> Database:
    database.settings = replace(database.settings, imap_url=address)
    return database


@pytest.mark.usefixtures("number")
def test_a_reply_in_the_mailbox_is_read_once(database: Database, at: datetime) -> None:
    box = Box()
    box.add(reply(stamp=at))
    with serving(box) as address:
        at_imap(database, address)
        assert read_mailbox(database, at) == 1
        assert answers(database)["王网格"] is Reply.ACCEPTED
        assert read_mailbox(database, at) == 0
        box.add(reply("DECLINED", by="zhang@example.cn", stamp=at))
        assert read_mailbox(database, at) == 1
    assert answers(database)["张警官"] is Reply.DECLINED
    with database.reading() as db:
        assert db.scalars(select(MailboxMark.last)).one() == 2
    assert not any("STORE" in line.upper() for line in box.log), "people's flags stay as they are"


@pytest.mark.usefixtures("number")
def test_a_mailbox_made_anew_is_read_anew_and_changes_nothing_twice(
    database: Database, at: datetime
) -> None:
    box = Box()
    box.add(reply(stamp=at))
    with serving(box) as address:
        at_imap(database, address)
        read_mailbox(database, at)
        box.validity = 8
        assert read_mailbox(database, at) == 1
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(IncomingMail)) == 1


@pytest.mark.usefixtures("number")
def test_a_huge_mail_is_never_fetched_whole(database: Database, at: datetime) -> None:
    box = Box()
    box.add(reply(stamp=at) + b"x" * BIGGEST)
    box.add(reply("DECLINED", stamp=at))
    with serving(box) as address:
        assert read_mailbox(at_imap(database, address), at) == 2
    with database.reading() as db:
        first, second = db.scalars(select(IncomingMail).order_by(IncomingMail.id))
        assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.APPLIED)
        assert first.size > BIGGEST


@pytest.mark.parametrize(
    ("change", "said"),
    [(("secret", "wrong"), "wrong password"), (("INBOX", "Elsewhere"), "no folder")],
)
def test_a_server_that_refuses_is_told(
    database: Database, at: datetime, change: tuple[str, str], said: str
) -> None:
    with serving(Box()) as address, pytest.raises(Unavailable, match=said):
        read_mailbox(at_imap(database, address.replace(*change)), at)


def test_a_server_that_is_not_there_is_told(database: Database, at: datetime) -> None:
    with pytest.raises(Unavailable):
        read_mailbox(at_imap(database, "imap://a:b@127.0.0.1:1/INBOX"), at)


@pytest.mark.parametrize("url", ["", "http://a:b@c", "imap://host", "imaps://", "imap://a@h:x"])
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        place_of(url)
    assert "b@c" not in str(refused.value)


def test_an_address_is_taken_apart() -> None:
    place = place_of("imaps://me%40x.cn:p%3Aw@mail.x.cn/Re%20plies")
    assert (place.user, place.password, place.folder) == ("me@x.cn", "p:w", "Re plies")
    assert (place.port, place.tls) == (993, True)
    assert "p:w" not in repr(place)


# --- letters that came back, and answers in words


def sent(database: Database, number: int, at: datetime) -> Letter:
    with database.writing() as db:
        meeting = load_meeting(db, number)
        due = [a for a in meeting.attendees if a.officer.name == "王网格"]
        letters.resend(db, meeting, due, [], at=at)
    deliver(database, at)
    with database.reading() as db:
        return db.scalars(select(Letter)).one()


def report(letter: str, whom: str = "wang@example.cn", action: str = "failed") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\n退信\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {whom}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{letter}>\r\n"
        "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n"
    ).encode()


def taken(database: Database, data: bytes, at: datetime) -> Taken:
    with database.writing() as db:
        return take(db, data, at=at)


def bounced(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as db:
        return [(b.address, b.status, b.words) for b in db.scalars(select(Bouncing))]


def test_a_letter_that_came_back_is_noted_on_the_address(
    database: Database, at: datetime, number: int
) -> None:
    letter = sent(database, number, at)
    told = taken(database, report(letter.message_id), at)
    assert (told.outcome, told.attendee, told.status) == ("applied", "wang@example.cn", "BOUNCED")
    assert bounced(database) == [("wang@example.cn", "5.1.1", "smtp; 550 5.1.1 user unknown")]
    assert taken(database, report(letter.message_id) + b"\r\n", at).outcome == "applied"
    assert len(bounced(database)) == 1


@pytest.mark.parametrize(
    "forge",
    [
        lambda letter: report("made-up@elsewhere"),
        lambda letter: report(letter, whom="zhou@example.cn"),
        lambda letter: report(letter, action="delayed"),
    ],
    ids=["about another's letter", "about another person", "only late"],
)
def test_other_reports_note_nothing(
    database: Database, at: datetime, number: int, forge: Callable[[str], bytes]
) -> None:
    letter = sent(database, number, at)
    assert taken(database, forge(letter.message_id), at).outcome != "applied"
    assert bounced(database) == []


def in_words(letter: str, sender: str = "wang@example.cn") -> bytes:
    return (
        f"From: {sender}\r\nIn-Reply-To: <{letter}>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=gbk\r\n\r\n"
    ).encode() + "收到，准时参加".encode("gbk")


def test_an_answer_in_words_waits_for_somebody(
    database: Database, at: datetime, number: int
) -> None:
    letter = sent(database, number, at)
    assert taken(database, in_words(letter.message_id), at).outcome == "review"
    with database.reading() as db:
        found = db.scalars(select(IncomingMail)).one()
        assert (found.meeting_id, found.comment) == (number, "收到，准时参加")
        assert found.attendee_id is not None


def test_words_from_another_address_belong_to_nobody_yet(
    database: Database, at: datetime, number: int
) -> None:
    letter = sent(database, number, at)
    assert taken(database, in_words(letter.message_id, "x@y.cn"), at).outcome == "review"
    with database.reading() as db:
        assert db.scalars(select(IncomingMail.attendee_id)).one() is None


def test_asking_for_the_present_state_sends_it_once_in_ten_minutes(
    database: Database, at: datetime, number: int
) -> None:
    refresh = (MAILS / "a-refresh.eml").read_bytes()
    assert taken(database, refresh, at).outcome == "applied"
    assert taken(database, refresh + b"\r\n", at).outcome == "ignored"
    assert taken(database, refresh + b"\r\n\r\n", at + timedelta(minutes=11)).outcome == "applied"
    with database.reading() as db:
        assert {x.to_address for x in db.scalars(select(Letter))} == {"wang@example.cn"}
        assert {x.method for x in db.scalars(select(Letter))} == {"REQUEST"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_older_mail_waits_for_the_answer_under_way(
    database: Database, at: datetime, number: int
) -> None:
    mail = reply(stamp=at - timedelta(minutes=5))
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as db:
            meeting = load_meeting(db, number)
            seat = next(a for a in meeting.attendees if a.officer.name == "王网格")
            answer_by_link(db, meeting, seat, Answer(Reply.DECLINED), at=at)
            db.flush()
            reading = pool.submit(taken, database, mail, at)
            wait([reading], timeout=0.3)
        assert reading.result().outcome == "stale"
    assert answers(database)["王网格"] is Reply.DECLINED


# --- the command


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[..., Result]:
    monkeypatch.setenv("GOVGRID_DATABASE_URL", database.settings.database_url)
    monkeypatch.setenv("GOVGRID_SECRET", database.settings.secret)
    monkeypatch.setenv("GOVGRID_ARCHIVE", str(database.settings.archive))
    with database.writing() as db:  # a command lives by the real clock
        meeting = db.get_one(Meeting, number)
        meeting.start = datetime.now(UTC) + timedelta(days=30)
        meeting.end = meeting.start + timedelta(hours=1)

    def call(*words: str, given: bytes = b"") -> Result:
        return CliRunner().invoke(cli, words, input=given, catch_exceptions=False)

    return call


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    found: list[dict[str, str]] = json.loads(result.stdout)
    return found


def test_replies_reads_files_and_pipes(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes((MAILS / "gmail-declines.eml").read_bytes())
    assert rows(run("replies", str(file), "--json")) == [
        {
            "file": str(file), "outcome": "applied", "uid": UID, "attendee": "wang@example.cn",
            "status": "DECLINED", "reason": "",
        }
    ]  # fmt: skip
    assert rows(run("replies", str(file), "--json"))[0]["outcome"] == "duplicate"
    (other,) = rows(run("replies", "-", "--json", given=b"no mail at all"))
    assert (other["file"], other["outcome"]) == ("-", "unknown")


def test_replies_reads_folders_and_mailboxes(run: Callable[..., Result], tmp_path: Path) -> None:
    folder = tmp_path / "maildir"
    box = mailbox.Maildir(folder)
    box.add((MAILS / "gmail-accepts.eml").read_bytes())
    box.add((MAILS / "a-forged-sender.eml").read_bytes())
    found = rows(run("replies", str(folder), "--json"))
    assert sorted(row["attendee"] for row in found) == ["wang@example.cn"] * 2
    one = mailbox.mbox(tmp_path / "mbox")
    one.add(message_from_bytes((MAILS / "qq-mail-accepts-in-gbk.eml").read_bytes()))
    one.add(message_from_bytes((MAILS / "an-answer-without-a-uid.eml").read_bytes()))
    one.close()
    names = [
        row["file"].rpartition("#")[2]
        for row in rows(run("replies", str(tmp_path / "mbox"), "--json"))
    ]
    assert names == ["1", "2"]


def test_replies_without_files_needs_a_mailbox(run: Callable[..., Result]) -> None:
    assert run("replies").exit_code == 2


def test_replies_reads_the_mailbox(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    box.add((MAILS / "an-answer-about-another-calendar.eml").read_bytes())
    with serving(box) as address:
        monkeypatch.setenv("GOVGRID_IMAP_URL", address)
        (row,) = rows(run("replies", "--json"))
    assert row["outcome"] == "unknown"
