"""A resident reports a leak on a phone: fewer than four taps, plus typing; the code tells the state."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from govgrid.grid.models import Compound
from tests.browser.conftest import Shown, picture

pytestmark = pytest.mark.browser
COUNT = """document.addEventListener("pointerdown", (event) => {
  if (event.isTrusted) sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
}, true);"""


def test_a_leak_is_reported_in_three_taps(
    browser: Browser, shown: Shown, screens: Path | None
) -> None:
    with shown.database.reading() as db:
        assert db.query(Compound).filter(Compound.name == "锦和苑").count() == 1
    phone = browser.new_context(
        base_url=shown.settings.public_url, has_touch=True, is_mobile=True,
        viewport={"width": 360, "height": 740},
    )  # fmt: skip
    phone.add_init_script(COUNT)
    page = phone.new_page()
    page.goto("/q/510107")
    expect(page.locator("#f-q")).to_be_focused()
    page.keyboard.type("jhy")
    page.locator("#found a", has_text="锦和苑").tap()
    page.locator("label", has_text="漏水").tap()
    expect(page.locator("#f-content")).to_be_focused()
    page.keyboard.type("3栋2单元楼道渗水")
    page.locator("main button[type=submit]").tap()
    page.wait_for_url("**/q/510107/*")
    assert page.evaluate("sessionStorage.taps") == "3"
    code = page.locator(".code-big").inner_text().replace(" ", "")
    picture(page, screens, "receipt")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/q/510107")
    page.fill("#f-code", f"{code[:5]} {code[5:]}".lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/q/510107/{code}")
    expect(page.locator("main")).to_contain_text("已受理")
    expect(page.locator("main")).not_to_contain_text("渗水")
    phone.close()
