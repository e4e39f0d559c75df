"""Walk of a street office's clerk who plans a street's month."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from scripts.screens.tour import NEXT, Tour

STEPS = 60  # keys pressed at most before a slot must have come up that is taken


def planner(tour: Tour) -> None:
    page = tour.person("jiedao")
    page.goto("/planning")  # of the coming month
    page.wait_for_url(f"**/planning/{NEXT}*")
    page.get_by_text("正在检查").wait_for(state="detached")
    tour.picture(page, "planning")
    page.get_by_label("时间上限").fill("20")
    page.get_by_role("button", name="开始排会").click()
    page.wait_for_url("**/plans/*")
    tour.picture(page, "plan-progress")
    page.get_by_role("heading", name="排会结果").wait_for(timeout=90_000)
    tour.picture(page, "plan-calendar")
    _clash(tour, page)
    page.reload()
    alone = str(page.locator("#planner .event").first.get_attribute("href"))
    page.locator("#planner .event").first.click()
    page.get_by_role("heading", name="参会人员").wait_for()
    tour.picture(page, "plan-line")
    for name, view in (("plan-list", "list"), ("plan-left", "left")):
        page.goto(f"{page.url.partition('?')[0]}?view={view}")
        tour.picture(page, name)
    plan = page.url
    tour.pages(page, {"plan-line-alone": alone})
    page.goto(plan)
    page.get_by_role("link", name="采用…").click()
    page.wait_for_url("**/take*")
    tour.picture(page, "plan-take")


def _clash(tour: Tour, page: Page) -> None:
    """Take a meeting up by keyboard and go on to a slot that it cannot have."""
    page.locator("#planner .event[draggable=true]").first.focus()
    with page.expect_response(re.compile(r"slots\.json")):
        page.keyboard.press("m")
    status = page.locator("#move-status")
    for step in range(STEPS):
        page.keyboard.press("ArrowRight" if step % 5 else "ArrowDown")
        if "开会" in status.inner_text():
            break
    tour.picture(page, "plan-clash")
    page.keyboard.press("Escape")
