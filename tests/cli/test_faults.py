"""What is wrong around the program is told in one line, exit 1, and nothing is made."""

from pathlib import Path

import pytest

from govgrid import schema
from govgrid.__main__ import main
from govgrid.db import Database
from govgrid.settings import Settings

SECRET = "a-secret-for-tests-that-is-long-enough"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working folder, with a secret set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOVGRID_SECRET", SECRET)
    monkeypatch.delenv("GOVGRID_DATABASE_URL", raising=False)
    return tmp_path


def told(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str]:
    """Run a command line; return its exit code and the one line it told."""
    monkeypatch.setattr("sys.argv", ["govgrid", *line.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert out == ""
    return ended.value.code, err


@pytest.mark.parametrize(
    "line",
    [
        "rates 2026-10 --area 510107 --json", "coverage --area 510107", "invite 2026-12",
        "minutes 1 -o m.pdf", "deliver --once", "verify", "export areas a.csv", "account lock zhou",
        "serve", "worker",
    ],
)  # fmt: skip
def test_no_database_yet(
    line: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = told(line, monkeypatch, capsys)
    assert (code, err) == (1, "数据库尚未建立，请先运行 govgrid migrate。\n")
    assert list(place.iterdir()) == []


def test_an_older_schema(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    older = Database(Settings(database_url=f"sqlite:///{place / 'old.db'}", secret=SECRET))
    schema.migrate(older, "0001")
    older.close()
    monkeypatch.setenv("GOVGRID_DATABASE_URL", f"sqlite:///{place / 'old.db'}")
    code, err = told("serve", monkeypatch, capsys)
    assert code == 1
    assert "数据库结构为 0001" in err
    assert "govgrid migrate" in err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://x", "应以 sqlite:/// 或 postgresql:// 开头"),
        ("garbage", "应以 sqlite:/// 或 postgresql:// 开头"),
        ("postgresql://nobody@127.0.0.1:1/none", "数据库无法使用"),
        ("sqlite:///notes.txt", "file is not a database"),
    ],
)
def test_an_unusable_database(
    address: str,
    said: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (place / "notes.txt").write_text("no database " * 100)
    monkeypatch.setenv("GOVGRID_DATABASE_URL", address)
    code, err = told("migrate", monkeypatch, capsys)
    assert code == 1
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_file_that_cannot_be_written(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "taken").write_text("a file, not a folder")
    monkeypatch.setenv("GOVGRID_DATABASE_URL", "sqlite:///taken/govgrid.db")
    code, err = told("migrate", monkeypatch, capsys)
    assert code == 1
    assert err.startswith("无法读写“taken”")


def test_several_processes_need_postgresql(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Database(Settings(database_url=f"sqlite:///{place / 'new.db'}", secret=SECRET))
    schema.migrate(made)
    made.close()
    monkeypatch.setenv("GOVGRID_DATABASE_URL", f"sqlite:///{place / 'new.db'}")
    code, err = told("serve --workers 2", monkeypatch, capsys)
    assert code == 1
    assert "PostgreSQL" in err


def test_demo_on_a_day_that_is_none(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = told("demo --build-only --today 2026-02-30", monkeypatch, capsys)
    assert code == 2
    assert "2026-02-30" in err
    assert list(place.iterdir()) == []
