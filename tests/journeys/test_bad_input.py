"""What people get wrong: a clear message, a status of 4xx, and nothing half-written."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select

from govgrid.db import metadata
from govgrid.exchange.jobs import work_off
from govgrid.kinds import KINDS
from tests.build import clock
from tests.journeys.conftest import Person, Site
from tests.journeys.test_month import SLOT, approve, confirm, confirmed, hold, plan, planned, sign

pytestmark = pytest.mark.one_engine

ASIDE = {"sign_ins"}  # notes who is here


def rows(site: Site) -> dict[str, list[Any]]:
    """Return all that is stored, table by table."""
    with site.database.reading() as db:
        return {
            table.name: sorted(map(str, db.execute(select(table)).all()))
            for table in metadata.sorted_tables
            if table.name not in ASIDE
        }


@contextmanager
def nothing_written(site: Site) -> Iterator[None]:
    before = rows(site)
    yield
    assert rows(site) == before


def number(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


def link_of(site: Site, address: str) -> str:
    """Return the reply link in the letter to that address."""
    for path in site.deliver():
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        plain = letter.get_body(("plain",))
        if address in letter["To"] and plain:
            return number(plain.get_content(), r"(/r/\S+)")
    raise AssertionError(address)


@pytest.fixture
def zhou(site: Site) -> Person:
    return site.person("zhou")


@pytest.mark.parametrize(
    "path",
    [
        "/months/2026-13", "/months/2026", "/months/abc", "/print/2026-00", "/units/1/schedule/2026-13",
        "/print/2026-13/minutes.pdf?meeting=1", "/compounds/XQ-JH/showcase/2026-13",
        "/cases?month=2026-13",
    ],
)  # fmt: skip
def test_an_unknown_month(site: Site, path: str) -> None:
    page = site.person("sun").get(path, 422)
    assert "不是月份，请写成 2026-12 的形式" in page


def upload(clerk: Person, name: str, data: bytes) -> tuple[int, str]:
    token = clerk.get("/sign-in").partition('name="csrf" value="')[2][:64]
    answer = clerk.client.post(
        "/exchange/batches",
        data={"csrf": token, "kind": "cases"},
        files={"file": (name, data, "application/octet-stream")},
    )
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("areas.pdf", b"%PDF-1.7", "文件，现为“areas.pdf”"),
        ("cases.csv", b"%PDF-1.7", "文件内容与扩展名“.csv”不符"),
        ("cases.xlsx", "工单编号".encode(), "这不是 .xlsx 文件"),
        ("cases.csv", b"", "文件是空的"),
    ],
)
def test_a_wrong_import_file(site: Site, name: str, data: bytes, said: str) -> None:
    clerk = site.person("sun")
    with nothing_written(site):
        status, page = upload(clerk, name, data)
    assert status == 422
    assert said in page


def test_an_import_file_with_wrong_rows(site: Site) -> None:
    clerk = site.person("sun")
    sheet = "工单编号,来源,诉求类别,小区编号,受理时间\nG1,12345,停车,XQ-JH,2026-11-02 09:00\n"
    status, page = upload(clerk, "cases.csv", f"{sheet}G2,电报,停车,XQ-NONE,昨天\n".encode())
    assert status == 200  # taken in, and checked by the worker
    before = rows(site)
    while work_off(KINDS)(site.database, site.at):
        pass
    told = clerk.get(number(page, r"(/exchange/batches/\d+)"))
    for wrong in ("电报", "XQ-NONE", "昨天"):
        assert wrong in told
    assert "/apply" not in told
    assert rows(site)["cases"] == before["cases"] == []


def test_a_stale_form(site: Site) -> None:
    meeting = planned(site)
    zhou = site.person("zhou")
    page = zhou.get(f"/meetings/{meeting}")
    version = number(page, r'name="version" value="(\d+)"')
    confirm(site, meeting)
    unit = number(zhou.get("/months/2026-12"), r"/units/(\d+)/schedule/2026-12")
    room = number(zhou.get(f"/units/{unit}/schedule/2026-12"), r'<option value="(\d+)"')
    later = "2026-12-09T09:00:00+08:00"
    with nothing_written(site):
        told = zhou.post(f"/meetings/{meeting}/cancel", 409, version=version, reason="改日再开")
        assert "会议刚被其他人修改，请刷新页面核对后再操作" in told
        told = zhou.post(f"/meetings/{meeting}/move", 409, version=version, start=later, venue=room)
        assert "会议刚被其他人修改，请刷新页面核对后再改期" in told


def test_a_stale_note_shows_the_other_text(site: Site) -> None:
    meeting = confirmed(site)
    zhou = site.person("zhou")
    site.set_clock(clock("2026-12-08 09:05"))
    room = zhou.get(f"/meetings/{meeting}/room")
    item = number(room, r"room/items/(\d+)/notes")
    path = f"/meetings/{meeting}/room/items/{item}/notes"
    version = number(room, rf'value="(\d+)"\s+id="version-{item}"')
    zhou.post(path, notes="先存下的记录", version=version)
    with nothing_written(site):
        told = zhou.post(path, 409, notes="后来的记录", version=version)
    assert "先存下的记录" in told


def test_a_form_without_its_token(site: Site) -> None:
    meeting = planned(site)
    zhou = site.person("zhou")
    with nothing_written(site):
        answer = zhou.client.post(f"/meetings/{meeting}/confirm", data={"version": "1"})
    assert answer.status_code == 403
    assert "刷新" in answer.text


def test_every_step_posted_twice(site: Site) -> None:
    meeting = planned(site)
    zhou = site.person("zhou")
    version = number(zhou.get(f"/meetings/{meeting}"), r'name="version" value="(\d+)"')
    zhou.post(f"/meetings/{meeting}/confirm", version=version)
    with nothing_written(site):
        assert "刷新" in zhou.post(f"/meetings/{meeting}/confirm", 409, version=version)
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    with nothing_written(site):
        assert "会议" in zhou.post(f"/meetings/{meeting}/room/end", 409)
    version = number(zhou.get(f"/meetings/{meeting}/minutes"), r'name="version" value="(\d+)"')
    zhou.post(f"/meetings/{meeting}/minutes/submit", version=version)
    with nothing_written(site):
        zhou.post(f"/meetings/{meeting}/minutes/submit", 409, version=version)
    approve(site, meeting)
    page = zhou.get(f"/meetings/{meeting}/minutes")
    version = number(page, r'minutes/sign[\s\S]*?name="version" value="(\d+)"')
    zhou.post(f"/meetings/{meeting}/minutes/sign", version=version)
    with nothing_written(site):
        told = zhou.post(f"/meetings/{meeting}/minutes/sign", 409, version=version)
    assert "刷新" in told


def test_a_unit_is_scheduled_once(site: Site, zhou: Person) -> None:
    board = zhou.get("/months/2026-12")
    unit = re.findall(r"/units/(\d+)/schedule/2026-12", board)[-1]
    plan(site)
    room = number(zhou.get("/units/1/schedule/2026-12", 200), r'<option value="(\d+)"')
    with nothing_written(site):
        other = "2026-12-09T09:00:00+08:00"
        told = zhou.post(f"/units/{unit}/schedule/2026-12", 409, start=other, venue=room)
    assert "已" in told


def test_a_slot_taken_meanwhile(site: Site, zhou: Person) -> None:
    board = zhou.get("/months/2026-12")
    community, _compound = re.findall(r"/units/(\d+)/schedule/2026-12", board)
    path = f"/units/{community}/schedule/2026-12"
    room = number(zhou.get(path), r'<option value="(\d+)"')
    plan(site)  # somebody takes the same room at the same time
    with nothing_written(site):
        assert "占用" in zhou.post(path, 409, start=SLOT, venue=room)


def test_an_expired_link(site: Site) -> None:
    confirmed(site)
    link = link_of(site, "wang@example.cn")
    leader = site.person()
    site.set_clock(clock("2026-12-08 18:00"))
    with nothing_written(site):
        assert "会议已经开始，不能再回复" in leader.post(link, 409, reply="accepted")
    site.set_clock(clock("2027-01-08 09:00"))
    with nothing_written(site):
        assert "链接已过期" in leader.get(link, 404)
        assert "链接已过期" in leader.post(link, 404, reply="accepted")
        leader.get(f"{link}/meeting.ics", 404)
        assert "链接无效或已失效" in leader.get("/r/unknown", 404)


def test_a_revoked_feed(site: Site, zhou: Person) -> None:
    page = zhou.post("/me/calendar")
    old = number(page, r"(/feeds/[\w-]+\.ics)")
    zhou.get(old)
    zhou.post("/me/calendar")
    zhou.get(old, 404)


def test_what_is_signed_stays(site: Site) -> None:
    meeting = confirmed(site)
    zhou = site.person("zhou")
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    item = number(zhou.get(f"/meetings/{meeting}/room"), r"room/items/(\d+)/notes")
    sign(site, meeting)
    room = f"/meetings/{meeting}/room"
    with nothing_written(site):
        zhou.post(f"{room}/items/{item}/notes", 409, notes="改写", version="1")
        zhou.post(f"{room}/items/{item}/resolutions", 409, text="再议")
        zhou.post(f"{room}/attendance", 409)
        zhou.post(f"/meetings/{meeting}/cancel", 409, version="99", reason="不开了")
