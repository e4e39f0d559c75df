"""A notice on the web: previewed, brought into force, its list worked off, taken back."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid.access import Office
from govgrid.almanac.queries import festivals, months
from govgrid.db import Database
from govgrid.grid.models import Compound
from govgrid.journal import Entry
from govgrid.settings import Settings
from govgrid.workdays import DayKind, WorkdayChange, built_in
from tests.almanac import world
from tests.build import clock
from tests.journeys.conftest import Person, Site, furnish
from tests.web.accounts import administrator, signed_in
from tests.workdays.decrees import NEXT_YEAR, made_up_days, notice

pytestmark = pytest.mark.one_engine

DAY, MOVED = "2027-02-10T09:00:00+08:00", "2027-02-24T09:00:00+08:00"


@pytest.fixture
def at() -> datetime:
    """Return a moment in 2027, with the notice not yet imported."""
    return clock("2027-01-05 09:00")


@pytest.fixture
def site(settings: Settings, database: Database, at: datetime) -> Iterator[Site]:
    furnish(database, at)
    with database.writing() as db:
        home = db.scalars(select(Compound).where(Compound.code == "XQ-JH")).one()
        world.case(db, home, "made-up", "2027-01-03 10:00")
    opened = Site(replace(settings, idle=timedelta(days=90)), database, at)
    yield opened
    opened.close()


@pytest.fixture
def keeper(site: Site) -> Person:
    person = site.person()
    with site.database.writing() as db:
        token = signed_in(db, administrator(db, Office.SYSTEM, site.at), site.at)
    person.client.cookies.set("session", token)
    return person


def upload(person: Person, data: bytes, status: int = 200) -> str:
    token = person.client.get("/workdays").text.partition('name="csrf" value="')[2][:64]
    answer = person.client.post(
        "/workdays/notices", data={"csrf": token}, files={"file": ("2027.json", data)}
    )
    assert answer.status_code == status, answer.text
    return answer.text


def confirm(person: Person, preview: str) -> str:
    action = re.search(r"/workdays/notices/\d+/apply", preview)
    digest = re.search(r'name="digest" value="(\w*)"', preview)
    assert action
    assert digest
    return person.post(action[0], digest=digest[1])


def planned(site: Site) -> str:
    """Plan the compound's meeting on a day that will be a rest day; return its number."""
    zhou = site.person("zhou")
    unit = re.findall(r"/units/(\d+)/schedule/2027-02", zhou.get("/months/2027-02"))[-1]
    path = f"/units/{unit}/schedule/2027-02"
    room = re.findall(r'<option value="(\d+)"', zhou.get(path))[0]
    found = re.search(r"/meetings/(\d+)/confirm", zhou.post(path, start=DAY, venue=room))
    assert found
    return found[1]


def test_from_preview_to_a_list_worked_off(site: Site, keeper: Person) -> None:
    meeting = planned(site)
    zhou, lin = site.person("zhou"), site.person("lin")
    preview = upload(keeper, NEXT_YEAR)
    assert "等待确认" in preview
    assert "江桥街道" in preview, "an administrator sees numbers by street"
    assert "锦和苑" not in preview
    assert "2027年2月10日 周三" in preview
    assert "（暂定）" in zhou.get(f"/meetings/{meeting}"), "a preview changes nothing"
    applied = confirm(keeper, preview)
    assert "已生效" in applied
    assert "1 件诉求的响应时限已重新计算" in applied

    assert "1 场会议落在休息日" in zhou.get("/")
    assert "休息日，需改期" in zhou.get("/months/2027-02")
    assert "event-lost" in zhou.get("/months/2027-02?view=calendar")
    assert "2027年2月10日是休息日（春节）" in zhou.get(f"/meetings/{meeting}")
    assert f"/meetings/{meeting}/move" in zhou.get("/workdays/affected")
    assert "没有会议落在休息日" in lin.get("/workdays/affected"), "not of the next community"
    assert "没有时限有变的诉求" in lin.get("/workdays/affected?show=cases")

    page = zhou.get(f"/meetings/{meeting}/move")
    room = re.findall(r'<option value="(\d+)"', page)[0]
    zhou.post(f"/meetings/{meeting}/move", start=MOVED, venue=room, version=1)
    assert "没有会议落在休息日" in zhou.get("/workdays/affected?show=meetings")
    cases = zhou.get("/workdays/affected?show=cases")
    assert "made-up" in cases
    assert "2027年1月3日 12:00" in cases
    zhou.post("/workdays/affected/seen", 422)
    assert "已确认 1 件" in zhou.post("/workdays/affected/seen", every="1")
    assert "没有时限有变的诉求" in zhou.get("/workdays/affected?show=cases")
    assert "落在休息日" not in zhou.get("/")


