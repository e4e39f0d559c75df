"""Backup and restore: everything comes back, nothing half, nothing damaged, nothing by mistake."""

import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from govgrid import archive, journal
from govgrid.db import Database, metadata
from govgrid.errors import Conflict, Invalid
from govgrid.journal import heads
from govgrid.settings import Settings
from govgrid.upkeep import engines
from govgrid.upkeep.backup import backup
from govgrid.upkeep.restore import restore
from govgrid.upkeep.verify import verify
from tests.journal.tamper import unguarded
from tests.upkeep.command import Command

Govgrid = Callable[[Settings], Command]


def counts(database: Database) -> dict[str, int]:
    """Return the rows of every table but the journal, which notes backup and restore."""
    with database.reading() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if not table.name.startswith("journal")
        }


def test_all_comes_back_elsewhere(filled: Database, elsewhere: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    done = backup(filled, file)
    assert (done.files, done.damaged) == (2, ())
    back = restore(elsewhere, file)
    assert (back.files, back.kept) == (2, "")
    with closing(Database(elsewhere)) as database:
        assert counts(database) == counts(filled)
        assert list(verify(database)) == []
        with database.reading() as db:
            last = db.scalar(select(journal.Entry).order_by(journal.Entry.id.desc()).limit(1))
            assert last is not None
            assert last.verb == "restore"
    for name in archive.names(filled.settings.archive):
        assert archive.fetch(elsewhere.archive, name) == archive.fetch(
            filled.settings.archive, name
        )
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name or "restoring" in p.name] == []


def test_a_filled_database_is_only_replaced_on_wish(filled: Database, tmp_path: Path) -> None:
    file, settings = tmp_path / "b.tar", filled.settings
    backup(filled, file)
    with filled.writing() as db:
        db.execute(text("DELETE FROM compound_micro_grids"))
        journal.record(db, None, "lose", "compound_micro_grids", 1)
    later = counts(filled)
    with pytest.raises(Conflict, match="--replace"):
        restore(settings, file)
    assert counts(filled) == later
    filled.close()
    back = restore(settings, file, replaces=True)
    assert Path(back.kept).stat().st_size > 0
    assert counts(filled)["compound_micro_grids"] > 0
    assert list(verify(filled)) == []


def test_a_kept_old_database_opens(filled: Database, tmp_path: Path) -> None:
    if not filled.sqlite:
        return
    file = tmp_path / "b.tar"
    backup(filled, file)
    filled.close()
    back = restore(filled.settings, file, replaces=True)
    old = replace(filled.settings, database_url=f"sqlite:///{back.kept}")
    with closing(Database(old)) as database:
        assert counts(database) == counts(filled)


def test_a_database_in_use_is_not_replaced(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LOCK_WAIT", 1)
    file = tmp_path / "b.tar"
    backup(filled, file)
    before = counts(filled)
    with filled.reading() as db:
        db.execute(text("SELECT count(*) FROM areas"))
        with pytest.raises(Conflict, match="正在使用"):
            restore(filled.settings, file, replaces=True)
    assert counts(filled) == before
    assert list(verify(filled)) == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.9])
def test_a_damaged_backup_changes_nothing(
    filled: Database, elsewhere: Settings, tmp_path: Path, share: float
) -> None:
    file = tmp_path / "b.tar"
    backup(filled, file)
    data = bytearray(file.read_bytes())
    with tarfile.open(file) as tar:
        inside = [m for m in tar.getmembers() if m.size > 100]
        place = inside[min(int(share * len(inside)), len(inside) - 1)]
    middle = place.offset_data + place.size // 2
    data[middle] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(Invalid):
        restore(elsewhere, file)
    _nothing_there(elsewhere)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_cut_off_backup_changes_nothing(
    filled: Database, elsewhere: Settings, tmp_path: Path, share: float
) -> None:
    file = tmp_path / "b.tar"
    backup(filled, file)
    data = file.read_bytes()
    with tarfile.open(file) as tar:
        last = tar.getmembers()[-1]  # after it come zeros only
    file.write_bytes(data[: int(share * (last.offset_data + last.size - 1))])
    with pytest.raises(Invalid):
        restore(elsewhere, file)
    _nothing_there(elsewhere)


