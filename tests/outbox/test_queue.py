"""The queue on both engines before a real SMTP server: order, back-off, rate, pauses, workers."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import chain

import pytest
from aiosmtpd.smtp import Envelope
from sqlalchemy import func, select

from govgrid.db import Database
from govgrid.outbox import actions
from govgrid.outbox.actions import SUPERSEDED, TRIES, Draft, Waited, deliver, give_up, queue
from govgrid.outbox.models import Letter, Pause
from tests.outbox.office import Office, serving

MINUTE = timedelta(minutes=1)
GOOD, FULL, GONE = "a@gov.example", "full@gov.example", "gone@gov.example"


@pytest.fixture
def server() -> Office:
    return Office()


@pytest.fixture
def out(database: Database, server: Office) -> Iterator[Database]:
    """Return the database whose letters leave to the server."""
    with serving(server) as place:
        database.settings = replace(database.settings, smtp_url=f"smtp://{place}")
        yield database


def put(database: Database, at: datetime, to: str, title: str, **how: str) -> None:
    with database.writing() as db:
        draft = Draft(
            key=f"t:{title}", about="test:1", sender_name="周书记", to_address=to, to_name="",
            title=title, plain="x", html="<p>x</p>", thread=how.get("thread"),
            scope=how.get("scope"),
        )  # fmt: skip
        queue(db, draft, at=at)


def subject(envelope: Envelope) -> str:
    assert isinstance(envelope.content, bytes)
    return str(message_from_bytes(envelope.content)["Subject"])


def arrived(server: Office, to: str = "") -> list[str]:
    return [subject(e) for e in server.accepted if not to or to in e.rcpt_tos]


def letter(database: Database, title: str) -> Letter:
    with database.reading() as db:
        return db.scalars(select(Letter).where(Letter.title == title)).one()


def test_letters_to_one_person_leave_in_order(out: Database, server: Office, at: datetime) -> None:
    for number in range(5):
        put(out, at, GOOD, f"n{number}")
    while deliver(out, at):
        pass
    assert arrived(server) == [f"n{n}" for n in range(5)]


def test_a_letter_waits_behind_an_earlier_one_that_fails(
    out: Database, server: Office, at: datetime
) -> None:
    put(out, at, FULL, "first")
    put(out, at, FULL, "second")
    put(out, at, GOOD, "other")
    while deliver(out, at):
        pass
    assert arrived(server) == ["other"]
    assert (letter(out, "first").attempts, letter(out, "second").attempts) == (1, 0)
    server.rcpt.clear()
    later = at + 3 * MINUTE
    while deliver(out, later):
        pass
    assert arrived(server, FULL) == ["first", "second"]


def test_a_refused_letter_holds_nothing_up(out: Database, server: Office, at: datetime) -> None:
    put(out, at, GONE, "first")
    put(out, at, GONE, "second")
    while deliver(out, at):
        pass
    assert letter(out, "first").answer == "550 5.1.1 查无此人"
    assert letter(out, "first").dead_at == letter(out, "second").dead_at == at


def test_it_is_tried_ever_later_and_then_given_up(
    out: Database, server: Office, at: datetime
) -> None:
    put(out, at, FULL, "x")
    pauses = []
    for _try in range(TRIES):
        assert deliver(out, at) == 1
        pauses.append((letter(out, "x").not_before - at).total_seconds())
        assert deliver(out, at) == 0
        at = max(at, letter(out, "x").not_before)
    assert letter(out, "x").dead_at is not None
    tried = pauses[:-1]
    assert all(15 * 2**n <= p <= 30 * 2**n for n, p in enumerate(tried[:7], 1))
    assert all(3600 <= p <= 7200 for p in tried[8:])
    assert deliver(out, at + timedelta(days=9)) == 0


def test_a_server_that_is_gone_is_asked_once_a_batch(database: Database, at: datetime) -> None:
    database.settings = replace(database.settings, smtp_url="smtp://127.0.0.1:9")
    for number in range(3):
        put(database, at, f"p{number}@gov.example", f"n{number}")
    deliver(database, at)
    assert [letter(database, f"n{n}").attempts for n in range(3)] == [1, 0, 0]
    assert all(letter(database, f"n{n}").leased_until is None for n in range(3))


def test_a_batch_that_takes_too_long_gives_the_rest_back(
    out: Database, server: Office, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(out, at, GOOD, "x")
    with monkeypatch.context() as patched:
        patched.setattr(actions, "PATIENCE", -1.0)
        deliver(out, at)
    assert (letter(out, "x").attempts, letter(out, "x").leased_until) == (0, None)
    deliver(out, at)
    assert arrived(server) == ["x"]


def test_no_more_than_the_rate_leave_in_a_minute(
    out: Database, server: Office, at: datetime
) -> None:
    out.settings = replace(out.settings, mail_rate=3)
    for number in range(7):
        put(out, at, f"p{number}@gov.example", f"n{number}")
    counts = []
    for minute in range(3):
        for _again in range(4):
            deliver(out, at + minute * MINUTE * 1.1)
        counts.append(len(server.accepted))
    assert counts == [3, 6, 7]


def test_a_paused_area_waits_and_the_others_do_not(
    out: Database, server: Office, at: datetime
) -> None:
    with out.writing() as db:
        db.add(Pause(path="/5101/510107/", since=at, paused_by="孙联络", reason="停电"))
    put(out, at, GOOD, "paused", scope="/5101/510107/510107001/")
    put(out, at, GOOD, "beside", scope="/5101/510108/")
    put(out, at, GOOD, "nowhere")
    while deliver(out, at):
        pass
    assert arrived(server) == ["beside", "nowhere"]
    with out.writing() as db:
        db.delete(db.scalars(select(Pause)).one())
    deliver(out, at)
    assert arrived(server) == ["beside", "nowhere", "paused"]


def test_of_a_thread_the_last_leaves(out: Database, server: Office, at: datetime) -> None:
    put(out, at, GOOD, "first", thread="m:1")
    with out.writing() as db:
        assert give_up(db, ["m:1", "m:2"], at=at) == {"m:1": Waited(at, told=False)}
    put(out, at, GOOD, "second", thread="m:1")
    deliver(out, at)
    assert arrived(server) == ["second"]
    assert letter(out, "first").answer == SUPERSEDED


def test_a_letter_that_may_have_left_counts_as_told(
    out: Database, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(out, at, GOOD, "x", thread="m:1")
    # A worker that dies between leasing and noting: nobody knows whether the letter left.
    monkeypatch.setattr(actions, "_send", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        deliver(out, at)
    with out.writing() as db:
        assert give_up(db, ["m:1"], at=at) == {}, "under way"
        found = give_up(db, ["m:1"], at=at + 6 * MINUTE)
        assert found["m:1"].told


def test_a_killed_workers_letter_leaves_again_as_the_same_message(
    out: Database, server: Office, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(out, at, GOOD, "x")
    real = actions._note
    monkeypatch.setattr(actions, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        deliver(out, at)
    monkeypatch.setattr(actions, "_note", real)
    assert deliver(out, at) == 0, "the lease still runs"
    assert deliver(out, at + 6 * MINUTE) == 1
    first, second = (e.content for e in server.accepted)
    assert first == second


def test_several_workers_send_each_letter_once_and_in_order(
    out: Database, server: Office, at: datetime
) -> None:
    people = [f"p{n}@gov.example" for n in range(6)]
    for number in range(60):
        put(out, at, people[number % 6], f"{number:03d}")

    def work() -> None:
        idle = 0
        while idle < 3:
            idle = 0 if deliver(out, at) else idle + 1

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while deliver(out, at):
        pass
    by_person: dict[str, list[str]] = defaultdict(list)
    for envelope in server.accepted:
        by_person[envelope.rcpt_tos[0]].append(subject(envelope))
    assert sorted(chain.from_iterable(by_person.values())) == [f"{n:03d}" for n in range(60)]
    assert all(titles == sorted(titles) for titles in by_person.values())
    with out.reading() as db:
        assert db.scalar(select(func.count()).where(Letter.sent_at.is_(None))) == 0
