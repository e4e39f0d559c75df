"""Letters that did not leave: the list with the server's answer, retrying, pausing an area."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from govgrid.grid.models import Officer
from govgrid.outbox.actions import deliver
from govgrid.outbox.models import Bouncing, Letter
from tests.journeys.conftest import Site, site
from tests.meetings.inbox_world import invite, invited
from tests.outbox.office import Office, serving

__all__ = ["site"]
STREET, COMMUNITY = "510107001", "510107001001"


@pytest.fixture
def server(site: Site) -> Iterator[Office]:
    """Return the mail server to which the site's letters go; it knows no wang."""
    office = Office()
    office.rcpt = {"wang@example.cn": "550 5.1.1 no such user", "qian@example.cn": "451 later"}
    with serving(office) as place:
        site.database.settings = replace(site.database.settings, smtp_url=f"smtp://{place}")
        yield office


def send(site: Site, later: timedelta = timedelta()) -> None:
    while deliver(site.database, site.at + later):
        pass


def reached(server: Office) -> list[str]:
    return sorted(e.rcpt_tos[0].partition("@")[0] for e in server.accepted)


def test_what_did_not_leave_is_listed_with_the_servers_words(site: Site, server: Office) -> None:
    invited(site)
    send(site)
    secretary = site.person("zhou")
    assert "2 封通知未能送达" in secretary.get("/")
    page = secretary.get("/letters")
    assert "550 5.1.1 no such user" in page
    assert "451 later" in page
    assert "已放弃" in page
    assert "第 1 次，最多 12 次" in page
    assert "550 5.1.1" not in site.person("lin").get("/letters")
    site.person("wang").get("/letters", status=404)


def test_the_button_sends_again(site: Site, server: Office) -> None:
    invited(site)
    send(site)
    secretary = site.person("zhou")
    page = secretary.get("/letters")
    server.rcpt.clear()
    for path in re.findall(r'action="(/meetings/\d+/letters/\d+/retry)"', page):
        assert "已重新排队发送" in secretary.post(path)
    send(site)
    assert {"wang", "qian"} <= set(reached(server))
    assert "没有未送达的通知" in secretary.get("/letters")
    assert "无需重发" in secretary.post(path, status=409)


def test_one_in_doubt_is_told_so_and_settled_by_hand(site: Site, server: Office) -> None:
    invited(site)
    send(site)
    secretary = site.person("zhou")
    assert "可能已送达" not in secretary.get("/letters")
    with site.database.writing() as db:
        letter = db.scalars(select(Letter).where(Letter.to_address == "wang@example.cn")).one()
        letter.in_doubt, number = True, letter.id
    page = secretary.get("/letters")
    assert "可能已送达" in page
    (path,) = re.findall(r'action="(/meetings/\d+/letters/\d+/settle)"', page)
    site.person("lin").post(path, status=404)
    assert "已记为送达" in secretary.post(path)
    assert "550 5.1.1" not in secretary.get("/letters")
    assert "无需确认" in secretary.post(path, status=409)
    send(site, timedelta(days=1))
    with site.database.reading() as db:
        assert db.get_one(Letter, number).sent_at == site.at
    assert "wang" not in reached(server)


def test_a_mended_address_gets_the_letter_instead(site: Site, server: Office) -> None:
    invited(site)
    send(site)
    secretary = site.person("zhou")
    path = re.findall(r'action="(\S+/retry)"', secretary.get("/letters"))[0]
    with site.database.writing() as db:
        leader = db.scalars(select(Officer).where(Officer.name == "王网格")).one()
        leader.email = "wang.new@example.cn"
    site.set_clock(site.at + timedelta(minutes=1))
    secretary = site.person("zhou")
    secretary.post(path)
    send(site)
    assert "wang.new" in reached(server)
    assert "550 5.1.1" not in secretary.get("/letters"), "a later letter has replaced it"


def test_a_paused_areas_letters_wait_until_it_is_resumed(site: Site, server: Office) -> None:
    liaison = site.person("sun")
    form: dict[str, Any] = {"area": STREET, "reason": "邮件服务器检修"}
    assert "已暂停发送" in liaison.post("/letters/pause", **form)
    liaison.post("/letters/pause", status=409, **form)
    meeting = invite(site)
    send(site)
    assert reached(server) == []
    secretary = site.person("zhou")
    assert "邮件服务器检修" in secretary.get(f"/meetings/{meeting}")
    assert "恢复发送" not in secretary.get("/letters"), "the street paused it"
    secretary.post("/letters/resume", status=404, area=STREET)
    assert "已恢复发送" in liaison.post("/letters/resume", area=STREET)
    liaison.post("/letters/resume", status=409, area=STREET)
    send(site)
    assert "zhou" in reached(server)


def test_a_secretary_pauses_the_own_community_only(site: Site, server: Office) -> None:
    secretary = site.person("zhou")
    secretary.post("/letters/pause", status=404, area="510107001002", reason="x")
    assert "已暂停发送" in secretary.post("/letters/pause", area=COMMUNITY, reason="x")
    secretary.post("/letters/pause", status=422, area="", reason="")


def test_what_a_later_letter_replaced_is_not_listed(site: Site, server: Office) -> None:
    meeting = invited(site)
    send(site)
    secretary = site.person("zhou")
    version = re.findall(r'name="version" value="(\d+)"', secretary.get(f"/meetings/{meeting}"))[0]
    secretary.post(f"/meetings/{meeting}/cancel", reason="停电", version=version)
    with site.database.reading() as db:
        rows = db.scalars(select(Letter.method).where(Letter.to_address == "wang@example.cn"))
        assert list(rows) == ["REQUEST", "CANCEL"]
    assert "550 5.1.1" not in secretary.get("/letters")


def test_an_address_from_which_letters_come_back_is_marked_until_one_arrives(
    site: Site, server: Office
) -> None:
    meeting = invited(site)
    with site.database.writing() as db:
        db.add(Bouncing(address="qian@example.cn", at=site.at, status="5.1.1", words="unknown"))
        code = db.scalars(select(Officer.code).where(Officer.name == "钱经理")).one()
    secretary = site.person("zhou")
    assert "邮箱退信：5.1.1 unknown" in secretary.get(f"/meetings/{meeting}")
    assert "邮件曾被退回" in secretary.get(f"/officers/{code}")
    server.rcpt.clear()
    send(site, timedelta(minutes=1))
    assert "邮箱退信" not in secretary.get(f"/meetings/{meeting}")
    assert "邮件曾被退回" not in secretary.get(f"/officers/{code}")
