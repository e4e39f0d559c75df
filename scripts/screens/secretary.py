"""Walks of a community secretary: the month, its meetings, what lies behind them."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from scripts.screens.mails import propose
from scripts.screens.tour import NEXT, THIS, Tour, find


def secretary(tour: Tour) -> None:
    page = tour.person("shuji")
    tour.pages(
        page,
        {
            "home": "/",
            "months": f"/months/{THIS}",
            "board": f"/months/{NEXT}",
            "calendar": f"/months/{THIS}?view=calendar",
            "cases": "/cases",
            "tasks": "/actions",
            "tasks-waiting": "/actions?show=reported",
            "coverage-community": "/coverage",
            "grid-start": "/grid",
            "me": "/me",
            "password": "/password",
            "not-found": "/meetings/999999999",
        },
    )
    page.goto("/cases")
    page.locator("main table a").first.click()
    page.wait_for_url("**/cases/*")
    tour.picture(page, "case")
    _compound(tour, page)
    _coming(tour, page)
    page.goto("/actions")
    page.locator("main table a").first.click()
    page.wait_for_url("**/actions/*")
    tour.picture(page, "task")
    _month(tour, page)


def _coming(tour: Tour, page: Page) -> None:
    """Keep the agenda of the meeting to come, on which people have worked already."""
    page.goto("/")
    page.get_by_role("region", name="我要参加的会议").locator("a[href^='/meetings/']").first.click()
    page.wait_for_url("**/meetings/*")
    meeting = page.url
    tour.picture(page, "meeting-coming")
    parts = {
        "agenda-coming": "agenda",
        "hear": "agenda/hear",
        "material": "material",
        "carried": "carried",
    }
    tour.pages(page, {name: f"{meeting}/{part}" for name, part in parts.items()})
    page.goto(meeting)
    file = page.locator("main a[href*='/attachments/']").first.get_attribute("href")
    tour.paper(page, str(file), "attachment")
    page.goto("/")
    own = page.locator("main a[href^='/r/']").first.get_attribute("href")
    guest = tour.person()
    tour.pages(guest, {"reply-proposals": str(own)})
    file = guest.locator("main a[href*='/attachments/']").first.get_attribute("href")
    tour.paper(guest, str(file), "attachment-by-link")


def _compound(tour: Tour, page: Page) -> None:
    page.goto("/coverage")
    page.locator("main a[href^='/compounds/']").first.click()
    page.wait_for_url("**/compounds/**")
    compound = re.sub(r"(/compounds/[^/]+).*", r"\1", page.url)
    page.goto(compound)
    tour.picture(page, "compound")
    page.goto(f"{compound}/coverage")
    tour.picture(page, "coverage-record")
    page.get_by_role("link", name="更正").first.click()
    page.wait_for_url("**/corrections/**")
    tour.picture(page, "coverage-correction")
    page.goto("/cases")
    page.locator("main table a[href^='/compounds/']").first.click()
    page.wait_for_url("**/compounds/*")
    page.locator("main a[href*='/showcase/']").first.click()
    page.wait_for_url("**/showcase/*")
    tour.picture(page, "showcase")


def _month(tour: Tour, page: Page) -> None:
    page.goto(f"/months/{NEXT}")
    page.get_by_role("link", name="排定会议").first.click()
    page.wait_for_url("**/schedule/**")
    tour.picture(page, "schedule-days")
    page.locator("main a[href*='start=']").first.click()
    page.get_by_role("button", name="选定这个时段").wait_for()
    tour.picture(page, "schedule")
    page.get_by_role("button", name="选定这个时段").click()
    page.wait_for_url("**/meetings/*")
    meeting = page.url
    tour.picture(page, "meeting-planned")
    page.goto(f"{meeting}/agenda")
    tour.picture(page, "agenda")
    page.goto(f"{meeting}/move")
    tour.picture(page, "move")
    page.goto(meeting)
    page.get_by_role("button", name="确认并发出通知").click()
    page.get_by_text("会议已确认").wait_for()
    tour.picture(page, "meeting-confirmed")
    link = page.locator("main a[href$='/link']").first
    link.click()
    page.wait_for_url("**/link")
    tour.picture(page, "attendee-link")
    _answer(tour)
    for part in ("calls", "entrance"):
        page.goto(f"{meeting}/{part}")
        tour.picture(page, part)
    page.goto(meeting)
    tour.picture(page, "meeting-invited")
    _proposal(tour, page)


def _proposal(tour: Tour, page: Page) -> None:
    """Let a grid leader mail another time; find it among what waits."""
    propose(tour, "wh00040@wuhou.invalid")
    page.goto("/replies")
    tour.picture(page, "replies")
    page.locator("main a[href*='/replies/']").first.click()
    page.wait_for_url("**/replies/*")
    tour.picture(page, "reply-waiting")
    tour.pages(page, {"letters": "/letters"})


def _answer(tour: Tour) -> None:
    page = tour.person()
    page.goto(find(r"/r/\S+", tour.letter("/r/")))
    tour.picture(page, "reply")
    page.get_by_role("button", name="参加", exact=True).click()
    page.get_by_text("已收到您的回执").wait_for()
    tour.picture(page, "reply-done")


def held(tour: Tour) -> None:
    """Keep meetings that were held: the page of one, its minutes, and those of one in review."""
    page = tour.person("shuji")
    page.goto(f"/months/{THIS}")
    signed = page.get_by_role("row").filter(has_text="纪要已签发").first
    signed.get_by_role("link", name="查看").click()
    page.wait_for_url("**/meetings/*")
    meeting = page.url
    tour.picture(page, "meeting-held")
    page.goto(f"{meeting}/minutes")
    tour.picture(page, "minutes")
    code = find(r"核验码 (\w+)", page.inner_text("main"))
    tour.paper(page, f"{meeting}/minutes.pdf", "paper")
    page.goto(f"/v/{code}")
    tour.picture(page, "check")
    page.goto("/archive?q=没有这句话")
    tour.picture(page, "archive-none")
    page.goto(f"/months/{THIS}")
    row = page.get_by_role("row").filter(has_text="已召开").first
    row.get_by_role("link", name="查看").click()
    page.wait_for_url("**/meetings/*")
    meeting = page.url
    tour.pages(
        page,
        {"minutes-waiting": f"{meeting}/minutes", "minutes-edit": f"{meeting}/minutes/edit"},
    )


def doors(tour: Tour) -> None:
    """Let a meeting begin now; keep its room and its door, as the hall's screen and a phone do."""
    page = tour.person("shuji")
    page.goto("/")
    page.get_by_role("region", name="我要参加的会议").locator("a[href^='/meetings/']").first.click()
    page.wait_for_url("**/meetings/*")
    meeting = page.url.rpartition("/")[2]
    tour.begin(int(meeting))
    tour.pages(page, {"room": f"/meetings/{meeting}/room"})
    page.goto(f"/meetings/{meeting}/entrance")
    page.locator(".entrance-digits").wait_for()
    tour.picture(page, "entrance-open")
    code = re.sub(r"\D", "", page.locator(".entrance-digits").inner_text())
    guest = tour.person("wangge")
    tour.pages(guest, {"entrance-scanned": f"/entrance/{meeting}/{code}"})
