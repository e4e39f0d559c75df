"""The officer page: who sees whom, masked phones, absences, busy calendars, substitutes, gaps."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from govgrid import journal
from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.models import Absence, Area, Compound, Level, Officer, Post, Substitute
from govgrid.grid.queries import officer_seen, substitutes_on
from govgrid.grid.queries.people import absences
from tests import build
from tests.build import clock
from tests.journeys.conftest import Person, Site, site

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


def code(site: Site, name: str) -> str:
    with site.database.reading() as db:
        found = db.scalar(select(Officer.code).where(Officer.name == name))
    assert found
    return found


def page(site: Site, login: str, name: str, status: int = 200) -> str:
    return site.person(login).get(f"/officers/{code(site, name)}", status=status)


def test_who_sees_whom(site: Site) -> None:
    with site.database.writing() as db:
        far = db.scalars(select(Area).where(Area.name == "棕树社区")).one()
        build.officer(db, "远书记", Role.SECRETARY, far)
    for login in ("zhou", "lin", "wang", "qian"):
        page(site, login, "周书记")
        page(site, login, "吴住建")
        page(site, login, "远书记", 404)
    page(site, "wu", "远书记")
    page(site, "lin", "钱经理")
    page(site, "zhou", "王网格")
    site.person("zhou").get("/officers/no-such", status=404)


def test_a_phone_is_masked_outside_and_shown_once_for_a_reason(site: Site) -> None:
    address = f"/officers/{code(site, '王网格')}"
    assert "10000000001" in page(site, "zhou", "王网格")
    assert "10000000001" in page(site, "wang", "王网格")
    neighbour = site.person("lin")
    assert "10000000001" not in neighbour.get(address)
    assert "wang@example.cn" not in neighbour.get(address)
    neighbour.post(f"{address}/phone", status=422, reason="")
    assert "10000000001" in neighbour.post(f"{address}/phone", reason="核实停水通知")
    assert "10000000001" not in neighbour.get(address)
    with site.database.reading() as db:
        lines = db.scalars(select(journal.Entry).where(journal.Entry.verb == "unmask")).all()
    assert [(line.actor, line.detail["reason"]) for line in lines] == [("邻书记", "核实停水通知")]
    assert "10000000001" not in str(lines[0].detail)


def test_absences_are_noted_ended_and_deleted(site: Site) -> None:
    secretary, address = site.person("zhou"), f"/officers/{code(site, '王网格')}"
    days: dict[str, Any] = {"from_day": "2026-11-23", "to_day": "2026-11-24"}
    assert "培训" in secretary.post(f"{address}/absences", reason="培训", **days)
    secretary.post(f"{address}/absences", status=409, reason="培训", **days)
    with site.database.reading() as db:
        absence = db.scalars(select(Absence)).one()
        assert (absence.start, absence.end) == (
            clock("2026-11-23 00:00"),
            clock("2026-11-25 00:00"),
        )
    assert "现在结束" in secretary.get(address)
    secretary.post(f"{address}/absences/{absence.id}/end")
    with site.database.reading() as db:
        assert db.scalars(select(Absence.end)).one() == site.at
    later: dict[str, Any] = {"from_day": "2026-12-08", "from_time": "09:00", "to_day": "2026-12-08"}
    secretary.post(f"{address}/absences", to_time="10:00", **later)
    with site.database.reading() as db:
        second = db.scalars(select(Absence).order_by(Absence.id.desc())).first()
        assert second
        assert second.end == clock("2026-12-08 10:00")
    secretary.post(f"{address}/absences/{second.id}/end", status=409)
    secretary.post(f"{address}/absences/{second.id}/delete")
    secretary.post(f"{address}/absences/{second.id}/delete", status=404)
    with site.database.reading() as db:
        assert db.scalar(select(func.count(Absence.id))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_day": "2026-12-02", "to_day": "2026-12-01"},
        {"from_day": "2026-11-01", "to_day": "2026-11-02"},
        {"from_day": "2026-12-01", "to_day": "2029-12-01"},
        {"from_day": "x", "to_day": "2026-12-01"},
        {"from_day": "9999-12-31", "to_day": "9999-12-31"},
    ],
)
def test_a_wrong_absence_is_refused(site: Site, wrong: dict[str, Any]) -> None:
    address = f"/officers/{code(site, '周书记')}/absences"
    site.person("zhou").post(address, status=422, **wrong)


def test_only_those_who_plan_with_a_person_keep_the_calendar(site: Site) -> None:
    address = f"/officers/{code(site, '王网格')}"
    days: dict[str, Any] = {"from_day": "2026-12-01", "to_day": "2026-12-01"}
    for login in ("lin", "qian", "wu"):
        stranger = site.person(login)
        assert "请假与忙碌时间" not in stranger.get(address)
        stranger.post(f"{address}/absences", status=403, **days)
        stranger.post(f"{address}/feeds", status=403, address="https://calendar.example/x")
    for login in ("wang", "zhou", "sun"):
        assert "请假与忙碌时间" in site.person(login).get(address)


def upload(person: Person, address: str, data: bytes, status: int = 200) -> str:
    files = {"file": ("my.ics", data, "text/calendar")}
    answer = person.client.post(f"{address}/busy", data={"csrf": person.token}, files=files)
    assert answer.status_code == status, answer.text
    return answer.text


CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:weekly@example\r
DTSTART;TZID=Asia/Shanghai:20261124T140000\r
DTEND;TZID=Asia/Shanghai:20261124T150000\r
RRULE:FREQ=WEEKLY;COUNT=3\r
SUMMARY:secret matter\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_a_calendar_file_becomes_busy_times_without_its_words(site: Site) -> None:
    person, address = site.person("wang"), f"/officers/{code(site, '王网格')}"
    assert "已读入 3 段" in upload(person, address, CALENDAR)
    assert "已读入 0 段" in upload(person, address, CALENDAR)
    with site.database.reading() as db:
        officer = db.scalars(select(Officer.id).where(Officer.name == "王网格")).one()
        rows, total = absences(db, officer, site.at, limit=2)
        assert (len(rows), total) == (2, 3)
        assert rows[0].start == clock("2026-11-24 14:00")
        assert {row.reason for row in rows} == {"日历占用"}
    assert "这不是日历文件" in upload(person, address, b"hello", status=422)
    upload(site.person("lin"), address, CALENDAR, status=403)


def test_a_substitute_stands_in_for_a_post(site: Site) -> None:
    with site.database.reading() as db:
        post = db.scalars(select(Post.id).join(Post.officer).where(Officer.name == "王网格")).one()
    address = f"/posts/{post}/substitutes"
    secretary = site.person("zhou")
    period: dict[str, Any] = {"since": "2026-12-01", "until": "2026-12-10"}
    member = code(site, "李微")
    assert "李微" in secretary.post(address, officer=member, **period)
    secretary.post(address, status=409, officer=code(site, "赵微"), **period)
    secretary.post(
        address, status=422, officer=code(site, "王网格"), since="2027-01-01", until="2027-01-02"
    )
    secretary.post(address, status=404, officer="no-such", **period)
    site.person("lin").post(address, status=403, officer=member, **period)
    with site.database.reading() as db:
        leader = db.scalars(select(Officer.id).where(Officer.name == "王网格")).one()
        found = substitutes_on(db, [leader], date(2026, 12, 10))
        assert [o.name for o in found[leader]] == ["李微"]
        assert substitutes_on(db, [leader], date(2026, 12, 11)) == {}
        number = db.scalars(select(Substitute.id)).one()
    secretary.post(f"{address}/{number}/delete")
    secretary.post(f"{address}/{number}/delete", status=404)


def test_gaps_are_listed(site: Site) -> None:
    with site.database.writing() as db:
        grid = db.scalars(select(Area).where(Area.level == Level.GRID)).one()
        member = db.scalars(select(Officer).where(Officer.name == "李微")).one()
        build.post(db, member, Role.GRID_LEADER, grid)
        community = db.get_one(Area, grid.parent_id)
        build.area(db, "510107001001002", "空网格", Level.GRID, community)
    secretary = site.person("zhou")
    address = "/grid/510107001001/gaps"
    assert "空网格" in secretary.get(address)
    assert "王网格" not in secretary.get(address).partition("<main")[2]
    crowd = secretary.get(f"{address}?kind=crowded").partition("<main")[2]
    assert "王网格" in crowd
    assert "李微" in crowd
    double = secretary.get(f"{address}?kind=doubled&page=9").partition("<main")[2]
    assert "第一微网格" in double
    assert "王网格" not in double
    site.person("lin").get(address, status=404)
    only = secretary.get("/grid/510107001001?tab=officers&vacant=1").partition("<table")[2]
    assert "空网格" in only
    assert "第二微网格" not in only


def test_a_grid_shows_who_answers_for_it(site: Site) -> None:
    shown = site.person("zhou").get("/grid/510107001001001001")
    for name in ("李微", "王网格", "周书记", "孙联络"):
        assert name in shown
    assert "谁负责这里" not in site.person("zhou").get("/grid/510107001001")


def test_history_stays(database: Database) -> None:
    with database.writing() as db:
        city = build.small_city(db)
        build.post(
            db, city.secretary, Role.POLICE, city.next_community, until=date(2024, 1, 1), since=None
        )
        actor = build.actor(db, city.next_secretary, Role.SECRETARY, city.next_community)
        assert officer_seen(db, actor, city.secretary.code).name == "周书记"
        assert db.get(Compound, city.compound.id)
