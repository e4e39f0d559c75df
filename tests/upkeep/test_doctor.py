"""The doctor names what is wrong and a line that mends it, and changes nothing."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from govgrid.cli.gathered import cli
from govgrid.db import Database
from govgrid.settings import Settings
from govgrid.upkeep import doctor
from govgrid.upkeep.doctor import examine
from govgrid.upkeep.finding import Finding
from tests.workdays.decrees import NEXT_YEAR


@pytest.fixture(autouse=True)
def _no_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_printing", lambda _s: Finding("printing", True, ""))


def wrong(settings: Settings, at: datetime) -> dict[str, Finding]:
    found = {f.name: f for f in examine(settings, at=at) if not f.well}
    assert all(finding.found and finding.mend for finding in found.values())
    return found


def test_a_sound_installation(database: Database) -> None:
    june = datetime.fromisoformat("2026-06-01T09:00+08:00")
    assert wrong(database.settings, june) == {}


def test_days_not_announced(database: Database, at: datetime) -> None:
    found = wrong(database.settings, at)
    assert list(found) == ["workdays"]
    assert found["workdays"].mend == "govgrid import workdays 2027.json"
    told = "2027年1月、2027年2月的工作日为暂定：2027 年的放假安排尚未导入"
    assert found["workdays"].found == told


def test_the_line_that_is_named_mends_it(
    database: Database, at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "2027.json"
    file.write_bytes(NEXT_YEAR)
    line = wrong(database.settings, at)["workdays"].mend.replace("2027.json", str(file))
    monkeypatch.setenv("GOVGRID_DATABASE_URL", database.settings.database_url)
    monkeypatch.setenv("GOVGRID_SECRET", database.settings.secret)
    answer = CliRunner().invoke(cli, line.split()[1:])
    assert answer.exit_code == 0, answer.output
    assert wrong(database.settings, at) == {}


def test_what_can_be_missing(database: Database, at: datetime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sick = replace(
        database.settings,
        secret="short",
        vendor=tmp_path,
        archive=tmp_path / "file" / "archive",
        smtp_url=f"file:{tmp_path / 'file' / 'mail'}",
    )
    found = wrong(sick, at)
    assert found.keys() >= {"secret", "fonts", "archive", "mail"}
    assert found["fonts"].mend == "make setup"
    assert found["secret"].mend.startswith("export GOVGRID_SECRET=")


def test_no_database(settings: Settings, at: datetime, tmp_path: Path) -> None:
    absent = replace(settings, database_url=f"sqlite:///{tmp_path / 'absent.db'}")
    assert wrong(absent, at)["database"].mend == "govgrid migrate"
    assert not (tmp_path / "absent.db").exists()
    nobody = replace(settings, database_url="postgresql://govgrid@127.0.0.1:1/absent")
    assert "database" in wrong(nobody, at)


def test_a_damaged_database(settings: Settings, at: datetime, tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"not a database" * 100)
    bad = replace(settings, database_url=f"sqlite:///{tmp_path / 'bad.db'}")
    assert "integrity_check" in wrong(bad, at)["database"].mend


def test_a_mail_server_that_does_not_answer(database: Database, at: datetime) -> None:
    silent = replace(database.settings, smtp_url="smtp://127.0.0.1:1")
    assert "GOVGRID_SMTP_URL" in wrong(silent, at)["mail"].mend


def test_a_mailbox_that_cannot_be_read(database: Database, at: datetime) -> None:
    away = replace(database.settings, imap_url="imaps://a:secret@127.0.0.1:9/INBOX")
    found = wrong(away, at)["replies"]
    assert "无法读取回执邮箱" in found.found
    assert "secret" not in found.found
    wrong_words = replace(database.settings, imap_url="imaps://127.0.0.1")
    assert "GOVGRID_IMAP_URL" in wrong(wrong_words, at)["replies"].found


def test_missing_libraries(
    database: Database, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LIBRARIES", {"libnone.so.9": "libnone9"})
    assert wrong(database.settings, at)["libraries"].mend.endswith("libnone9")
