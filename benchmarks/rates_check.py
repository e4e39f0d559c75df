"""`govgrid rates` against a count by hand: `python -m benchmarks rates_check --seed 7 --cases 20000`.

Every figure of every row is compared, to the last case, on a fresh city; `--engine postgresql` asks
the other engine. What is counted by hand stands in `plain_rates.py` and imports nothing of govgrid.
"""

import argparse
import csv
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from benchmarks import plain_rates as plain
from benchmarks.engines import ENGINES, SECRET, opened
from govgrid.access import ActingPost, Actor, Role
from govgrid.cases.actions.life import Note, take_step
from govgrid.cases.models import Step
from govgrid.cases.queries import case_seen
from govgrid.cli.gathered import cli
from govgrid.clock import HERE
from govgrid.db import Database


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks rates_check", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--every", type=int, default=1, help="ask each Nth of some 600 questions")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    given = parser.parse_args()
    began = time.perf_counter()
    with opened(given.engine) as database, TemporaryDirectory() as folder:
        asked, figures, faults = check(
            database, SECRET, Path(folder), given.seed, given.cases, every=given.every
        )
    for fault in faults[:20]:
        print(fault)
    print(
        f"{given.engine}, seed {given.seed}: {given.cases} cases, {asked} answers, {figures} figures,"
        f" {len(faults)} differ; {time.perf_counter() - began:.0f} s"
    )
    return 1 if faults else 0


def check(
    database: Database, secret: str, folder: Path, seed: int, cases: int, *, every: int = 1
) -> tuple[int, int, list[str]]:
    """Return how many answers and figures were compared, and what differed.

    The database is empty. Of the questions each `every`th is asked.
    """
    lives = plain.make(folder, seed, cases)
    command = Command(database.settings.database_url, secret)
    for kind, name in (("areas", "areas"), ("compounds", "compounds"), ("cases", "first")):
        command("import", kind, str(folder / f"{name}.csv"), "--json")
    reopen(database, folder / "reopened.csv")
    command("import", "cases", str(folder / "second.csv"), "--json")
    asked, figures, faults = 0, 0, list[str]()
    for question in list(plain.questions())[seed % every :: every]:
        answer = command(
            "rates", question.month, "--area", question.area, "--by", question.by,
            "--as-of", question.as_of.isoformat(), "--json",
        )  # fmt: skip
        rows, total = plain.answer(lives, question)
        asked += 1
        for row in [*answer["rows"], answer["total"]]:
            figures += len(plain.COUNTS) + len(plain.RATES)
            whole = row is answer["total"]
            counts = (total if whole else rows.pop(row["key"], [])) or [0] * len(plain.COUNTS)
            expected = dict(zip(plain.COUNTS, counts, strict=True)) | plain.rates_of(counts)
            found = {name: row[name] for name in expected}
            if found != expected:
                faults.append(f"{question} {row['key']}: {found} instead of {expected}")
        faults += [f"{question}: no row {key}" for key in rows]
    return asked, figures, faults


class Command:
    """The command line on one database."""

    def __init__(self, url: str, secret: str) -> None:
        self._env = {"GOVGRID_DATABASE_URL": url, "GOVGRID_SECRET": secret}

    def __call__(self, *arguments: str) -> Any:
        """Return the JSON that a command prints."""
        found = CliRunner().invoke(cli, arguments, env=self._env, catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return json.loads(found.stdout)


def reopen(database: Database, file: Path) -> None:
    """Reopen the cases that the sheet names, by the step that people take."""
    post = ActingPost(Role.LIAISON, 0, f"/{plain.CITY}/", "")
    actor, now = Actor(1, 0, "核对", (post,)), datetime.now(UTC)
    with database.writing() as db, file.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            when = datetime.strptime(row["at"], "%Y-%m-%d %H:%M").replace(tzinfo=HERE)
            case = case_seen(db, actor, row["number"])
            take_step(db, actor, case, Step.REOPEN, Note(when, "重新办理"), at=now)


if __name__ == "__main__":
    sys.exit(main())
