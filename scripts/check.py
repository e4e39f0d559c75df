"""Run every check, two at a time, and report all failures: `make check`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts.steps import ROOT

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """Commands that must all succeed, one after the other, with extra environment variables."""

    name: str
    commands: Sequence[Sequence[str | Path]]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check printed, and whether it passed."""

    name: str
    passed: bool
    printed: str


def checks(database: Path) -> list[Check]:
    """Return the checks, longest first; `database` is where a fresh SQLite file may be made."""
    fresh = {"GOVGRID_DATABASE_URL": f"sqlite:///{database}"}
    return [
        Check("types", [[BIN / "mypy", "--no-error-summary"]], {}),
        Check("format", [[BIN / "ruff", "format", "--check", "--quiet", "."]], {}),
        Check("lint", [[BIN / "ruff", "check", "--quiet", "."]], {}),
        Check("layers", [[BIN / "lint-imports"]], {}),
        Check("templates", [[BIN / "djlint", "govgrid", "--check", "--lint", "--quiet"]], {}),
        Check("translations", [[sys.executable, "-m", "scripts.translations"]], {}),
        Check(
            "migrations",
            [[BIN / "govgrid", "migrate"], [sys.executable, "-m", "scripts.migrations"]],
            fresh,
        ),
    ]


def perform(check: Check) -> Outcome:
    printed = ""
    for command in check.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **check.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        printed += done.stdout
        if done.returncode:
            return Outcome(check.name, passed=False, printed=printed)
    return Outcome(check.name, passed=True, printed=printed)


def report(outcome: Outcome) -> None:
    print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.name}", flush=True)
    if not outcome.passed:
        print(outcome.printed.rstrip(), flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        outcomes = []
        for outcome in pool.map(perform, checks(Path(folder) / "check.db")):
            report(outcome)
            outcomes.append(outcome)
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(f"check: {', '.join(failed)} failed" if failed else "check: all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
