"""Pages of ways, plans and packages through the real application: shown, posted, refused."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from govgrid.grid.models import Compound
from govgrid.meetings.models import AgendaItem, AgendaKind, Resolution, Unit
from govgrid.oldcompounds.takeover.jobs import search_packages
from tests.build import clock
from tests.journeys.conftest import Person, Site, site
from tests.journeys.test_month import SLOT

__all__ = ["site"]
pytestmark = pytest.mark.one_engine

HOME = "/compounds/XQ-JQ12/pipeline"


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page
    return found[1]


def owner(page: str) -> str:
    found = re.search(r'<option value="(\d+)"[^>]*>周书记</option>', page)
    assert found, page
    return found[1]


def started(site: Site) -> Person:
    who = site.person("zhou")
    page = who.get(HOME)
    assert "启动推进流程" in page
    answer = who.post(HOME, goal="professional", owner=owner(page))
    assert "摸底调查" in answer
    return who


def test_a_way_is_begun_and_shown_where_people_look(site: Site) -> None:
    who = started(site)
    assert "江桥街12号院" in who.get("/pipelines")
    assert "推进流程" in who.get("/compounds/XQ-JQ12")
    assert "江桥街12号院" in site.person("sun").get("/pipelines?show=running")
    assert "已超期" in site.person("wu").get("/pipelines?show=overdue")
    site.person("lin").get(HOME, 404)
    assert "没有“x”这种筛选" in who.get("/pipelines?show=x", 422)
    stale = who.post(f"{HOME}/advance", 409, version=99, note="x")
    assert "刚刚被其他人更新" in stale
    assert "请写明“摸底调查”的结果" in who.post(f"{HOME}/advance", 422, version=1)


def test_rules_below_the_law_are_refused(site: Site) -> None:
    who = site.person("zhou")
    days = dict.fromkeys(("survey", "opinion", "plan", "agreement", "handover", "review"), "10")
    address = "/pipelines/rules/510107001001"
    assert "三分之二以上" in who.get(address)
    wrong: dict[str, Any] = {
        **days,
        "participation": "more_than_half",
        "consent": "more_than_half",
        "version": "0",
    }
    assert "不能低于此标准" in who.post(address, 422, **wrong)
    who.post(address, **{**wrong, "participation": "three_quarters"})
    assert 'value="three_quarters" selected' in re.sub(r"\s+", " ", who.get(address))


def test_a_plan_is_saved_changed_and_printed(site: Site) -> None:
    who = site.person("zhou")
    page = who.get("/compounds/XQ-JQ12/services")
    fields: dict[str, Any] = dict(
        re.findall(r'name="([a-z_]+-\d)"\s+type="\w+"\s+value="([^"]*)"', page)
    )
    assert len(fields) == 3 * 13
    fields |= {f"fee_unit-{n}": "area_month" for n in (1, 2, 3)}
    whole = {**fields, "households": "300", "floor_area": "30000", "version": "0"}
    bad = who.post("/compounds/XQ-JQ12/services", 422, **{**whole, "fee-2": "-1"})
    assert "方案2" in bad
    assert "已保存" in who.post("/compounds/XQ-JQ12/services", **whole)
    chosen = who.post("/compounds/XQ-JQ12/services/choice", position="2", version="1")
    assert "居民选定" in chosen
    answer = who.client.get("/compounds/XQ-JQ12/services/plan.pdf")
    assert answer.content.startswith(b"%PDF")
    costs = who.get("/service-costs/510107001001")
    given: dict[str, Any] = dict(
        re.findall(r'name="([a-z_]+)"\s+type="number"\s+value="([^"]*)"', costs)
    )
    who.post("/service-costs/510107001001", **{**given, "cleaning": "7.5", "version": "0"})
    assert "服务单价在方案保存后有调整" in who.get("/compounds/XQ-JQ12/services")


def test_packages_are_asked_for_and_shown(site: Site) -> None:
    who = site.person("sun")
    with site.database.writing() as db:
        twin = db.scalars(select(Compound).where(Compound.code == "XQ-JQ12")).one()
        db.add(
            Compound(
                code="XQ-T", name="隔壁院", kind=twin.kind, community_id=twin.community_id,
                households=200, floor_area=12000.0,
            )
        )  # fmt: skip
    wish: dict[str, Any] = {
        "least_households": "400",
        "reach": "500",
        "fee": "0.6",
        "collection_percent": "80",
    }
    address = "/packages?area=510107001"
    assert "大于" in who.post(address, 422, **{**wish, "collection_percent": "0"})
    waiting = who.post(address, **wish)
    assert "等待测算" in waiting
    assert search_packages(site.database, site.at) == 1
    (number,) = set(re.findall(r'hx-get="/packages/(\d+)"', waiting))
    page = who.get(f"/packages/{number}")
    assert "已证明最优" in page
    assert "隔壁院" in page
    assert "测算完成" in who.get("/packages?area=510107001")
    site.person("lin").get(f"/packages/{number}", 404)


def test_the_agenda_asks_for_the_next_step_and_a_resolution_moves_it(site: Site) -> None:
    who = started(site)
    with site.database.writing() as db:
        home = db.scalars(select(Compound).where(Compound.code == "XQ-JQ12")).one()
        room = db.scalars(select(Unit.venue_id)).first()
        unit = Unit(community_id=home.community_id, compound_id=home.id, venue_id=room)
        db.add(unit)
        db.flush()
        number, home_name = unit.id, home.name
        whole = select(Unit.id).where(
            Unit.community_id == home.community_id, Unit.compound_id.is_(None)
        )
        own = db.scalars(whole).one()
    page = who.post(f"/units/{number}/schedule/2026-12", start=SLOT, venue=room)
    assert "部署征求居民意见" in page
    of_community = who.post(
        f"/units/{own}/schedule/2026-12", start=SLOT.replace("-08T", "-09T"), venue=room
    )
    assert f"{home_name}：" in of_community
    assert "部署征求居民意见" in of_community
    found = re.search(r"/meetings/(\d+)/confirm", page)
    assert found
    meeting = found[1]
    who.post(f"/meetings/{meeting}/confirm", version=version(who.get(f"/meetings/{meeting}")))
    site.set_clock(clock("2026-12-08 09:05"))
    with site.database.reading() as db:
        item = db.scalars(
            select(AgendaItem.id).where(
                AgendaItem.meeting_id == int(meeting), AgendaItem.kind == AgendaKind.COVERAGE
            )
        ).one()
    rooms = f"/meetings/{meeting}/room/items/{item}/resolutions"
    who.post(rooms, text="同意开展居民意见征询")
    shown = who.get(HOME)
    assert "同意开展居民意见征询" in shown
    option = re.search(r'<option value="(\d+)"[^>]*>同意开展', shown)
    assert option
    wrong = who.post(f"{HOME}/advance", 422, version=version(shown), note="好", resolution="999")
    assert "没有这条决议" in wrong
    moved = who.post(
        f"{HOME}/advance", version=version(shown), note="入户完成", resolution=option[1]
    )
    assert "居民意见" in moved
    assert "依据：同意开展居民意见征询" in moved
    refused = who.post(f"{rooms}/{option[1]}/remove", 409)
    assert "推进流程的依据" in refused
    with site.database.reading() as db:
        assert db.get_one(Resolution, int(option[1])).pipeline_id is not None
