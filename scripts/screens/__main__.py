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

from playwright.sync_api import Error, sync_playwright

from scripts.screens.cases import cases, one_click, supervision
from scripts.screens.clerk import clerk, housing
from scripts.screens.compounds import packages, pipelines
from scripts.screens.keepers import keepers, second_factor
from scripts.screens.pages import page_routes, shown, write_list
from scripts.screens.planner import planner
from scripts.screens.public import empty, nobody, others, refused
from scripts.screens.secretary import doors, held, secretary
from scripts.screens.showcases import showcases
from scripts.screens.tour import Tour, demo, say
from scripts.steps import ROOT

WALKS: Sequence[Callable[[Tour], None]] = (
    nobody, secretary, held, others, clerk, planner, housing, pipelines, packages, cases,
    supervision, one_click, keepers, showcases, doors, empty, second_factor, refused,
)  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--lang=zh-CN",
]  # fmt: skip


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
                try:
                    walk(tour)
                except (Error, LookupError) as error:
                    tour.faults.append(f"{walk.__name__}: {error}")
        browser.close()
    part = bool(names or asked.walk)
    kept = shown(asked.to) if part else {}
    write_list(
        asked.to,
        {path: kept.get(path, set()) | tour.pictures[path] for path in {*kept, *tour.pictures}},
    )
    unseen = [path for path in page_routes() if not part and not tour.pictures[path]]
    faults = [*tour.faults, *(f"no walk opens {path}" for path in unseen)]
    for fault in faults:
        say(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
