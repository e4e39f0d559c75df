"""`make check` runs every check and reports all failures."""

import sys
from pathlib import Path

import pytest

from scripts import check


def prints(text: str, code: int = 0) -> list[str | Path]:
    return [sys.executable, "-c", f"print({text!r}); raise SystemExit({code})"]


def test_all_failures_are_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        check.Check("types", [prints("bad type", 1)], {}),
        check.Check("lint", [prints("fine")], {}),
        check.Check("layers", [prints("bad layer", 2), prints("never run")], {}),
    ]
    monkeypatch.setattr(check, "checks", lambda _database: found)
    assert check.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "FAILED types",
        "bad type",
        "ok     lint",
        "FAILED layers",
        "bad layer",
        "check: types, layers failed",
    ]


def test_all_passed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check, "checks", lambda _: [check.Check("lint", [prints("fine")], {})])
    assert check.main() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "check: all passed"


def test_migrations_are_checked_on_a_fresh_database(tmp_path: Path) -> None:
    [migrations] = [c for c in check.checks(tmp_path / "x.db") if c.name == "migrations"]
    assert migrations.environment == {"GOVGRID_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}