def test_it_can_be_taken_back_and_leaves_as_it_came(site: Site, keeper: Person) -> None:
    confirm(keeper, upload(keeper, NEXT_YEAR))
    assert json.loads(keeper.get("/workdays/2027.json")) == json.loads(NEXT_YEAR)
    assert "无需导入" in upload(keeper, NEXT_YEAR)
    assert "已撤销" in keeper.post("/workdays/notices/1/undo")
    keeper.get("/workdays/2027.json", 404)
    keeper.post("/workdays/notices/1/undo", 409)
    with site.database.reading() as db:
        verbs = set(db.scalars(select(Entry.verb).where(Entry.subject == "workdays")))
    assert verbs >= {"upload", "import", "undo"}


def test_a_stale_preview_is_refused(site: Site, keeper: Person) -> None:
    first = upload(keeper, NEXT_YEAR)
    confirm(keeper, upload(keeper, notice(2027, ("2027-02-10", True))))
    digest = re.search(r'name="digest" value="(\w*)"', first)
    assert digest
    assert "已有变化" in keeper.post("/workdays/notices/1/apply", 409, digest=digest[1])
    assert "已放弃" in keeper.post("/workdays/notices/1/drop")
    keeper.get("/workdays/notices/1", 404)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{}", "year"),
        (notice(2027, ("2027-02-30", True)), "第 1 项 date“2027-02-30”"),
        (b"not json", "JSON"),
    ],
)
def test_a_wrong_file_is_refused_with_what_and_where(
    site: Site, keeper: Person, data: bytes, told: str
) -> None:
    assert told in upload(keeper, data, 422)
    with site.database.reading() as db:
        assert db.scalars(select(WorkdayChange)).all() == []


def test_an_officer_reads_the_year_and_changes_nothing(site: Site) -> None:
    wang = site.person("wang")
    assert "2027年放假安排尚未公布" in wang.get("/workdays?year=2027")
    page = wang.get("/workdays?year=2026")
    assert "2026年2月15日 周日 — 2026年2月23日 周一" in page
    assert "/workdays/notices" not in page
    for wrong in ("1999", "3000", "x", "２０２７"):
        wang.get(f"/workdays?year={wrong}", 404)
    wang.post("/workdays/affected/seen", 404, every="1")


def test_a_year_in_months_and_festivals() -> None:
    shown = [day for _first, weeks in months(built_in(), 2026) for week in weeks for day in week]
    inside = [day for day in shown if day.inside]
    assert len(inside) == 365
    assert {day.day for day in inside if day.kind is DayKind.MAKEUP} == made_up_days(2026)
    found = festivals(built_in(), 2026)
    assert [(one.names[0], one.first.month, one.first.day, one.days) for one in found] == [
        ("元旦", 1, 1, 3), ("春节", 2, 15, 9), ("清明", 4, 4, 3), ("劳动节", 5, 1, 5),
        ("端午", 6, 19, 3), ("中秋", 9, 25, 3), ("国庆节", 10, 1, 7),
    ]  # fmt: skip
    assert found[1].made_up == [date(2026, 2, 14), date(2026, 2, 28)]
