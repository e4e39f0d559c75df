"""The map in Chromium: mounted by a boosted link, used by keyboard, left and come back to."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from govgrid.grid.imports import boundaries
from tests.browser.conftest import Shown, picture
from tests.grid.test_imports import collection
from tests.journeys.conftest import PASSWORD

STREET = "510107001"
PLACES = {  # west and east: the two micro-grids overlap
    f"{STREET}001": (104.0, 104.01),
    f"{STREET}001001001": (104.0, 104.0055),
    f"{STREET}001001002": (104.0045, 104.01),
}


@pytest.mark.browser
def test_the_map_by_keyboard_and_back_again(
    shown: Shown, browser: Browser, screens: Path | None
) -> None:
    with shown.database.writing() as db:
        for code, (west, east) in PLACES.items():
            ring = [[west, 30.6], [east, 30.6], [east, 30.61], [west, 30.61], [west, 30.6]]
            boundaries.load(db, None, collection(ring, code=code), "x.geojson", at=shown.at)
    page = browser.new_page(base_url=shown.settings.public_url)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto("/sign-in")
    page.fill("[name=login]", "sun")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "sign-in" not in url)

    page.goto(f"/grid/{STREET}")
    page.click(f"a[href='/grid/{STREET}/map']")
    expect(page.locator("#map.leaflet-container")).to_have_count(1)
    expect(page.locator("[data-layer=vacancy] [data-value=''] [data-count]")).to_have_text("2")
    expect(page.locator(".map-label").first).to_be_visible()

    page.focus("#map")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#map-status")).to_contain_text("第一微网格")
    page.keyboard.press("Enter")
    expect(page.locator("#at")).to_contain_text("李微")
    picture(page, screens, "map")

    page.check("input[value=households]", force=True)
    expect(page.locator("#listed")).to_contain_text("约 450 户")
    assert page.url.endswith("?layer=households")
    page.click("#listed tr:has-text('第二微网格') >> text=谁负责")
    expect(page.locator("#at")).to_contain_text("赵微")

    page.click("text=边界检查")
    expect(page.locator("#map.leaflet-container")).to_have_count(1)
    page.click("text=在图上查看")
    expect(page.locator("#map")).to_be_focused()
    picture(page, screens, "boundary-check")
    page.hover("#map")
    page.mouse.wheel(0, -300)  # the map is left in mid-motion
    page.click("nav.crumbs >> text=示意图")
    expect(page.locator("#map.leaflet-container")).to_have_count(1)
    expect(page.locator("[data-layer=vacancy] [data-value=''] [data-count]")).to_have_text("2")
    page.click("#map")
    expect(page.locator("#at h2")).to_contain_text("微网格")
    assert faults == []
