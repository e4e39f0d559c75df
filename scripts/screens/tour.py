"""A walk through the served demo: windows of people, pictures at both widths, pages seen."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page

from govgrid.clock import HERE
from govgrid.demo.ways import PASSWORD
from scripts.screens.pages import OTHER, route_of
from scripts.steps import ROOT

PORT = int(os.environ.get("PORT", "18741"))
SITE = f"http://127.0.0.1:{PORT}"
TODAY, LAST, THIS, NEXT = "2026-11-24", "2026-10", "2026-11", "2026-12"
WIDTHS = (1440, 360)
REFUSED = ("-unknown", "not-found", "-refused", "-broken")  # pictures of refusals
TALLEST = 2400
COLOURS = 96


@dataclass(frozen=True, slots=True)
class Tour:
    """Who walks, where the pictures go, which of them show which page, and what was wrong."""

    browser: Browser
    to: Path
    dark: bool
    english: bool
    only: frozenset[str]
    mail: Path
    pictures: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    faults: list[str] = field(default_factory=list)

    def person(self, login: str = "", password: str = PASSWORD) -> Page:
        """Open a window of one person, signed in."""
        page = self.browser.new_context(
            base_url=SITE, locale="zh-CN", color_scheme="dark" if self.dark else "light"
        ).new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.on("response", lambda answer: self.note(answer.url, answer.status))
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        if login:
            self.sign_in(page, login, password)
        return page

    def sign_in(self, page: Page, login: str, password: str = PASSWORD) -> None:
        """Fill the sign-in page."""
        page.goto("/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(lambda url: urlsplit(url).path != "/sign-in")

    def note(self, address: str, status: int) -> None:
        """Keep a server error as a fault."""
        if address.startswith(SITE) and status >= 500:
            self.faults.append(f"{status} {address}")

    def picture(self, page: Page, name: str) -> None:
        """Keep the page as it stands at both widths; one that scrolls sideways is a fault."""
        if self.only and name not in self.only:
            return
        refused = name.endswith(REFUSED)
        self.pictures[OTHER if refused else route_of(urlsplit(page.url).path)].add(name)
        if self.english:
            page.context.add_cookies([{"name": "language", "value": "en", "url": SITE}])
            page.reload()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(250)
            wide, tall = page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
            )
            if wide > width:
                self.faults.append(f"{name}: {wide} px wide at {width} px")
            # A window as high as the page: bars that stick to its edge stand where they belong.
            page.set_viewport_size({"width": width, "height": min(max(tall, 900), TALLEST)})
            page.wait_for_timeout(50)
            shot = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
            shot.save(self.to / f"{name}-{width}.png", optimize=True)
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        if self.english:
            page.context.clear_cookies(name="language")
            page.reload()

    def pages(self, page: Page, addresses: dict[str, str]) -> None:
        """Keep each address under its name."""
        for name, address in addresses.items():
            answer = page.goto(address)
            if answer is not None and answer.status >= 400 and not name.endswith(REFUSED):
                self.faults.append(f"{name}: {answer.status} at {address}")
            self.picture(page, name)

    def paper(self, page: Page, address: str, name: str) -> None:
        """Keep the first page of a printed paper."""
        self.sheet(page.request.get(address).body(), name)

    def sheet(self, printed: bytes, name: str) -> None:
        """Keep the first page of a PDF."""
        if self.only and name not in self.only:
            return
        self.pictures[OTHER].add(name)
        command = ["pdftoppm", "-r", "80", "-png", "-singlefile", "-", str(self.to / name)]
        subprocess.run(command, input=printed, check=True)
        path = self.to / f"{name}.png"
        Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)

    def begin(self, meeting: int) -> None:
        """Let a meeting of the demo begin within the hour."""
        day = datetime.combine(date.fromisoformat(TODAY), datetime.now(HERE).time(), HERE)
        start = (day + timedelta(minutes=40)).astimezone(UTC).replace(tzinfo=None)
        with closing(sqlite3.connect(self.mail.parent.parent / "govgrid.db")) as db, db:
            times = (start, start + timedelta(hours=2), meeting)
            db.execute('UPDATE meetings SET start = ?, "end" = ? WHERE id = ?', times)

    def letter(self, phrase: str) -> str:
        """Return the plain text of the newest letter that holds the phrase; wait for it a while."""
        for _ in range(60):
            for path in sorted(self.mail.glob("*.eml"), key=_made, reverse=True):
                letter = message_from_bytes(path.read_bytes(), policy=policy.default)
                plain = letter.get_body(("plain",))
                if plain and phrase in plain.get_content():
                    return str(plain.get_content())
            time.sleep(0.5)
        raise LookupError(phrase)


def find(pattern: str, text: str) -> str:
    """Return the pattern's last group in the text. Raise `LookupError`."""
    found = re.search(pattern, text)
    if not found:
        raise LookupError(pattern)
    return found[found.lastindex or 0]


def _made(path: Path) -> float:
    return path.stat().st_mtime


@contextmanager
def demo() -> Iterator[Path]:
    """Serve a demo city of a fixed day in a folder of its own; yield where its letters land."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(ROOT / ".venv/bin/govgrid"), "demo", "--today", TODAY, "--no-browser"]
        where = {**os.environ, "GOVGRID_DATABASE_URL": f"sqlite:///{folder}/govgrid.db"}
        served = subprocess.Popen([*command, "--port", str(PORT)], cwd=folder, env=where)
        try:
            _wait_for(served)
            yield Path(folder) / "var" / "mail"
        finally:
            served.terminate()
            served.wait()


def _wait_for(served: subprocess.Popen[bytes]) -> None:
    """Wait until the demo answers."""
    while served.poll() is None:
        try:
            urllib.request.urlopen(f"{SITE}/readyz", timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("the demo ended before it answered")


def say(text: str) -> None:
    """Write a line to the terminal."""
    sys.stderr.write(f"{text}\n")
