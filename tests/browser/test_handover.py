"""A grid leader's post is handed over in Chromium: what moves is shown first, then it has moved."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Shown, picture
from tests.browser.test_directory import signed_in
from tests.journeys.test_month import confirm, plan

pytestmark = pytest.mark.browser


def test_a_post_is_handed_over(browser: Browser, shown: Shown, screens: Path | None) -> None:
    meeting = plan(shown)
    confirm(shown, meeting)
    for path in shown.deliver():
        path.unlink()
    page = signed_in(browser, shown, "sun")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/directory?q=wwg")
    page.locator("main").get_by_role("link", name="王网格").first.click()
    page.get_by_role("link", name="交接岗位").click()
    page.get_by_label("姓名", exact=True).fill("新网格长")
    page.get_by_label("邮箱").fill("new@example.cn")
    page.get_by_label("交接日期").fill("2026-12-01")
    page.get_by_role("button", name="查看移交清单").click()
    expect(page.get_by_role("heading", name="随岗位移交 1 项")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="2026年12月联席会议")).to_be_visible()
    picture(page, screens, "hand-over-check")
    page.get_by_role("button", name="确认交接").click()
    expect(page.locator("#messages")).to_contain_text("新网格长")
    page.goto(f"/meetings/{meeting}")
    expect(page.get_by_role("row").filter(has_text="新网格长")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="王网格")).to_have_count(0)
    assert _letters(shown) == {"wang@example.cn": "CANCEL", "new@example.cn": "REQUEST"}


def _letters(shown: Shown) -> dict[str, str]:
    """Return the calendar method of each letter to those whom the hand-over concerns."""
    found = {}
    for path in shown.deliver():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        found[str(mail["To"].addresses[0].addr_spec)] = str(part.get_param("method"))
    return {to: found[to] for to in ("wang@example.cn", "new@example.cn")}
