"""Calendars outside: which addresses may be read, what an hour's reading changes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid import feeds
from govgrid.grid.models import Absence, BusyFeed, Officer
from tests import build
from tests.grid.test_busy import DAY, calendar


@pytest.mark.parametrize(
    "address",
    [
        "http://calendar.example/a", "https://", "ftp://x/y", "https://u:p@calendar.example/",
        "https://calendar.example:22/", "https://日历.example/", "https://a b/", "https://[::1",
        "https://x:99999/", "https://calendar.example/" + "a" * 1000, "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        feeds.https(address)


def test_webcal_means_https() -> None:
    assert feeds.https(" webcal://calendar.example/a ") == "https://calendar.example/a"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]",
        "[2002:a00:1::]", "224.0.0.1", "2130706433", "0x7f.1",
    ],
)  # fmt: skip
def test_the_own_network_is_never_asked(host: str) -> None:
    with pytest.raises((Invalid, OSError)):
        feeds.target_of(f"https://{host}/x", frozenset())


def test_a_host_of_the_setting_may_be_asked() -> None:
    target = feeds.target_of("https://localhost:8443/x?y=1", frozenset({"localhost"}))
    assert (target.host, target.port, target.path) == ("localhost", 8443, "/x?y=1")


def test_redirects_are_checked_like_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(target: feeds.Target, _until: float) -> str:
        asked.append(target.host)
        return "https://127.0.0.1/x" if len(asked) > 1 else "/again"

    monkeypatch.setattr(feeds, "_ask", ask)
    with pytest.raises(Invalid, match="内部网络"):
        feeds.fetch("https://localhost/", frozenset({"localhost"}))
    assert asked == ["localhost", "localhost"]
    monkeypatch.setattr(feeds, "_ask", lambda *_: "/round")
    with pytest.raises(Invalid, match="转向"):
        feeds.fetch("https://localhost/", frozenset({"localhost"}))


@pytest.fixture
def feed(database: Database, at: datetime) -> int:
    with database.writing() as db:
        officer = build.officer(db, "王网格")
        made = BusyFeed(
            officer_id=officer.id, address="https://calendar.example/secret-token",
            host="calendar.example", added_at=at, read_after=at,
        )  # fmt: skip
        db.add(made)
        db.flush()
        return made.id


Answer = Callable[..., bytes]


def answering(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    monkeypatch.setattr(feeds, "fetch", answer)


def read(database: Database, at: datetime) -> int:
    return feeds.reading(lambda _db, uids: {uid for uid in uids if uid == "1"})(database, at)


def stored(database: Database) -> tuple[BusyFeed, list[Absence]]:
    with database.reading() as db:
        return db.scalars(select(BusyFeed)).one(), list(db.scalars(select(Absence)))


def test_a_feed_is_read_every_hour_and_replaces_what_it_said(
    database: Database, feed: int, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = DAY.replace("20261201", "20261202")
    answering(monkeypatch, lambda *_: calendar(DAY, later))  # the second is a meeting of ours
    assert read(database, at) == 1
    assert read(database, at + timedelta(minutes=59)) == 0
    known, times = stored(database)
    assert (known.read_at, known.failure, len(times)) == (at, None, 1)
    answering(monkeypatch, lambda *_: calendar(later))
    assert read(database, at + timedelta(hours=1)) == 1
    assert [time.start.day for time in stored(database)[1]] == [2]


@pytest.mark.parametrize(
    ("answer", "said"),
    [(OSError("no"), feeds.UNREACHABLE), (Invalid("不行"), "不行"), (b"hello", "不是日历")],
)
def test_a_feed_that_fails_keeps_what_it_said(
    database: Database, feed: int, at: datetime, monkeypatch: pytest.MonkeyPatch,
    answer: Exception | bytes, said: str,
) -> None:  # fmt: skip
    answering(monkeypatch, lambda *_: calendar(DAY))
    read(database, at)

    def fail(*_: object) -> bytes:
        if isinstance(answer, bytes):
            return answer
        raise answer

    answering(monkeypatch, fail)
    assert read(database, at + timedelta(hours=1)) == 1
    known, times = stored(database)
    assert said in (known.failure or "")
    assert (known.read_at, len(times)) == (at, 1)
    answering(monkeypatch, lambda *_: calendar(DAY))
    read(database, at + timedelta(hours=2))
    assert stored(database)[0].failure is None


def test_the_address_is_encrypted(database: Database, feed: int) -> None:
    with database.reading() as db:
        raw = db.execute(text("SELECT address FROM busy_feeds")).scalar_one()
        assert "secret-token" not in raw
        assert db.scalars(select(Officer.name)).one() == "王网格"
