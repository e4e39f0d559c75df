"""The command line equals a plain count of the sheets that were imported."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.coverage_check import counted, days, differs, told, write
from govgrid.cli.gathered import cli
from govgrid.db import Database
from govgrid.kinds import KINDS

AREAS = ("5101", "510103", "510102003", "510101001004")


def test_the_command_line_equals_a_plain_count(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 400, seed=7)
    for kind in ("areas", "compounds", "coverage"):
        with database.writing() as db:
            data = (tmp_path / f"{kind}.csv").read_bytes()
            outcome = KINDS[kind].load(db, None, data, f"{kind}.csv", at=datetime.now(UTC))
            assert (outcome.errors, outcome.created) == ([], outcome.rows)
    monkeypatch.setenv("GOVGRID_DATABASE_URL", database.settings.database_url)
    monkeypatch.setenv("GOVGRID_SECRET", database.settings.secret)
    monkeypatch.setenv("GOVGRID_ARCHIVE", str(tmp_path / "archive"))
    rng = random.Random(7)
    for day in days(tmp_path, rng, 3):
        area = rng.choice(AREAS)
        answer = CliRunner().invoke(
            cli, ["coverage", "--as-of", str(day), "--area", area, "--json"]
        )
        assert answer.exit_code == 0
        assert differs(told(json.loads(answer.stdout)), counted(tmp_path, area, day)) == []
