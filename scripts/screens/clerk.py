"""Walks of a street office's clerk and of the district's housing officer."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from scripts.screens.tour import LAST, SITE, THIS, Tour

DISTRICT, STREET = "510107", "510107001"
COMMUNITY, GRID = "510107001004", "510107001004003"
HEAD = "工单编号,来源,诉求类别,小区编号,受理时间"
RIGHT = f"{HEAD}\nG1,12345,停车,{{compound}},2026-11-20 09:00\n"
WRONG = f"{RIGHT}G2,电报,停车,没有的小区,昨天\nG3,12345,,{{compound}},2026-11-21 10:00\n"
FOREIGN = "工单号,受理渠道,问题分类,小区,来电时间\nG1,市民热线,停车,{compound},2026-11-20 09:00\n"


def clerk(tour: Tour) -> None:
    page = tour.person("jiedao")
    tour.pages(
        page,
        {
            "home-street": "/",
            "months-street": f"/months/{THIS}",
            "print-desk": f"/print/{LAST}",
            "archive": "/archive?q=电梯",
            "house-style": f"/planning/settings/{STREET}/house",
            "coverage": "/coverage",
            "coverage-board": f"/coverage/{STREET}/board",
            "coverage-map": f"/coverage/{STREET}/map",
            "coverage-watch": f"/coverage/{STREET}/watch",
            "coverage-acts": "/coverage-acts",
            "cases-street": "/cases",
            "grid": f"/grid/{STREET}",
            "grid-officers": f"/grid/{STREET}?tab=officers",
            "grid-compounds": f"/grid/{STREET}?tab=compounds",
            "at": "/grid/at?lat=30.6435&lon=104.0540",
            "map-check": f"/grid/{STREET}/check",
            "gaps": f"/grid/{STREET}/gaps",
            "directory": "/directory?q=洗面桥",
            "directory-none": "/directory?q=没有这个人",
            "journal": "/journal",
            "workdays-affected": "/workdays/affected",
            "planning-settings": f"/planning/settings/{STREET}",
            "venues": f"/planning/venues/{COMMUNITY}",
            "unit-settings": "/units/1/settings",
            "agenda-template": f"/planning/settings/{STREET}/agenda",
            "agenda-template-unit": "/units/1/agenda",
        },
    )
    page.goto("/print")
    _map(tour, page)
    _officer(tour, page)
    _venue(tour, page)
    _boards(tour, page)
    _reports(tour, page)
    _bound(tour, page)
    _area_change(tour, page)
    _exchange(tour, page)


def _map(tour: Tour, page: Page) -> None:
    page.goto(f"/grid/{STREET}/map")
    page.wait_for_timeout(1500)
    tour.picture(page, "map")


def _officer(tour: Tour, page: Page) -> None:
    page.goto("/officers/me")
    tour.picture(page, "officer-me")
    page.goto(f"/grid/{STREET}?tab=officers")
    page.locator("main a[href^='/officers/']").nth(3).click()
    page.wait_for_url("**/officers/*")
    tour.picture(page, "officer")
    link = page.locator("main a[href$='/hand-over']").first
    page.goto(str(link.get_attribute("href")))
    tour.picture(page, "hand-over")


def _venue(tour: Tour, page: Page) -> None:
    page.goto(f"/planning/venues/{COMMUNITY}")
    page.locator("main a[href^='/venues/']").first.click()
    page.wait_for_url(re.compile(r"(?<!planning)/venues/\d+$"))
    tour.picture(page, "venue")


def _boards(tour: Tour, page: Page) -> None:
    page.goto(f"/compounds/{_compound(page)}/board")
    tour.picture(page, "notice-board")
    page.goto(f"/grid/{STREET}/boards")
    tour.picture(page, "notice-boards")
    ways = page.locator("input[name=gaps]")
    if ways.count():
        ways.last.check()
    page.get_by_role("button", name="印制全部公示牌").click()
    page.wait_for_url("**/boards/*")
    page.locator("a[href$='boards.pdf']").wait_for(timeout=300_000)
    tour.picture(page, "notice-boards-job")


def _reports(tour: Tour, page: Page) -> None:
    asked = f"area={STREET}&month={LAST}"
    tour.pages(
        page,
        {
            "meeting-figures": f"/rates/meetings?{asked}",
            "meeting-figures-behind": f"/rates/meetings/behind?{asked}&figure=held",
            "owners-meetings": f"/rates/owners-meetings?{asked}&by=compound",
            "report": f"/reports?{asked}",
        },
    )
    page.get_by_role("button", name="编制合订月报").click()
    page.wait_for_url("**/reports/jobs/*")
    page.locator("a[href$='reports.pdf']").wait_for(timeout=300_000)
    tour.picture(page, "report-job")
    tour.paper(page, f"{page.url}/reports.pdf", "report-paper")


def _bound(tour: Tour, page: Page) -> None:
    page.goto(f"/print/{LAST}")
    page.get_by_role("button", name="打印所选纪要").click()
    page.wait_for_url("**/prints/*")
    page.get_by_role("link", name="打开汇编 PDF").wait_for(timeout=300_000)
    tour.picture(page, "print-job")


def _compound(page: Page) -> str:
    """Return the code of one of the street's compounds."""
    page.goto(f"/grid/{STREET}?tab=compounds")
    link = str(page.locator("main table a[href^='/compounds/']").first.get_attribute("href"))
    return link.rpartition("/")[2]


