"""Three people in Chromium: a secretary plans and signs, a grid leader answers, a clerk prints."""

import re
import subprocess
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import icalendar
import pikepdf
import pytest
from playwright.sync_api import Browser, Page, expect

from govgrid.meetings.papers.desk import bind_waiting
from govgrid.meetings.papers.store import print_waiting
from tests.browser.conftest import Shown, picture
from tests.build import clock
from tests.journeys.conftest import PASSWORD
from tests.meetings.papers.measure import fonts, measure
from tests.meetings.test_calendar_in_ical_js import understood_by_ical_js

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
BODY = 156 / 28  # 3号 set to its pitch, in mm
OURS = {"FandolFang", "LXGWWenKai", "NotoSansSC", "NotoSerifSC"}
RARE = "彧犇喆昇珺堃玥㎡"
LONG = (
    "会议听取了电梯维保、消防通道清理和公共收益公示等情况的通报，参会各方逐项核对了上次会议议定事项的"
    "落实进度，对仍未完成的事项分析了原因，明确了下一步的责任单位和完成时限。"
)
# No marks that could be squeezed: every line of it holds 28 characters.
PLAIN = f"微网格员{RARE}逐户核对电梯维保消防通道和公共收益公示情况并记录在册" * 50


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
    _move_and_cancel(secretary)
    shown.set_clock(clock("2026-12-08 08:50"))
    _hold(secretary, screens)
    clerk = _person(browser, shown, "sun")
    _sign(secretary, clerk, screens)
    _print(clerk, shown, screens)
    _cover(clerk, screens)


def _plan(page: Page, screens: Path | None) -> None:
    page.goto("/months/2026-12")
    expect(page.get_by_text("未排定").first).to_be_visible()
    picture(page, screens, "board")
    page.get_by_role("row", name="锦和苑").get_by_role("link", name="排定会议").click()
    expect(page.get_by_role("heading", name="排定会议：锦和苑")).to_be_visible()
    page.get_by_role("link", name="2026年12月8日 09:00").click()
    expect(page.get_by_text("可以参加")).to_be_visible()
    picture(page, screens, "schedule")
    page.get_by_role("button", name="选定这个时段").click()
    expect(page.get_by_text("尚未通知任何人")).to_be_visible()
    for item in ("部门要求", "诉求办理", "双晒"):
        expect(page.locator("ol.agenda").get_by_text(item).first).to_be_visible()
    picture(page, screens, "meeting-planned")
    page.get_by_role("row", name="赵微").get_by_role("button", name="移出").click()
    expect(page.get_by_role("row", name="赵微")).to_have_count(0)
    page.get_by_role("link", name="编辑议程").click()
    picture(page, screens, "agenda")
    page.get_by_role("link", name="完成").click()
    page.get_by_role("button", name="确认并发出通知").click()
    expect(page.get_by_text("会议已确认")).to_be_visible()


def _move_and_cancel(page: Page) -> None:
    """Take the community's own meeting through the rest: a taken room, a move, a cancellation."""
    meeting = page.url
    page.goto("/months/2026-12")
    page.get_by_role("row", name="社区会议").get_by_role("link", name="排定会议").click()
    taken = page.get_by_role("link", name="2026年12月8日 09:00")
    expect(taken).to_have_text("占用")
    taken.click()
    expect(page.get_by_text("会议室已被“锦和苑")).to_be_visible()
    expect(page.get_by_role("button", name="选定这个时段")).to_have_count(0)
    page.get_by_role("link", name="2026年12月9日 09:00").click()
    page.get_by_role("button", name="选定这个时段").click()
    page.get_by_role("button", name="确认并发出通知").click()
    expect(page.get_by_text("会议已确认")).to_be_visible()
    page.get_by_role("link", name="改期").click()
    page.get_by_role("link", name="2026年12月10日 09:00").click()
    page.get_by_role("button", name="改到这个时段").click()
    expect(page.get_by_text("2026年12月10日").first).to_be_visible()
    page.get_by_text("取消会议").first.click()
    page.get_by_label("取消原因").fill("与街道会议冲突")
    page.get_by_role("button", name="取消会议").click()
    expect(page.get_by_text("会议已取消：与街道会议冲突")).to_be_visible()
    page.goto("/months/2026-12")
    expect(page.get_by_role("row", name="社区会议").get_by_text("未排定").first).to_be_visible()
    page.goto("/months/2026-12?view=calendar")
    expect(page.get_by_role("link", name="锦和苑")).to_be_visible()
    page.goto(meeting)


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
    expect(page.locator("#room[data-ready]")).to_be_attached()
    for box in page.get_by_role("radio", name="出席").all():
        box.check()
    expect(page.get_by_text("达到法定人数").first).to_be_visible()
    for place, area in enumerate(page.get_by_label("会议记录").all(), 1):
        area.fill(PLAIN if place == 1 else LONG * 2)
        area.blur()
        expect(page.get_by_text("已保存 08:50")).to_have_count(place)
    page.get_by_label("新决议").first.fill("由物业项目部于12月20日前完成电梯限速器校验并公示结果。")
    page.get_by_role("button", name="添加决议").first.click()
    expect(page.get_by_text("决议已记录")).to_be_visible()
    page.get_by_role("link", name="添加督办事项…").first.click()
    form = page.locator("#task-form")
    form.get_by_label("事项").fill("完成电梯限速器校验并在公示栏公布结果")
    form.get_by_label("责任人").select_option(label="钱经理 项目经理")
    due = date(2026, 12, 8) + timedelta(days=12)
    form.get_by_label("完成时限").fill(due.isoformat())
    form.get_by_role("button", name="添加督办事项").click()
    expect(page.get_by_text("督办事项已记录")).to_be_visible()
    expect(page.get_by_text("全部已同步")).to_be_visible()
    picture(page, screens, "room")
    page.get_by_role("button", name="结束会议，生成纪要").click()
    expect(page.get_by_text("纪要草稿已生成")).to_be_visible()


