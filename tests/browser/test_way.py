"""A compound goes from no management to a company in Chromium, through vote and joint meeting."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from govgrid.grid.models import Compound
from govgrid.meetings.models import Unit
from tests.browser.conftest import Shown, picture
from tests.browser.test_directory import signed_in
from tests.build import clock
from tests.journeys.test_month import SLOT, confirm

pytestmark = pytest.mark.browser
NAME = "江桥街12号院"
HOME = "/compounds/XQ-JQ12"


def test_from_no_management_to_a_company(
    browser: Browser, shown: Shown, screens: Path | None
) -> None:
    meeting = _called(shown)
    page = signed_in(browser, shown, "zhou")
    page.on("dialog", lambda dialog: dialog.accept())
    _survey(page, screens)
    _vote(page, screens)
    _plan(page, screens)
    shown.set_clock(clock("2026-12-08 08:55"))
    _decide(page, meeting)
    _hand_over(page, screens)
    _cover(page, screens)


def _called(shown: Shown) -> str:
    """Return the number of a confirmed meeting of the compound in December."""
    with shown.database.writing() as db:
        home = db.scalars(select(Compound).where(Compound.name == NAME)).one()
        home.longitude, home.latitude = 104.06, 30.65
        room = db.scalars(select(Unit.venue_id)).first()
        unit = Unit(community_id=home.community_id, compound_id=home.id, venue_id=room)
        db.add(unit)
        db.flush()
        number = unit.id
    made = shown.person("zhou").post(f"/units/{number}/schedule/2026-12", start=SLOT, venue=room)
    found = re.search(r"/meetings/(\d+)/confirm", made)
    assert found
    confirm(shown, found[1])
    return found[1]


def _survey(page: Page, screens: Path | None) -> None:
    page.goto("/pipelines?show=candidates")
    picture(page, screens, "way-candidates")
    page.get_by_role("row", name=NAME).get_by_role("link", name="启动").click()
    page.get_by_label("责任人").select_option(label="周书记")
    page.get_by_role("button", name="启动").click()
    page.get_by_label("结果说明").fill("入户 86%，照明和门禁最急。")
    page.get_by_role("button", name="进入“居民意见”").click()


def _vote(page: Page, screens: Path | None) -> None:
    for label, value in (
        ("业主总人数", "300"), ("参与表决人数", "199"), ("同意人数", "150"),
        ("专有部分总面积", "30000"), ("参与表决面积", "21000"), ("同意面积", "15000"),
    ):  # fmt: skip
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="登记表决").click()
    expect(page.get_by_text("最近一次表决未通过")).to_be_visible()
    page.get_by_label("参与表决人数").fill("200")
    page.get_by_label("同意人数").fill("150")
    page.get_by_label("参与表决面积").fill("21000")
    page.get_by_label("同意面积").fill("15000")
    page.get_by_role("button", name="登记表决").click()
    expect(page.get_by_text("表决已通过")).to_be_visible()
    picture(page, screens, "way-vote")
    page.get_by_role("button", name="进入“制定方案”").click()


def _plan(page: Page, screens: Path | None) -> None:
    page.get_by_role("link", name="编制服务方案，记录居民选定的方案").click()
    page.get_by_role("button", name="保存并测算").click()
    page.get_by_label("居民选定的方案").select_option(label="标准型")
    page.get_by_role("button", name="记录选定").click()
    expect(page.get_by_text("居民选定", exact=True)).to_be_visible()
    picture(page, screens, "way-services")


def _decide(page: Page, meeting: str) -> None:
    page.goto(f"/meetings/{meeting}/room")
    item = page.locator("section", has=page.get_by_role("heading", name="老旧院落管理覆盖情况"))
    item.get_by_label("新决议").fill("同意标准型方案，选聘新程物业服务有限公司。")
    item.get_by_role("button", name="添加决议").click()
    expect(page.get_by_text("决议已记录")).to_be_visible()
    page.goto(f"{HOME}/pipeline")
    page.get_by_label("联席会议决议").select_option(index=1)
    page.get_by_role("button", name="进入“签订协议”").click()
    expect(page.get_by_text("依据：同意标准型方案")).to_be_visible()


def _hand_over(page: Page, screens: Path | None) -> None:
    page.get_by_label("管理单位").fill("新程物业服务有限公司")
    page.get_by_label("协议编号").fill("WY-2026-12")
    page.get_by_label("计划交接日期").fill("2026-12-08")
    page.get_by_label("截止日期").fill("2029-12-07")
    page.get_by_role("button", name="进入“交接进场”").click()
    picture(page, screens, "way-handover")
    page.get_by_label("交接日期").fill("2026-12-08")
    page.get_by_role("button", name="进入“回访评估”").click()
    expect(page.get_by_text("现在：专业化物业。")).to_be_visible()
    picture(page, screens, "way-review")


def _cover(page: Page, screens: Path | None) -> None:
    """See the rate change on the day of the handover, and the map show it."""
    for day, rate in (("2026-12-07", "0 / 1 个小区"), ("2026-12-08", "1 / 1 个小区")):
        page.goto(f"/coverage/510107001001?as_of={day}")
        expect(page.locator(".stats").get_by_text(rate).last).to_be_visible()
    page.goto("/coverage/510107001001/map")
    held = page.locator("#modes li", has_text="专业化物业").locator("[data-count]")
    expect(held).to_have_text("1")
    picture(page, screens, "way-map")
    page.locator("#month").press("ArrowLeft")
    expect(held).to_have_text("0")
