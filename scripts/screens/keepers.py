"""Walks of the three administrators, of one invited, and of one who turns on the second factor."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyotp
from playwright.sync_api import Page

from scripts.screens.tour import Tour, find
from tests.workdays.decrees import NEXT_YEAR


def keepers(tour: Tour) -> None:
    page = tour.person("shenji")
    tour.pages(page, {"home-audit": "/", "journal-audit": "/journal"})
    page.goto("/journal")
    page.locator("main a[href^='/journal/']").first.click()
    page.wait_for_url(re.compile(r"/journal/\d+$"))
    tour.picture(page, "journal-line")
    page = tour.person("anquan")
    tour.pages(page, {"accounts-security": "/accounts"})
    page = tour.person("xitong")
    tour.pages(page, {"area-changes": "/area-changes", "accounts": "/accounts"})
    _workdays(tour, page)
    page.goto("/accounts")
    page.locator("main table a[href^='/accounts/']").first.click()
    page.wait_for_url(re.compile(r"/accounts/\d+$"))
    tour.picture(page, "account")
    _invite(tour, page)


def _workdays(tour: Tour, page: Page) -> None:
    page.goto("/workdays")
    notice = {"name": "2027.json", "mimeType": "application/json", "buffer": NEXT_YEAR}
    page.locator("#f-file").set_input_files(notice)  # type: ignore[arg-type]  # a file in memory
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_url("**/workdays/notices/*")
    tour.picture(page, "workdays-notice")
    tour.pages(page, {"workdays": "/workdays"})


def _invite(tour: Tour, page: Page) -> None:
    page.goto("/accounts/invite?text=向")
    tour.picture(page, "invite")
    page.get_by_role("button", name="邀请", exact=True).first.click()
    page.get_by_role("link", name="继续邀请").wait_for()
    tour.picture(page, "invite-issued")
    shown = page.inner_text("main")
    text = shown if "/welcome/" in shown else tour.letter("/welcome/")
    invited = tour.person()
    invited.goto(find(r"/welcome/\S+", text))
    tour.picture(invited, "welcome")


def second_factor(tour: Tour) -> None:
    page = tour.person("linshe")
    tour.pages(page, {"sign-ins": "/me/sign-ins", "factor": "/me/factor"})
    secret = re.sub(r"\s", "", page.locator("code.hash").inner_text())
    page.get_by_label("动态口令").fill(pyotp.TOTP(secret).at(datetime.now(UTC)))
    page.get_by_role("button", name="开启", exact=True).click()
    page.wait_for_load_state("networkidle")
    tour.picture(page, "recovery-codes")
    again = tour.person("linshe")
    tour.picture(again, "sign-in-code")