def test_another_secret_changes_nothing(
    filled: Database, elsewhere: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "b.tar"
    backup(filled, file)
    with pytest.raises(Invalid, match="GOVGRID_SECRET"):
        restore(replace(elsewhere, secret="z" * 40), file)
    _nothing_there(elsewhere)


def _nothing_there(settings: Settings) -> None:
    with closing(Database(settings)) as database, database.engine.connect() as connection:
        question = (
            "SELECT count(*) FROM sqlite_master"
            if database.sqlite
            else "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        )
        assert connection.scalar(text(question)) == 0
    assert list(archive.names(settings.archive)) == []


def test_what_was_faulty_before_is_said_first(
    filled: Database, elsewhere: Settings, tmp_path: Path
) -> None:
    with unguarded(filled) as connection:
        connection.execute(text("UPDATE journal SET verb = 'x' WHERE id = 2"))
    backup(filled, tmp_path / "b.tar")
    with pytest.raises(Invalid, match="第 2 行被改动"):
        restore(elsewhere, tmp_path / "b.tar")
    _nothing_there(elsewhere)
    restore(elsewhere, tmp_path / "b.tar", accept_faults=True)
    with closing(Database(elsewhere)) as database:
        assert len(list(verify(database))) == 1


def test_no_other_file_is_overwritten(filled: Database, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear")
    with pytest.raises(Conflict, match="不是备份文件"):
        backup(filled, letter)
    assert letter.read_text() == "dear"


def test_written_while_others_write(filled: Database, elsewhere: Settings, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with filled.writing() as db:
                journal.record(db, None, "move", "meeting", number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backup(filled, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        writer.join()
    restore(elsewhere, tmp_path / "1.tar")
    with closing(Database(elsewhere)) as database:
        assert list(verify(database)) == []


def test_a_killed_backup_leaves_the_old_file(
    filled: Database, govgrid: Govgrid, tmp_path: Path
) -> None:
    file = tmp_path / "b.tar"
    backup(filled, file)
    whole = file.read_bytes()
    archive.keep(filled.settings.archive, b"\0" * 30_000_000)
    for number in (0, 1_000_000):
        process = govgrid(filled.settings).start("backup", str(file))
        part = tmp_path / ".b.tar.part"
        while process.process.is_alive() and not (part.exists() and part.stat().st_size >= number):
            time.sleep(0.01)
        assert process.kill() == 0 or file.read_bytes() == whole
    govgrid(filled.settings).run("backup", str(file))
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".b.tar")] == []


def test_a_killed_restore_leaves_one_or_the_other(
    filled: Database, elsewhere: Settings, govgrid: Govgrid, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.tar", tmp_path / "new.tar"
    backup(filled, old)
    with filled.writing() as db:
        db.execute(text("DELETE FROM compound_micro_grids"))
        journal.record(db, None, "lose", "compound_micro_grids", 1)
    backup(filled, new)
    restore(elsewhere, old)
    with_them = counts(filled) | {"compound_micro_grids": _links(elsewhere)}
    for wait in (0.1, 0.3, 0.6):
        process = govgrid(elsewhere).start("restore", str(new), "--replace")
        time.sleep(wait)
        process.kill()
        with closing(Database(elsewhere)) as database:
            assert counts(database) in (with_them, counts(filled))
            assert list(verify(database)) == []
    govgrid(elsewhere).run("restore", str(new), "--replace")
    assert _links(elsewhere) == 0
    govgrid(elsewhere).run("verify")


def _links(settings: Settings) -> int:
    with closing(Database(settings)) as database:
        return counts(database)["compound_micro_grids"]


def test_the_way_of_an_office(
    filled: Database, elsewhere: Settings, govgrid: Govgrid, tmp_path: Path
) -> None:
    file = str(tmp_path / "b.tar")
    assert "2 个存档文件" in govgrid(filled.settings).run("backup", file)
    assert "已恢复" in govgrid(elsewhere).run("restore", file)
    assert "完好" in govgrid(elsewhere).run("verify")
    assert "--replace" in govgrid(elsewhere).run("restore", file, status=1)
    with closing(Database(elsewhere)) as database, unguarded(database) as connection:
        connection.execute(text("UPDATE journal SET actor = '某人' WHERE id = 4"))
    told = govgrid(elsewhere).json("verify", status=1)
    assert isinstance(told, dict)
    assert [fault[:10] for fault in told["faults"]] == ["第 4 行被改动：2"]
    assert heads.read(elsewhere)
