"""Keep every page of the demo city at both widths: `python -m scripts.screens`.

`[--to FOLDER] [--dark] [--english] [--walk WALK...] [NAME...]`: with names, only those pictures.
Without, a page of the route table that no walk opened is a fault, like one that scrolls sideways or
fails.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright
from starlette.routing import Match, Route

from govgrid.app import routes
from govgrid.settings import Settings
from scripts.screens.clerk import clerk, housing
from scripts.screens.keepers import keepers, second_factor
from scripts.screens.planner import planner
from scripts.screens.public import nobody, others
from scripts.screens.secretary import held, secretary
from scripts.screens.showcases import showcases
from scripts.screens.tour import Tour, demo, say
from scripts.steps import ROOT

WALKS: Sequence[Callable[[Tour], None]] = (
    nobody, secretary, held, others, clerk, planner, housing, keepers, second_factor,
    showcases,
)  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--lang=zh-CN",
]  # fmt: skip
NO_PAGES = {
    "/compounds/{code}/coverage/scans/{sha256}",
    "/healthz", "/readyz", "/entrance/{meeting:int}/{code}", "/sign-in/oidc", "/sign-in/oidc/back",
    "/directory/hits", "/exchange/batches/{batch:int}/progress",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.screens", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--english", action="store_true")
    parser.add_argument("--walk", action="append", choices=[walk.__name__ for walk in WALKS])
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args(arguments)
    asked.to.mkdir(parents=True, exist_ok=True)
    fonts = {**os.environ, "FONTCONFIG_FILE": str(ROOT / "vendor" / "fonts" / "fonts.conf")}
    with demo() as mail, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell",
            args=FLAGS,
            env={**fonts, "LANGUAGE": "zh_CN"},
        )
        names = frozenset(asked.names)
        tour = Tour(browser, asked.to, asked.dark, asked.english, names, mail)
        for walk in WALKS:
            if asked.walk is None or walk.__name__ in asked.walk:
                say(walk.__name__)
                walk(tour)
        browser.close()
    faults = [
        *tour.faults,
        *(() if names or asked.walk else (f"no walk opens {p}" for p in unseen(tour.seen))),
    ]
    for fault in faults:
        say(fault)
    return 1 if faults else 0


def unseen(seen: set[str]) -> list[str]:
    """Return the pages of the route table that are not among the opened paths."""
    pages = [
        route
        for route in routes(Settings())
        if isinstance(route, Route)
        and "GET" in (route.methods or ())
        and route.path not in NO_PAGES
        and "." not in route.path
    ]
    return [route.path for route in pages if not any(opens(route, path) for path in seen)]


def opens(route: Route, path: str) -> bool:
    return route.matches({"type": "http", "method": "GET", "path": path})[0] is Match.FULL


if __name__ == "__main__":
    sys.exit(main())
