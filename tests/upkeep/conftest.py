"""An installation with signed minutes in its archive, at the newest revision."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url

from govgrid import archive, journal
from govgrid.db import Database
from govgrid.meetings.papers.store import print_waiting
from govgrid.settings import Settings
from tests import build, cluster
from tests.build import clock
from tests.journeys.conftest import Site, site
from tests.journeys.test_month import confirmed, hold, sign
from tests.upkeep.command import Command

__all__ = ["site"]


@pytest.fixture(autouse=True)
def _apart(engines_apart: None) -> None:
    """Close and replace a database while another of the same address is at work."""


@pytest.fixture
def signed(site: Site) -> Site:
    """Return the installation after a meeting was held, signed and printed."""
    meeting = confirmed(site)
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    sign(site, meeting)
    assert print_waiting(site.state.press)(site.database, site.at) == 1
    archive.keep(site.settings.archive, b"a second file")
    return site


@pytest.fixture
def filled(settings: Settings, database: Database, at: datetime) -> Database:
    """Return a database with a small city, some journal lines and two files in the archive."""
    with database.writing() as db:
        build.small_city(db)
        for number in range(5):
            journal.record(db, None, "move", "meeting", number)
    for data in (b"one file" * 1000, b"a second file"):
        archive.keep(settings.archive, data)
    return database


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """Return the settings of another, empty installation on the same engine."""
    other = replace(settings, archive=tmp_path / "other" / "archive")
    if settings.database_url.startswith("sqlite"):
        return replace(other, database_url=f"sqlite:///{tmp_path / 'other' / 'govgrid.db'}")
    home = str(make_url(settings.database_url).query["host"])
    return replace(other, database_url=cluster.url(home, cluster.make_database(home)))


@pytest.fixture
def govgrid() -> Callable[[Settings], Command]:
    """Return what runs the command line for an installation."""
    return Command
