"""Retention: old lines go in one piece, the chain stays provable, six months are the least."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid import journal
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.journal import heads, retention, writing
from govgrid.settings import Settings

NOW = datetime.now(UTC)
Age = Callable[[int], None]


@pytest.fixture(autouse=True)
def _anchor_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "EVERY", 0)


@pytest.fixture
def aged(database: Database, monkeypatch: pytest.MonkeyPatch) -> Age:
    """Return a function that writes a line so many days ago."""

    def write(days: int) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(writing, "_now", lambda: NOW - timedelta(days=days))
            with database.writing() as db:
                journal.record(db, None, "move", "meeting", days)

    return write


def kept(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(select(journal.Entry.subject_id).order_by(journal.Entry.id)))


def faults(database: Database) -> list[journal.Fault]:
    anchors = heads.read(database.settings)
    with database.reading() as db:
        return list(journal.prove(db, anchors))


def test_old_lines_go_and_the_chain_holds(database: Database, aged: Age) -> None:
    for days in (900, 800, 750, 700, 10, 1):
        aged(days)
    assert retention.trim(database, NOW) == 3
    assert kept(database) == ["700", "10", "1", "3"]  # the last line tells of the cut
    assert faults(database) == []
    assert retention.trim(database, NOW) == 0
    later = NOW + timedelta(days=100)
    assert retention.trim(database, later) == 1
    assert faults(database) == []
    aged(0)
    assert faults(database) == []


def test_a_batch_at_a_time(database: Database, aged: Age, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in (900, 890, 880, 870, 860, 5):
        aged(days)
    assert [retention.trim(database, NOW) for _ in range(4)] == [2, 2, 1, 0]
    assert faults(database) == []


def test_a_young_line_holds_back_older_ones_after_it(database: Database, aged: Age) -> None:
    for days in (900, 5, 880, 3):
        aged(days)
    assert retention.trim(database, NOW) == 1
    assert kept(database)[:3] == ["5", "880", "3"]


def test_the_newest_line_stays(database: Database, aged: Age) -> None:
    aged(900)
    assert retention.trim(database, NOW) == 0


def test_the_demo_s_clock_is_not_the_journal_s(database: Database, aged: Age) -> None:
    aged(100)
    aged(1)
    ahead = timedelta(days=3000)
    object.__setattr__(database, "settings", replace(database.settings, ahead=ahead))
    assert retention.trim(database, NOW + ahead) == 0


@pytest.mark.parametrize("months", ["5", "0", "-1", "many", "6.5"])
def test_less_than_six_months_is_refused(months: str) -> None:
    with pytest.raises(Invalid, match="不小于 6"):
        Settings.read({"GOVGRID_JOURNAL_MONTHS": months})
    with pytest.raises(Invalid, match="GOVGRID_MAIL_MONTHS"):
        Settings.read({"GOVGRID_MAIL_MONTHS": months})
    assert Settings.read({"GOVGRID_JOURNAL_MONTHS": "6"}).journal_months == 6
    assert Settings.read({"GOVGRID_MAIL_MONTHS": "18"}).mail_months == 18
