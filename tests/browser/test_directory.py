"""Find a person by initials from any page, and print a street's notice boards, in Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from govgrid.grid.papers.desk import print_boards
from govgrid.press.press import Press
from tests.browser.conftest import Shown, picture
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser


def signed_in(browser: Browser, shown: Shown, login: str) -> Page:
    page = browser.new_page(base_url=shown.settings.public_url)
    page.goto("/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("#finder")).to_be_visible()
    return page


def test_a_person_is_found_by_initials(
    browser: Browser, shown: Shown, screens: Path | None
) -> None:
    page = signed_in(browser, shown, "zhou")
    page.keyboard.press("/")
    expect(page.locator("#finder")).to_be_focused()
    page.keyboard.type("wwg")
    found = page.locator("#hits li", has_text="王网格")
    expect(found).to_be_visible()
    picture(page, screens, "finder")
    page.keyboard.press("ArrowDown")
    expect(found.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#finder")).to_be_focused()
    expect(page.locator("#hits")).to_be_empty()
    page.keyboard.press("Enter")
    page.wait_for_url("**/directory?q=wwg")
    expect(page.locator(".chain")).to_contain_text("孙联络")
    picture(page, screens, "directory")


def test_a_street_prints_its_notice_boards(
    browser: Browser, shown: Shown, screens: Path | None, press: Press
) -> None:
    page = signed_in(browser, shown, "sun")
    page.goto("/grid/510107001")
    page.click(".page-actions >> text=公示牌")
    picture(page, screens, "boards")
    page.click("text=印制全部公示牌")
    expect(page.locator("#messages")).to_contain_text("请选择有空缺时如何处理")
    page.check("input[value=mark]")
    page.click("text=印制全部公示牌")
    expect(page.locator("#job")).to_contain_text("0 / 2")
    print_boards(press)(shown.database, shown.at)
    link = page.locator("text=打开合订 PDF")
    expect(link).to_be_visible()
    picture(page, screens, "boards-printed")
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.body()[:4] == b"%PDF"
