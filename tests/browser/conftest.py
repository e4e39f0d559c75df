"""Chromium in front of a running installation."""

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from govgrid.db import Database
from govgrid.settings import ROOT, Settings
from tests.conftest import SECRET
from tests.journeys.conftest import Site, furnish

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
expect.set_options(timeout=30_000)  # ms: results, not times


class Shown(Site):
    """An installation that a browser reaches."""

    def serve(self, door: socket.socket) -> None:
        self.server = uvicorn.Server(uvicorn.Config(self.app, log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, args=([door],))
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def shown(sqlite_template: Path, tmp_path: Path, at: datetime) -> Iterator[Shown]:
    """Serve the small city on a free port of this machine."""
    path = tmp_path / "govgrid.db"
    path.write_bytes(sqlite_template.read_bytes())
    door = socket.create_server(("127.0.0.1", 0))  # callers wait at it until the server is up
    settings = Settings(
        database_url=f"sqlite:///{path}",
        secret=SECRET,
        public_url=f"http://127.0.0.1:{door.getsockname()[1]}",
        smtp_url=f"file:{tmp_path / 'mail'}",
        archive=tmp_path / "archive",
    )
    database = Database(settings)
    furnish(database, at)
    patient = replace(settings, idle=timedelta(days=90), session=timedelta(days=90))
    site = Shown(patient, database, at)
    site.serve(door)
    yield site
    site.stop()
    site.close()
    database.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium with our fonts for Chinese; its event loop ends with these tests."""
    fonts = {**os.environ, "FONTCONFIG_FILE": str(ROOT / "vendor" / "fonts" / "fonts.conf")}
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell", args=FLAGS, env=dict(fonts)
        )
        yield started
        started.close()


@pytest.fixture
def screens() -> Path | None:
    """Return where pictures of every page go, when asked for by GOVGRID_SCREENS."""
    folder = os.environ.get("GOVGRID_SCREENS")
    return Path(folder) if folder else None


def picture(page: Page, folder: Path | None, name: str) -> None:
    """Keep the page at both widths, and see that nothing scrolls sideways."""
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide at {width} px"
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(folder / f"{name}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
