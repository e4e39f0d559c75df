"""Walk through the demo city in Chromium and keep every page at both widths in docs/screens.

`python -m scripts.screens [--to FOLDER] [--dark] [NAME...]`: with names, only those pictures.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from govgrid.demo.ways import PASSWORD
from scripts.steps import ROOT

PORT = 18741
SITE = f"http://127.0.0.1:{PORT}"
TODAY, THIS, NEXT = "2026-11-24", "2026-11", "2026-12"
WIDTHS = (1440, 360)
TALLEST = 2400
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--lang=zh-CN",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tour:
    """Who walks, and where the pictures go."""

    browser: Browser
    to: Path
    dark: bool
    only: frozenset[str]
    mail: Path

    def person(self, login: str = "") -> Page:
        """Open a window of one person, signed in."""
        page = self.browser.new_context(
            base_url=SITE, locale="zh-CN", color_scheme="dark" if self.dark else "light"
        ).new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        if login:
            page.goto("/sign-in")
            page.get_by_label("登录名").fill(login)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录", exact=True).click()
            page.wait_for_url("**/")
        return page

    def picture(self, page: Page, name: str) -> None:
        """Keep the page as it stands at both widths; refuse one that scrolls sideways."""
        if self.only and name not in self.only:
            return
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(250)
            wide, tall = page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
            )
            if wide > width:
                say(f"{name}: {wide} px wide at {width} px")
            # A window as high as the page: bars that stick to its edge stand where they belong.
            page.set_viewport_size({"width": width, "height": min(max(tall, 900), TALLEST)})
            shot = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(96)
            shot.save(self.to / f"{name}-{width}.png", optimize=True)
        page.set_viewport_size({"width": 1440, "height": 900})

    def pages(self, page: Page, addresses: dict[str, str]) -> None:
        """Keep each address under its name."""
        for name, address in addresses.items():
            page.goto(address)
            self.picture(page, name)

    def paper(self, page: Page, address: str) -> None:
        """Keep the first page of a printed paper."""
        printed = page.request.get(address).body()
        command = ["pdftoppm", "-r", "80", "-png", "-singlefile", "-", str(self.to / "paper")]
        subprocess.run(command, input=printed, check=True)

    def letter(self, phrase: str) -> str:
        """Return the plain text of the newest letter that holds the phrase."""
        for path in sorted(self.mail.glob("*.eml"), key=lambda p: p.stat().st_mtime, reverse=True):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            plain = letter.get_body(("plain",))
            if plain and phrase in plain.get_content():
                return str(plain.get_content())
        raise LookupError(phrase)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.screens", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args(arguments)
    asked.to.mkdir(parents=True, exist_ok=True)
    fonts = {
        **os.environ,
        "FONTCONFIG_FILE": str(ROOT / "vendor" / "fonts" / "fonts.conf"),
        "LANGUAGE": "zh_CN",
    }
    with demo() as mail, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS, env=dict(fonts)
        )
        tour = Tour(browser, asked.to, asked.dark, frozenset(asked.names), mail)
        for walk in WALKS:
            walk(tour)
        browser.close()
    return 0


@contextmanager
def demo() -> Iterator[Path]:
    """Serve a demo city of a fixed day in a folder of its own; yield where its letters land."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(ROOT / ".venv/bin/govgrid"), "demo", "--today", TODAY, "--no-browser"]
        where = {**os.environ, "GOVGRID_DATABASE_URL": f"sqlite:///{folder}/govgrid.db"}
        served = subprocess.Popen([*command, "--port", str(PORT)], cwd=folder, env=where)
        try:
            wait_for(served)
            yield Path(folder) / "var" / "mail"
        finally:
            served.terminate()
            served.wait()


def wait_for(served: subprocess.Popen[bytes]) -> None:
    """Wait until the demo answers."""
    while served.poll() is None:
        try:
            urllib.request.urlopen(f"{SITE}/readyz", timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("the demo ended before it answered")


def nobody(tour: Tour) -> None:
    page = tour.person()
    tour.pages(
        page,
        {
            "sign-in": "/sign-in",
            "not-found": "/meetings/999999999",
            "link-unknown": "/r/unknown",
            "check-unknown": "/v/unknown",
        },
    )


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
            "coverage-community": "/coverage",
            "grid-start": "/grid",
            "me": "/me",
            "password": "/password",
        },
    )
    page.goto("/cases")
    page.locator("main table a").first.click()
    page.wait_for_url("**/cases/*")
    tour.picture(page, "case")
    _compound(tour, page)
    _month(tour, page)


def _compound(tour: Tour, page: Page) -> None:
    page.goto("/coverage")
    page.locator("main a[href^='/compounds/']").first.click()
    page.wait_for_url("**/compounds/**")
    compound = re.sub(r"(/compounds/[^/]+).*", r"\1", page.url)
    page.goto(compound)
    tour.picture(page, "compound")
    page.goto(f"{compound}/coverage")
    tour.picture(page, "coverage-record")
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
    page.wait_for_timeout(3000)
    _answer(tour)
    page.goto(meeting)
    tour.picture(page, "meeting-invited")


def _answer(tour: Tour) -> None:
    found = re.search(r"/r/\S+", tour.letter("/r/"))
    assert found
    page = tour.person()
    page.goto(found[0])
    tour.picture(page, "reply")
    page.get_by_role("button", name="参加", exact=True).click()
    page.get_by_text("已收到您的回执").wait_for()
    tour.picture(page, "reply-done")


def meetings(tour: Tour) -> None:
    """Keep a meeting that was held: its page, minutes, and the room of one still being written."""
    page = tour.person("shuji")
    page.goto(f"/months/{THIS}")
    page.get_by_role("link", name="查看").first.click()
    page.wait_for_url("**/meetings/*")
    held = page.url
    tour.picture(page, "meeting-held")
    page.goto(f"{held}/minutes")
    tour.picture(page, "minutes")
    code = re.search(r"核验码 (\w+)", page.inner_text("main"))
    assert code
    tour.paper(page, f"{held}/minutes.pdf")
    page.goto(f"/v/{code[1]}")
    tour.picture(page, "check")
    page = tour.person("jiedao")
    page.goto(f"/months/{THIS}")
    page.get_by_role("row").filter(has_text="已召开").first.get_by_role("link", name="查看").click()
    page.wait_for_url("**/meetings/*")
    page.goto(f"{page.url}/room")
    tour.picture(page, "room")


def others(tour: Tour) -> None:
    for login in ("wangge", "weiwang", "jingcha", "jingli"):
        page = tour.person(login)
        tour.pages(page, {f"home-{login}": "/", f"grid-{login}": "/grid"})


def clerk(tour: Tour) -> None:
    page = tour.person("jiedao")
    tour.pages(
        page,
        {
            "home-street": "/",
            "months-street": f"/months/{THIS}",
            "print-desk": "/print/2026-10",
            "coverage": "/coverage",
            "cases-street": "/cases",
            "grid": "/grid",
        },
    )
    page.goto("/grid")
    address = page.url
    for tab in ("officers", "compounds"):
        page.goto(f"{address}?tab={tab}")
        tour.picture(page, f"grid-{tab}")
    link = page.locator("main a[href$='/map']")
    page.goto(str(link.first.get_attribute("href")))
    page.wait_for_timeout(1500)
    tour.picture(page, "map")


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


WALKS: Sequence[Callable[[Tour], None]] = (nobody, secretary, meetings, others, clerk, housing)


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