def _area_change(tour: Tour, page: Page) -> None:
    page.goto(f"/grid/{GRID}/changes")
    tour.picture(page, "area-history")
    for kind in ("merge", "split", "move", "rename"):
        page.goto(f"/grid/{GRID}/changes/{kind}")
        tour.picture(page, f"area-{kind}")
    page.get_by_label("名称").fill("洗面桥社区老街网格")
    page.get_by_role("button", name="预览影响").click()
    page.wait_for_url("**/area-changes/*")
    tour.picture(page, "area-change")


def _exchange(tour: Tour, page: Page) -> None:
    compound = _compound(page)
    page.goto("/exchange")
    tour.picture(page, "exchange")
    for name, sheet in (("exchange-wrong", WRONG), ("exchange-ready", RIGHT)):
        _upload(page, "诉求.csv", sheet.format(compound=compound))
        page.get_by_text("正在检查").first.wait_for(state="detached", timeout=60_000)
        tour.picture(page, name)
    # A sheet with headings of its own: the mapping is kept under a name.
    _upload(page, "热线.csv", FOREIGN.format(compound=compound))
    page.get_by_label("“市民热线”的取值").select_option("12345", timeout=60_000)
    page.get_by_label("记住这个来源").fill("12345 热线")
    tour.picture(page, "exchange-mapping")
    page.goto(page.url)
    page.get_by_label("“市民热线”的取值").select_option("12345")
    page.get_by_label("记住这个来源").fill("12345 热线")
    page.get_by_role("button", name="按此对应检查").click()
    page.get_by_role("button", name="按此对应检查").wait_for(state="detached", timeout=60_000)
    page.goto("/exchange/sources")
    tour.picture(page, "sources")
    page.locator("main a[href^='/exchange/sources/']").first.click()
    page.wait_for_url("**/exchange/sources/*")
    tour.picture(page, "source")


def _upload(page: Page, name: str, sheet: str) -> None:
    page.goto("/exchange")
    page.locator("#f-kind").select_option("cases")
    file = {"name": name, "mimeType": "text/csv", "buffer": sheet.encode()}
    page.locator("#f-file").set_input_files(file)  # type: ignore[arg-type]  # a file in memory
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url(f"{SITE}/exchange/batches/*")


def housing(tour: Tour) -> None:
    page = tour.person("zhujian")
    tour.pages(
        page,
        {
            "home-district": "/",
            "coverage-district": "/coverage",
            "rates-district": "/cases",
            "months-district": f"/months/{THIS}",
        },
    )
