"""Answers out of a real Dovecot: on the board soon, forged ones in the queue, always encrypted."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from govgrid.errors import Unavailable
from govgrid.meetings.mailbox import read_mailbox
from govgrid.meetings.models import IncomingMail, Meeting, Outcome
from govgrid.outbox.worker import Worker, stop_all
from govgrid.upkeep.doctor import examine
from tests.journeys.conftest import Person, Site, site
from tests.meetings.dovecot import Dovecot, serving
from tests.meetings.inbox_world import invited, reply

__all__ = ["site"]
SOON = 60  # seconds in which an answer is on the board


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with serving() as found:
        yield found


@pytest.fixture
def dovecot(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """Return the server, which this host trusts, with an empty mailbox."""
    monkeypatch.setenv("SSL_CERT_FILE", server.authority)
    server.empty()
    return server


def reading(site: Site, address: str) -> None:
    site.database.settings = replace(site.database.settings, imap_url=address)


def answer(site: Site, status: str = "ACCEPTED", **how: str) -> bytes:
    with site.database.reading() as db:
        uid = db.scalars(select(Meeting.uid)).one()
    return reply(status, uid=uid, sequence=0, stamp=site.at, **how)


def outcomes(site: Site) -> list[Outcome]:
    with site.database.reading() as db:
        return list(db.scalars(select(IncomingMail.outcome).order_by(IncomingMail.id)))


def shows(person: Person, path: str, text: str) -> bool:
    """Wait until a page says something."""
    until = time.monotonic() + SOON
    while text not in person.get(path):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_an_answer_is_on_the_board_and_a_forged_one_in_the_queue(
    site: Site, dovecot: Dovecot
) -> None:
    meeting = invited(site)
    reading(site, dovecot.by_tls)
    secretary = site.person("zhou")
    assert "参加 1" in secretary.get("/months/2026-12")
    dovecot.add(answer(site, "DECLINED", by="zhang@example.cn", sender="evil@evil.example"))
    dovecot.add(answer(site))
    worker = Worker(site.database, lambda: site.at, [read_mailbox], pause=15)
    worker.start()
    try:
        assert shows(secretary, "/months/2026-12", "参加 2")
    finally:
        stop_all([worker])
    assert outcomes(site) == [Outcome.REVIEW, Outcome.APPLIED]
    assert "请假 1" not in secretary.get("/months/2026-12")
    assert "1 封邮件回执待核对" in secretary.get(f"/meetings/{meeting}")
    assert "evil@evil.example" in secretary.get("/replies")


def test_what_another_programme_moves_about_is_not_read_twice(site: Site, dovecot: Dovecot) -> None:
    invited(site)
    reading(site, dovecot.by_tls)
    dovecot.add(answer(site, "TENTATIVE"))
    dovecot.add(b"Subject: \xff\xfe\r\n\r\nno calendar here")
    assert read_mailbox(site.database, site.at) == 2
    for mail in dovecot.home.glob("Maildir/cur/*"):  # somebody opens them on a phone
        mail.rename(f"{mail}S" if ":2," in mail.name else f"{mail}:2,S")
    dovecot.add(answer(site))
    assert read_mailbox(site.database, site.at) == 1
    assert outcomes(site) == [Outcome.APPLIED, Outcome.UNKNOWN, Outcome.APPLIED]


@pytest.mark.one_engine
def test_a_peer_off_this_host_is_asked_to_encrypt(site: Site, dovecot: Dovecot) -> None:
    invited(site)
    reading(site, dovecot.by_starttls)
    dovecot.add(answer(site))
    assert read_mailbox(site.database, site.at) == 1
    assert outcomes(site) == [Outcome.APPLIED]
    found = {finding.name: finding for finding in examine(site.database.settings, at=site.at)}
    assert found["replies"].well


@pytest.mark.one_engine
@pytest.mark.parametrize("way", ["by_tls", "by_starttls"])
def test_no_password_goes_to_a_peer_nobody_vouches_for(
    site: Site, dovecot: Dovecot, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    reading(site, getattr(dovecot, way))
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        read_mailbox(site.database, site.at)


@pytest.mark.one_engine
def test_a_wrong_password_is_said(site: Site, dovecot: Dovecot) -> None:
    reading(site, dovecot.by_tls.replace("se%3A", "wrong"))
    with pytest.raises(Unavailable, match=r"(?i)authentication failed"):
        read_mailbox(site.database, site.at)