def _sign(page: Page, clerk: Page, screens: Path | None) -> None:
    """From the closed meeting to the signed paper in five actions, the closing among them."""
    actions = ["结束会议"]
    page.get_by_role("button", name="提交审核").click()
    actions.append("提交审核")
    expect(page.get_by_text("纪要已提交审核")).to_be_visible()
    clerk.goto(page.url)
    picture(clerk, screens, "minutes-review")
    clerk.get_by_role("button", name="通过：街道审核").click()
    actions.append("街道审核")
    expect(clerk.get_by_text("已审核通过")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="签发", exact=True).click()
    actions.append("签发")
    expect(page.get_by_text("签发后的纪要不能再修改")).to_be_visible()
    picture(page, screens, "minutes")
    paper = page.get_by_role("link", name="打印 PDF").get_attribute("href")
    actions.append("打印 PDF")
    assert page.request.get(str(paper)).body().startswith(b"%PDF")
    assert len(actions) <= 5
    code = re.search(r"核验码 (\w+)", page.inner_text("main"))
    assert code
    page.goto(f"/v/{code[1]}")
    picture(page, screens, "check")
    page.goto("/me")
    page.get_by_role("button", name="生成订阅地址").click()
    expect(page.get_by_label("订阅地址")).to_be_visible()
    picture(page, screens, "me")


def _print(clerk: Page, site: Shown, screens: Path | None) -> None:
    while print_waiting(site.state.press)(site.database, site.at):
        pass
    clerk.goto("/archive?q=电梯")
    expect(clerk.get_by_role("row", name="锦和苑").locator("mark").first).to_have_text("电梯")
    picture(clerk, screens, "archive")
    clerk.goto("/print/2026-12")
    picture(clerk, screens, "print-desk")
    row = clerk.get_by_role("row", name="锦和苑")
    expect(row.get_by_role("checkbox")).to_be_checked()
    one = clerk.request.get(str(row.get_by_role("link", name="PDF").get_attribute("href"))).body()
    sheets = measure(one)
    lines = [[len(row.glyphs) for row in sheet.rows(BODY)] for sheet in sheets]
    assert [28] * 22 in lines
    glyphs = [glyph for sheet in sheets for glyph in sheet.glyphs]
    assert {glyph.text for glyph in glyphs} > set(RARE)
    assert 0 not in {glyph.number for glyph in glyphs}
    assert all(fonts(one).values())
    _sound(one, OURS)
    clerk.get_by_role("button", name="打印所选纪要").click()
    expect(clerk.get_by_text("正在汇编：0 / 1")).to_be_visible()
    assert bind_waiting(site.state.press)(site.database, site.at) == 1
    ready = clerk.get_by_role("link", name="打开汇编 PDF")
    expect(ready).to_be_visible()  # the page asks by itself
    picture(clerk, screens, "print-job")
    bound = clerk.request.get(str(ready.get_attribute("href"))).body()
    _sound(bound, OURS)
    with pikepdf.open(BytesIO(bound)) as pdf, pdf.open_outline() as outline:
        titles = [child.title for entry in outline.root for child in entry.children]
    assert any(title.startswith("锦和苑") for title in titles)
    if screens is not None:
        (screens / "minutes.pdf").write_bytes(one)


def _sound(pdf: bytes, ours: set[str]) -> None:
    """Let the system's own tools judge: no fault in it, no font but ours, each embedded."""
    command = ["qpdf", "--check", "-"]
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        command[-1] = file.name
        checked = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "No syntax or stream encoding errors" in checked.stdout
        listed = subprocess.check_output(["pdffonts", file.name], text=True).splitlines()[2:]
    assert {line.partition("+")[2].partition("-")[0] for line in listed} <= ours
    assert {line.split()[-5] for line in listed} == {"yes"}


def _cover(clerk: Page, screens: Path | None) -> None:
    """See who looks after the old compounds, and record a change with its agreement."""
    clerk.goto("/coverage")
    expect(clerk.get_by_role("heading", name="江桥街道 · 老旧小区物业管理覆盖")).to_be_visible()
    expect(clerk.get_by_text("0 / 1 个小区").first).to_be_visible()
    picture(clerk, screens, "coverage")
    clerk.get_by_role("link", name="江桥街12号院").first.click()
    clerk.get_by_role("combobox", name="管理方式").select_option(label="社区托管")
    clerk.get_by_label("管理单位").fill("锦江社区居委会")
    clerk.get_by_label("起始日期").fill("2026-12-01")
    clerk.get_by_label("截止日期").fill("2027-11-30")
    clerk.get_by_label("协议编号").fill("XY-2026-007")
    clerk.get_by_role("button", name="登记", exact=True).click()
    history = clerk.locator("section", has=clerk.get_by_role("heading", name="管理沿革"))
    expect(history.get_by_text("XY-2026-007")).to_be_visible()
    expect(history.get_by_text("社区托管").first).to_be_visible()
    picture(clerk, screens, "coverage-record")
    clerk.goto("/coverage")
    expect(clerk.get_by_text("1 / 1 个小区").first).to_be_visible()
