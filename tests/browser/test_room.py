"""The room in Chromium: an hour without a network loses nothing; of two clerks both texts survive."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    Attendee,
    Guest,
    ItemTime,
    Resolution,
    RoomEntry,
)
from tests.browser.conftest import Shown, picture
from tests.browser.test_month import _person
from tests.build import clock
from tests.journeys.test_month import confirm, plan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
BEGINS = clock("2026-12-08 09:00")


def room(browser: Browser, site: Shown, login: str, meeting: str) -> Page:
    page = _person(browser, site, login)
    page.goto(f"/meetings/{meeting}/room")
    expect(page.locator("#room[data-copied]")).to_be_attached()
    return page


@pytest.fixture
def meeting(shown: Shown) -> str:
    found = plan(shown)
    confirm(shown, found)
    shown.set_clock(BEGINS)
    return found


def test_an_hour_without_a_network(
    browser: Browser, shown: Shown, meeting: str, screens: Path | None
) -> None:
    page = room(browser, shown, "zhou", meeting)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    for row in page.locator("#came-form tbody tr").all():
        row.get_by_role("radio", name="出席").check()
    expect(page.locator("#room-net")).to_contain_text("离线")
    expect(page.locator("#room-held")).to_have_text("达到法定人数")
    first, second = page.get_by_label("会议记录").all()[:2]
    page.get_by_role("button", name="开始计时").first.click()
    first.fill("断网时写下的记录。")
    page.get_by_label("新决议").first.fill("月底前换灯。")
    page.get_by_role("button", name="添加决议").first.click()
    page.get_by_role("link", name="添加督办事项…").first.click()
    form = page.locator("#task-form")
    form.get_by_label("事项").fill("换灯")
    form.get_by_label("完成时限").fill("5 个工作日")
    form.get_by_role("button", name="添加督办事项").click()
    expect(page.locator(".room-given").first).to_contain_text("换灯 待同步")
    guests = page.locator("#item-guests")
    guests.get_by_label("姓名").fill("何居民")
    guests.get_by_role("button", name="登记列席").click()
    expect(guests).to_contain_text("何居民 待同步")
    page.reload()  # by mistake, in the middle of it
    expect(page.locator("#room[data-ready]")).to_be_attached()
    expect(first).to_have_value("断网时写下的记录。")
    expect(page.locator(".room-decided").first).to_contain_text("月底前换灯。 待同步")
    expect(page.locator("#room-held")).to_have_text("达到法定人数")
    second.fill("第二项记录。")
    expect(page.locator("#room-saved")).to_contain_text("待同步")
    picture(page, screens, "room-offline")
    with shown.database.reading() as db:
        assert db.scalars(select(RoomEntry.key)).all() == []
    shown.set_clock(BEGINS + timedelta(hours=1))
    page.context.set_offline(False)
    expect(page.locator("#room-saved")).to_contain_text("全部已同步（10:00）")
    expect(page.locator("#room-net")).to_have_text("在线")
    expect(page.locator(".room-given").first).not_to_contain_text("待同步")
    expect(guests).not_to_contain_text("待同步")
    with shown.database.reading() as db:
        came = db.scalars(select(Attendee.attendance)).all()
        assert set(came) == {Attendance.PRESENT}
        notes = db.scalars(select(AgendaItem.notes).order_by(AgendaItem.position)).all()
        assert notes[:2] == ["断网时写下的记录。", "第二项记录。"]
        assert db.scalars(select(Resolution.text)).all() == ["月底前换灯。"]
        assert db.scalars(select(ActionItem.matter)).all() == ["换灯"]
        assert db.scalars(select(Guest.name)).all() == ["何居民"]
        assert len(db.scalars(select(ItemTime.id)).all()) == 1
    picture(page, screens, "room")


def test_two_clerks_write_the_same_notes(
    browser: Browser, shown: Shown, meeting: str, screens: Path | None
) -> None:
    zhou = room(browser, shown, "zhou", meeting)
    sun = room(browser, shown, "sun", meeting)
    sun.context.set_offline(True)
    zhou.get_by_label("会议记录").first.fill("书记写的。")
    expect(zhou.get_by_text("已保存 09:00")).to_be_visible()
    sun.get_by_label("会议记录").first.fill("联络员写的。")
    expect(sun.get_by_text("已存在本机")).to_be_visible()
    sun.context.set_offline(False)
    clash = sun.locator(".room-conflict:visible")
    expect(clash).to_contain_text("书记写的。")
    expect(clash).to_contain_text("联络员写的。")
    expect(clash).to_contain_text("周书记 09:00保存的文字")
    picture(sun, screens, "room-conflict")
    sun.get_by_role("button", name="两段都保留").click()
    expect(sun.get_by_text("已保存 09:00")).to_be_visible()
    area = zhou.get_by_label("会议记录").first
    expect(area).to_have_value(re.compile("书记写的。\\s+联络员写的。"))  # it comes by itself
    with shown.database.reading() as db:
        notes = db.scalars(select(AgendaItem.notes).order_by(AgendaItem.position)).first()
        assert notes == "书记写的。\n\n联络员写的。"
