"""Three people in Chromium: a secretary plans and signs, a grid leader answers, a clerk prints."""

import re
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import icalendar
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Shown, picture
from tests.build import clock
from tests.journeys.conftest import PASSWORD
from tests.meetings.papers.measure import fonts, measure
from tests.meetings.test_calendar import understood_by_ical_js

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
BODY = 156 / 28  # 3号 set to its pitch, in mm
LONG = (
    "会议听取了电梯维保、消防通道清理和公共收益公示等情况的通报，参会各方逐项核对了上次会议议定事项的"
    "落实进度，对仍未完成的事项分析了原因，明确了下一步的责任单位和完成时限。"
)


def _person(browser: Browser, site: Shown, login: str, width: int = 1440) -> Page:
    context = browser.new_context(
        base_url=site.settings.public_url,
        viewport={"width": width, "height": 900},
        locale="zh-CN",
        accept_downloads=True,
    )
    page = context.new_page()
    if login:
        page.goto("/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="我的工作")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def test_a_month_of_three_people(browser: Browser, shown: Shown, screens: Path | None) -> None:
    stranger = _person(browser, shown, "")
    stranger.goto("/sign-in")
    picture(stranger, screens, "sign-in")
    secretary = _person(browser, shown, "zhou")
    picture(secretary, screens, "home")
    _plan(secretary, screens)
    _answer(browser, shown, secretary, screens)
    shown.set_clock(clock("2026-12-08 08:50"))
    _hold(secretary, screens)
    _sign(secretary, screens)
    _print(browser, shown, screens)


def _plan(page: Page, screens: Path | None) -> None:
    page.goto("/months/2026-12")
    picture(page, screens, "board")
    page.get_by_role("row", name="锦和苑").get_by_role("link", name="排定会议").click()
    expect(page.get_by_role("heading", name="排定会议：锦和苑")).to_be_visible()
    page.get_by_role("link", name="2026年12月8日 09:00").click()
    expect(page.get_by_text("可以参加")).to_be_visible()
    picture(page, screens, "schedule")
    page.get_by_role("button", name="选定这个时段").click()
    expect(page.get_by_text("尚未通知任何人")).to_be_visible()
    picture(page, screens, "meeting-planned")
    page.get_by_role("link", name="编辑议程").click()
    picture(page, screens, "agenda")
    page.get_by_role("link", name="完成").click()
    page.get_by_role("button", name="确认并发出通知").click()
    expect(page.get_by_text("会议已确认")).to_be_visible()


def _answer(browser: Browser, site: Shown, secretary: Page, screens: Path | None) -> None:
    letter = _letter_to(site, "wang@example.cn")
    calendar = next(p for p in letter.walk() if p.get_content_type() == "text/calendar")
    data = calendar.get_payload(decode=True)
    assert isinstance(data, bytes)
    event = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert event.decoded("DTSTART") == clock("2026-12-08 09:00")
    (understood,) = understood_by_ical_js([data])
    assert understood["start"] == clock("2026-12-08 09:00").timestamp()
    assert understood["method"] == "REQUEST"
    plain = letter.get_body(("plain",))
    assert plain
    link = re.search(r"/r/\S+", plain.get_content())
    assert link
    leader = _person(browser, site, "", width=360)
    leader.goto(link[0])
    picture(leader, screens, "reply")
    leader.set_viewport_size({"width": 360, "height": 740})
    leader.get_by_role("button", name="参加", exact=True).click()
    expect(leader.get_by_text("已收到您的回执")).to_be_visible()
    secretary.reload()
    row = secretary.get_by_role("row", name="王网格")
    expect(row.get_by_text("参加", exact=True).first).to_be_visible()
    picture(secretary, screens, "meeting-invited")


def _letter_to(site: Shown, address: str) -> EmailMessage:
    for path in site.deliver():
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        if address in letter["To"]:
            return letter
    raise AssertionError(f"no letter to {address}")


def _hold(page: Page, screens: Path | None) -> None:
    page.get_by_role("link", name="进入会议").click()
    expect(page.get_by_role("heading", name="考勤")).to_be_visible()
    for box in page.get_by_role("radio", name="出席").all():
        box.check()
    page.get_by_role("button", name="保存考勤").click()
    expect(page.get_by_text("考勤已保存")).to_be_visible()
    expect(page.get_by_text("达到法定人数").first).to_be_visible()
    for place, area in enumerate(page.get_by_label("会议记录").all(), 1):
        area.fill(LONG * 6)
        area.blur()
        expect(page.get_by_text("已保存 08:50")).to_have_count(place)
    page.get_by_label("新决议").first.fill("由物业项目部于12月20日前完成电梯限速器校验并公示结果。")
    page.get_by_role("button", name="添加决议").first.click()
    expect(page.get_by_text("决议已记录")).to_be_visible()
    page.get_by_text("添加督办事项").first.click()
    page.get_by_label("事项").first.fill("完成电梯限速器校验并在公示栏公布结果")
    page.get_by_label("责任人").first.select_option(label="钱经理 项目经理")
    due = date(2026, 12, 8) + timedelta(days=12)
    page.get_by_label("完成时限").first.fill(due.isoformat())
    page.get_by_role("button", name="添加督办事项").first.click()
    expect(page.get_by_text("督办事项已记录")).to_be_visible()
    picture(page, screens, "room")
    page.get_by_role("button", name="结束会议，生成纪要").click()
    expect(page.get_by_text("纪要草稿已生成")).to_be_visible()


def _sign(page: Page, screens: Path | None) -> None:
    page.get_by_role("button", name="提交签发").click()
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.get_by_text("签发后的纪要不能再修改")).to_be_visible()
    picture(page, screens, "minutes")
    code = re.search(r"核验码 (\w+)", page.inner_text("main"))
    assert code
    page.goto(f"/v/{code[1]}")
    picture(page, screens, "check")
    page.goto("/me")
    page.get_by_role("button", name="生成订阅地址").click()
    expect(page.get_by_label("订阅地址")).to_be_visible()
    picture(page, screens, "me")


def _print(browser: Browser, site: Shown, screens: Path | None) -> None:
    clerk = _person(browser, site, "sun")
    clerk.goto("/print/2026-12")
    picture(clerk, screens, "print-desk")
    number = clerk.locator("input[name=meeting]").get_attribute("value")
    answer = clerk.request.get(f"/meetings/{number}/minutes.pdf")
    sheets = measure(answer.body())
    lines = [len(row.glyphs) for sheet in sheets for row in sheet.rows(BODY)]
    assert any(len(sheet.rows(BODY)) == 22 for sheet in sheets)
    assert 28 in lines
    assert max(lines) == 28
    assert all(fonts(answer.body()).values())
    bound = clerk.request.get(f"/print/2026-12/minutes.pdf?meeting={number}")
    assert bound.body().startswith(b"%PDF")
    if screens is not None:
        (screens / "minutes.pdf").write_bytes(answer.body())
