"""From a breach to what follows: letter, agenda, decision, supervision, and the next agenda."""

from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from govgrid.access import Role
from govgrid.cases.chasing import call_for_cases
from govgrid.cases.imports import load
from govgrid.grid.models import Area, Compound, Officer
from govgrid.meetings.models import Meeting, Unit
from tests import build
from tests.browser.conftest import Shown, picture
from tests.browser.test_month import _person
from tests.build import clock
from tests.cases.sheets import case, sheet
from tests.meetings.gathering import Gathering

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
START = clock("2026-11-24 09:30")


def test_a_breach_is_heard_decided_and_followed_up(
    browser: Browser, shown: Shown, screens: Path | None
) -> None:
    meeting = _planned(shown)
    _breach(shown)
    page = _person(browser, shown, "zhou")
    _agenda(page, meeting, screens)
    shown.set_clock(START - timedelta(minutes=10))
    _decide(page, _person(browser, shown, "sun"), meeting)
    shown.set_clock(START + timedelta(days=7))
    _supervise(browser, shown, screens)
    _next(page, shown, screens)


class _Standing(Gathering):
    """The gathering of the unit that is there already."""

    def __init__(self, site: Shown, db: object) -> None:
        self.db = db  # type: ignore[assignment]  # the session
        unit = self.db.scalars(select(Unit).where(Unit.compound_id.is_not(None))).one()
        self.unit_id = unit.id
        home = self.db.get_one(Area, unit.community_id)
        secretary = self.db.scalars(select(Officer).where(Officer.name == "周书记")).one()
        self.actor = build.actor(self.db, secretary, Role.SECRETARY, home)


def _planned(site: Shown) -> int:
    with site.database.writing() as db:
        home = db.scalars(select(Compound).where(Compound.code == "XQ-JH")).one()
        home.company_id = build.organization(db, "锦和物业").id
        return _Standing(site, db).plan("2026-11-24 09:30", at=site.at - timedelta(days=9)).id


def _breach(site: Shown) -> None:
    """Leave ten complaints of November unanswered; the project manager is told of the last."""
    rows = [case(f"GD-{n}", f"2026-11-{n + 10} 10:00") for n in range(10)]
    with site.database.writing() as db:
        late = case("GD-LATE", "2026-11-23 07:30", 诉求类别="电梯故障")
        assert load(db, None, sheet(*rows, late), "cases.csv", at=site.at).errors == []
    site.set_clock(clock("2026-11-23 12:00"))
    assert call_for_cases(site.database, site.at)
    letters = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in site.deliver()]
    told = [m for m in letters if "qian@example.cn" in m["To"] and "GD-LATE" in m.as_string()]
    plain = [m.get_body(("plain",)) for m in letters if "qian@example.cn" in m["To"]]
    assert told or any(p and "GD-LATE" in p.get_content() for p in plain)


def _agenda(page: Page, meeting: int, screens: Path | None) -> None:
    page.goto(f"/meetings/{meeting}/agenda/hear")
    row = page.get_by_role("row", name="GD-LATE")
    expect(row.get_by_text("至今未响应")).to_be_visible()
    picture(page, screens, "hear")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="保存选择").click()
    expect(page.get_by_text("听取内容已更新")).to_be_visible()
    page.goto(f"/meetings/{meeting}/agenda")
    grip = page.get_by_role("button", name="移动“通报居民诉求办理情况”")
    grip.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_text("“通报居民诉求办理情况”现为第 1 项")).to_be_visible()
    expect(grip).to_be_focused()
    first, second = page.locator("#agenda > li").nth(0), page.locator("#agenda > li").nth(1)
    second.locator(".grip").drag_to(first)
    expect(page.get_by_text("“通报主管部门工作要求落实情况”现为第 1 项")).to_be_visible()
    picture(page, screens, "agenda")
    page.get_by_role("link", name="完成").click()
    page.get_by_role("button", name="确认并发出通知").click()
    expect(page.get_by_text("通知所附议程：第 1 版")).to_be_visible()


def _decide(page: Page, clerk: Page, meeting: int) -> None:
    page.goto(f"/meetings/{meeting}/room")
    expect(page.locator("#room[data-ready]")).to_be_attached()
    for box in page.get_by_role("radio", name="出席").all():
        box.check()
    expect(page.get_by_text("达到法定人数").first).to_be_visible()
    for place, area in enumerate(page.get_by_label("会议记录").all(), 1):
        area.fill("会议听取了办理情况。")
        area.blur()
        expect(page.get_by_text("已保存 09:20")).to_have_count(place)
    heard = page.locator("section", has=page.get_by_role("heading", name="通报居民诉求办理情况"))
    heard.get_by_label("新决议").fill("由物业三日内修复电梯")
    heard.get_by_role("button", name="添加决议").click()
    expect(page.get_by_text("决议已记录")).to_be_visible()
    heard.get_by_role("link", name="添加督办事项…").click()
    form = page.locator("#task-form")
    form.get_by_label("事项").fill("修复电梯并公示结果")
    form.get_by_label("责任人").select_option(label="钱经理 项目经理")
    form.get_by_label("完成时限").fill((START.date() + timedelta(days=3)).isoformat())
    form.get_by_role("button", name="添加督办事项").click()
    expect(page.get_by_text("督办事项已记录")).to_be_visible()
    expect(page.get_by_text("全部已同步")).to_be_visible()
    page.get_by_role("button", name="结束会议，生成纪要").click()
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("纪要已提交审核")).to_be_visible()
    clerk.goto(page.url)
    clerk.get_by_role("button", name="通过：街道审核").click()
    expect(clerk.get_by_text("已审核通过")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.get_by_text("签发后的纪要不能再修改")).to_be_visible()
    page.goto("/cases/GD-LATE")
    expect(page.get_by_text("会议意见")).to_be_visible()
    expect(page.get_by_text("由物业三日内修复电梯")).to_be_visible()


def _supervise(browser: Browser, site: Shown, screens: Path | None) -> None:
    clerk = _person(browser, site, "sun")
    clerk.goto("/rates/supervision?month=2026-11")
    clerk.get_by_role("button", name="按标准提出2026年11月的建议").click()
    expect(clerk.get_by_role("heading", name="锦和物业")).to_be_visible()
    clerk.get_by_label("理由").fill("限期整改电梯")
    clerk.get_by_role("button", name="确认", exact=True).click()
    expect(clerk.get_by_text("已记录对锦和物业的决定")).to_be_visible()
    expect(clerk.get_by_text("已确认")).to_be_visible()
    picture(clerk, screens, "supervision-decided")


def _next(page: Page, site: Shown, screens: Path | None) -> None:
    """The next month's agenda hears of the step and of every open task."""
    site.set_clock(site.at + timedelta(hours=1))
    with site.database.writing() as db:
        number = _Standing(site, db).plan("2026-12-08 09:30", at=site.at).id
        assert db.get_one(Meeting, number).month == date(2026, 12, 1)
    page.goto(f"/meetings/{number}/agenda")
    expect(page.get_by_text("修复电梯并公示结果")).to_be_visible()
    expect(page.get_by_text("上次会议督办事项落实情况").first).to_be_visible()
    page.goto(f"/meetings/{number}/material")
    expect(page.get_by_text("锦和物业")).to_be_visible()
    picture(page, screens, "material")
