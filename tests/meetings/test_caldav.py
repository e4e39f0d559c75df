"""Meetings in a community's collection on a real CalDAV server."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from govgrid.db import Database
from govgrid.errors import Invalid, Unavailable
from govgrid.grid.models import Area
from govgrid.meetings.caldav import Server, server_of, write_calendars
from govgrid.meetings.models import CalendarCopy, Meeting, Venue
from tests.build import clock
from tests.journeys.conftest import Site, site
from tests.journeys.test_month import confirmed
from tests.meetings.radicale import USER, Radicale, serving

__all__ = ["site"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with serving(tmp_path_factory.mktemp("radicale")) as found:
        yield found


@pytest.fixture
def radicale(server: Radicale) -> Radicale:
    server.empty()
    return server


@pytest.fixture
def written(site: Site, radicale: Radicale) -> Iterator[Database]:
    """Return the database as a worker with the setting opens it; one meeting is confirmed."""
    confirmed(site)
    database = Database(replace(site.settings, caldav_url=radicale.url))
    yield database
    database.close()


def code(database: Database) -> str:
    with database.reading() as db:
        return db.scalars(select(Area.code).join(Meeting, Meeting.community_id == Area.id)).one()


def turn(site: Site, database: Database) -> int:
    return write_calendars(database, site.at)


def test_a_confirmed_meeting_stands_in_the_communitys_calendar(
    site: Site, written: Database, radicale: Radicale
) -> None:
    assert turn(site, written) == 1
    (event,) = radicale.events(code(written))
    assert event.decoded("DTSTART") == clock("2026-12-08 09:00")
    assert str(event["LOCATION"]) == "锦江社区会议室 江桥街1号"
    assert "ATTENDEE" not in event
    (kept,) = radicale.files()
    assert b"METHOD" not in kept.read_bytes()  # RFC 4791, 4.1
    asked = radicale.ask("PROPFIND", f"/{USER}/{code(written)}/", headers={"depth": "0"})
    assert "锦江社区" in asked.text


def test_a_turn_without_a_change_asks_nothing(
    site: Site, written: Database, radicale: Radicale
) -> None:
    turn(site, written)
    away = Database(replace(site.settings, caldav_url="http://127.0.0.1:9/{code}/"))
    assert turn(site, away) == 0
    away.close()


def test_a_move_and_another_room_are_written_over_and_a_cancelled_one_goes(
    site: Site, written: Database, radicale: Radicale
) -> None:
    turn(site, written)
    later = clock("2026-12-09 15:00")
    with site.database.writing() as db:
        one = db.scalars(select(Meeting)).one()
        one.start, one.end, one.sequence = later, later + timedelta(hours=1), 1
    assert turn(site, written) == 1
    (event,) = radicale.events(code(written))
    assert (event.decoded("DTSTART"), event["SEQUENCE"]) == (later, 1)
    with site.database.writing() as db:
        db.scalars(select(Venue)).one().address = "江桥街2号"
    assert turn(site, written) == 1
    assert "江桥街2号" in str(radicale.events(code(written))[0]["LOCATION"])
    secretary = site.person("zhou")
    with site.database.reading() as db:
        number, version = db.execute(select(Meeting.id, Meeting.version)).one()
    secretary.post(f"/meetings/{number}/cancel", reason="停电", version=version)
    assert turn(site, written) == 1
    assert radicale.events(code(written)) == []
    assert turn(site, written) == 0


@pytest.mark.parametrize("gone", ["before the note", "changed there", "deleted there"])
def test_what_happens_on_the_server_meanwhile_is_set_right(
    site: Site, written: Database, radicale: Radicale, gone: str
) -> None:
    turn(site, written)
    (kept,) = radicale.files()
    path = f"/{USER}/{code(written)}/{kept.name}"
    data: Any = kept.read_bytes()
    if gone == "before the note":  # killed between the answer and the commit
        with site.database.writing() as db:
            db.execute(delete(CalendarCopy))
    elif gone == "changed there":
        changed = re.sub(rb"SUMMARY:.*", b"SUMMARY:changed\r", data)
        assert radicale.ask("PUT", path, content=changed).is_success
        _touch(site)
    else:
        assert radicale.ask("DELETE", path).status_code == 200
        _touch(site)
    assert turn(site, written) == 1
    assert len(radicale.files()) == 1
    (event,) = radicale.events(code(written))
    assert "联席会议" in str(event["SUMMARY"])
    assert turn(site, written) == 0


def _touch(site: Site) -> None:
    with site.database.writing() as db:
        db.execute(update(Meeting).values(version=Meeting.version + 1))


def test_a_cancelled_meeting_that_is_gone_there_is_no_fault(
    site: Site, written: Database, radicale: Radicale
) -> None:
    turn(site, written)
    radicale.empty()
    with site.database.reading() as db:
        number, version = db.execute(select(Meeting.id, Meeting.version)).one()
    site.person("zhou").post(f"/meetings/{number}/cancel", reason="停电", version=version)
    assert turn(site, written) == 1
    assert turn(site, written) == 0


def test_a_community_that_has_another_code_has_another_collection(
    site: Site, written: Database, radicale: Radicale
) -> None:
    turn(site, written)
    old = code(written)
    with site.database.writing() as db:
        db.execute(update(Area).where(Area.code == old).values(code="510107001099"))
    assert turn(site, written) == 1
    assert radicale.events(old) == []
    assert len(radicale.events("510107001099")) == 1


def test_what_the_server_refuses_waits_and_holds_nothing_up(
    site: Site, written: Database, radicale: Radicale
) -> None:
    foreign = radicale.url.replace(f"/{USER}/{{code}}", "/somebody/{code}")
    refused = Database(replace(site.settings, caldav_url=foreign))
    assert turn(site, refused) == 0
    with site.database.reading() as db:
        copy = db.scalars(select(CalendarCopy)).one()
        assert (copy.failures, copy.retry_after) == (1, site.at + timedelta(minutes=2))
    assert turn(site, written) == 0  # not before its time
    site.set_clock(site.at + timedelta(minutes=3))
    assert turn(site, written) == 1
    assert len(radicale.events(code(written))) == 1
    refused.close()


def test_a_server_that_does_not_answer_is_said(site: Site, written: Database) -> None:
    away = Database(replace(site.settings, caldav_url="http://u:p@127.0.0.1:9/{code}/"))
    with pytest.raises(Unavailable, match="无法连接日历服务器"):
        turn(site, away)
    away.close()


def test_the_setting_is_read_and_refused_without_showing_the_password() -> None:
    found = server_of("https://u%40x:p%2F@cal.example:8443/dav/{code}")
    assert found == Server("https://cal.example:8443", "/dav/{code}", "u@x", "p/")
    assert found.collection("5101/a") == "/dav/5101%2Fa/"
    assert "p/" not in repr(found)
    for url in (
        "http://u:hidden@cal.example/{code}/", "https://u:hidden@cal.example/", "ftp://x/{code}",
        "https://u:hidden@cal.example:port/{code}/", "hidden",
    ):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            server_of(url)
        assert "hidden" not in str(refusal.value)
