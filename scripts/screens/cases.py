"""Walks along the complaint cases: taken in, answered, counted, supervised; and a resident's."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from scripts.screens.clerk import DISTRICT, STREET
from scripts.screens.tour import LAST, THIS, Tour


def cases(tour: Tour) -> None:
    page = tour.person("shuji")
    tour.pages(page, {"cases-clock": "/cases/clock", "case-new": "/cases/new?q=洗面桥"})
    page.locator("main a[href*='compound=']").first.click()
    page.get_by_role("button", name="登记", exact=True).wait_for()
    tour.picture(page, "case-new-compound")
    page = tour.person("jiedao")
    asked = f"area={STREET}&month={LAST}"
    tour.pages(
        page,
        {
            "cases-clock-street": "/cases/clock",
            "rates": f"/rates?{asked}",
            "rates-league": f"/rates/league?{asked}",
            "rates-charts": f"/rates/charts?{asked}",
            "tasks-figures": f"/actions/figures?{asked}",
        },
    )


def supervision(tour: Tour) -> None:
    page = tour.person("zhujian")
    asked = f"area={DISTRICT}&month={LAST}"
    tour.pages(
        page,
        {
            "rates-city-district": f"/rates?{asked}",
            "supervision": f"/rates/supervision?{asked}",
            "thresholds": f"/rates/thresholds/{DISTRICT}",
            "promises": f"/rates/promises?area={DISTRICT}",
            "experts": f"/rates/experts?area={DISTRICT}",
            "tokens": "/tokens",
        },
    )
    page.get_by_label("用途").fill("市民热线平台")
    page.get_by_role("checkbox").first.check()
    page.locator("main form[action='/tokens'] button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    tour.picture(page, "token-made")
    page = tour.person("zongbu")
    tour.pages(page, {"home-head-office": "/", "cases-head-office": "/cases"})


def one_click(tour: Tour) -> None:
    """Send a complaint as a resident does, then read its phone as the one who handles it."""
    page = tour.person()
    tour.pages(
        page,
        {"one-click": f"/q/{DISTRICT}", "one-click-none": f"/q/{DISTRICT}?q=没有这个小区"},
    )
    page.goto(f"/q/{DISTRICT}?q=洗面桥")
    page.locator("main a[href*='compound=']").first.click()
    page.get_by_label("请说明情况").fill("2 栋 1 单元电梯今天上午停了两次，门打不开。")
    page.get_by_label("联系电话").fill("13800000000")
    page.locator("main label.btn").first.click()
    tour.picture(page, "one-click-compound")
    compound = page.locator("input[name=compound]").input_value()
    page.get_by_role("button", name="提交").click()
    page.wait_for_url(re.compile(r"/q/\d+/\w{8,}"))
    tour.picture(page, "one-click-receipt")
    _handled(tour, tour.person("jiedao"), compound)


def _handled(tour: Tour, page: Page, compound: str) -> None:
    page.goto(f"/cases?compound={compound}&month={THIS}")
    page.locator("main table a[href^='/cases/']").first.click()
    page.wait_for_url("**/cases/*")
    tour.picture(page, "case-one-click")
    page.get_by_role("link", name="居民电话").click()
    page.wait_for_url("**/phone")
    tour.picture(page, "case-phone")
