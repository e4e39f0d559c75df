"""A street's month in Chromium: planned, a meeting dragged into a clash and moved, taken, undone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from govgrid.grid.models import Area, Officer
from govgrid.meetings.jobs import plan_waiting
from tests.browser.conftest import Shown, picture
from tests.browser.test_month import _person
from tests.meetings.month import crowd

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_street_is_planned_and_one_meeting_moved(
    browser: Browser, shown: Shown, screens: Path | None
) -> None:
    with shown.database.writing() as db:
        street = db.scalars(select(Area).where(Area.code == "510107001")).one()
        police = db.scalars(select(Officer).where(Officer.name == "张警官")).one()
        crowd(db, street, police, communities=2, compounds=2)
    clerk = _person(browser, shown, "sun")
    _plan(clerk, shown, screens)
    _drag_into_a_clash(clerk, screens)
    _move_by_keyboard(clerk)
    _take_over_and_undo(clerk, screens)


def _plan(page: Page, shown: Shown, screens: Path | None) -> None:
    page.goto("/planning/2026-12")
    expect(page.get_by_text("个会议单元没有项目经理")).to_be_visible()
    picture(page, screens, "planning")
    page.get_by_label("时间上限").fill("10")
    page.get_by_role("button", name="开始排会").click()
    expect(page.get_by_text("等待开始")).to_be_visible()
    picture(page, screens, "plan-progress")
    assert plan_waiting(shown.database, shown.at) == 1
    expect(page.get_by_role("heading", name="排会结果")).to_be_visible()
    picture(page, screens, "plan-calendar")


def _event(page: Page, name: str) -> Locator:
    return page.locator("#planner .event", has_text=name)


def _cell(page: Page, name: str) -> Locator:
    return page.locator("#planner td", has=page.locator(".event", has_text=name))


def _drag_into_a_clash(page: Page, screens: Path | None) -> None:
    """Both meetings need the same police officer: the place of the one is closed to the other."""
    before = _cell(page, "新小区11").get_attribute("data-start")
    with page.expect_response(re.compile(r"slots\.json")):
        _event(page, "新小区11").hover()
        page.mouse.down()
        _event(page, "新小区21").hover()
        _event(page, "新小区21").hover()
    expect(_cell(page, "新小区21")).to_have_class(re.compile("cannot"))
    _cell(page, "新小区21").hover()
    page.mouse.move(5, 5)
    _event(page, "新小区21").hover()
    expect(page.locator("#move-status")).to_contain_text("张警官在“新小区21”开会")
    picture(page, screens, "plan-clash")
    _event(page, "新小区21").hover()
    page.mouse.up()
    assert _cell(page, "新小区11").get_attribute("data-start") == before


def _move_by_keyboard(page: Page) -> None:
    page.reload()
    event = _event(page, "新小区11")
    before = _cell(page, "新小区11").get_attribute("data-start")
    event.focus()
    with page.expect_response(re.compile(r"slots\.json")):
        page.keyboard.press("m")
    status = page.locator("#move-status")
    for _step in range(22):
        page.keyboard.press("ArrowDown")
        if "空闲，可以移到这里" in status.inner_text():
            break
    expect(status).to_contain_text("空闲，可以移到这里")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已移动并固定“新小区11”")).to_be_visible()
    assert _cell(page, "新小区11").get_attribute("data-start") != before
    expect(_event(page, "新小区11")).to_have_class(re.compile("event-pinned"))


def _take_over_and_undo(page: Page, screens: Path | None) -> None:
    _event(page, "锦和苑").click()
    expect(page.get_by_role("heading", name="参会人员")).to_be_visible()
    picture(page, screens, "plan-line")
    page.get_by_role("link", name="列表").click()
    picture(page, screens, "plan-list")
    page.get_by_role("link", name="采用…").click()
    picture(page, screens, "plan-take")
    page.get_by_role("button", name="采用所选会议").click()
    expect(page.get_by_text("已排定 8 场会议")).to_be_visible()
    page.get_by_role("button", name="撤销采用").click()
    expect(page.get_by_text("已撤销 8 场会议")).to_be_visible()
    page.goto("/planning/settings/510107001001")
    picture(page, screens, "meeting-settings")
    page.goto("/planning/venues/510107001001")
    picture(page, screens, "venues")
