"""A clerk in Chromium: a foreign sheet is mapped, ten bad rows come back, the mended one is written."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from govgrid.cases.models import Case
from govgrid.exchange.jobs import work_off
from govgrid.kinds import KINDS
from govgrid.sheets import read_sheet
from tests.browser.conftest import Shown, picture
from tests.journeys.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
HEAD = "工单号,受理渠道,问题分类,小区,来电时间,来电人,是否满意"
GOOD = [f"G{n},市民热线,停车,XQ-JH,2026-11-20 09:{n:02d},某人,满意" for n in range(20)]
BAD = [f"B{n},市民热线,停车,XQ-JH,昨天,某人,满意" for n in range(10)]


def upload(page: Page, site: Shown, file: Path, lines: list[str], source: str = "") -> None:
    file.write_text("\n".join([HEAD, *lines]))
    page.goto("/exchange")
    page.locator("#f-kind").select_option("cases")
    page.locator("#f-file").set_input_files(file)
    if source:
        page.locator("#f-source").select_option(label=source)
    page.get_by_role("button", name="上传并检查").click()
    work(page, site, "正在检查…")


def work(page: Page, site: Shown, shown: str) -> None:
    """See that it is under way, and have the worker do it."""
    expect(page.get_by_text(shown)).to_be_visible()
    work_off(KINDS)(site.database, site.at)


def test_a_sheet_with_ten_bad_rows(
    browser: Browser, shown: Shown, screens: Path | None, tmp_path: Path
) -> None:
    context = browser.new_context(base_url=shown.settings.public_url, accept_downloads=True)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/sign-in")
    page.get_by_label("登录名").fill("sun")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="导入导出").click()
    picture(page, screens, "exchange")

    upload(page, shown, tmp_path / "热线.csv", [*GOOD, *BAD])
    page.get_by_label("“市民热线”的取值").select_option("12345")
    page.get_by_label("记住这个来源").fill("12345 热线")
    picture(page, screens, "exchange-mapping")
    page.get_by_role("button", name="按此对应检查").click()
    work(page, shown, "正在检查…")
    expect(page.get_by_role("link", name="有误 10")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("受理时间 昨天"))).to_have_count(10)
    picture(page, screens, "exchange-wrong")
    with page.expect_download() as given:
        page.get_by_role("link", name="下载有误的行").click()
    sheet = read_sheet(given.value.path().read_bytes(), "x.xlsx", KINDS["cases"].columns)
    assert (sheet.count, sheet.ignored) == (10, ["行号", "原因"])

    upload(page, shown, tmp_path / "改正.csv", GOOD, "诉求 · 12345 热线")
    expect(page.get_by_role("link", name="新增 20")).to_be_visible()
    picture(page, screens, "exchange-preview")
    page.get_by_role("button", name="确认导入").click()
    work(page, shown, "正在写入…")
    expect(page.get_by_text("导入完成")).to_be_visible()
    with shown.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Case)) == 20
