"""An installation with signed minutes in its archive, at the newest revision."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from govgrid import archive, journal
from govgrid.db import Database
from govgrid.meetings.papers.store import print_waiting
from govgrid.settings import Settings
from tests import build
from tests.build import clock
from tests.journeys.conftest import Site, site
from tests.journeys.test_month import confirm, hold, plan, sign

__all__ = ["site"]


@pytest.fixture
def signed(site: Site) -> Site:
    """Return the installation after a meeting was held, signed and printed."""
    meeting = plan(site)
    confirm(site, meeting)
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
    url = make_url(settings.database_url)
    name = f"other_{abs(hash(settings.database_url))}"
    with psycopg.connect(host=str(url.query["host"]), user="govgrid", dbname="postgres") as c:
        c.autocommit = True
        c.execute(f'CREATE DATABASE "{name}"')
    return replace(other, database_url=f"postgresql://govgrid@/{name}?host={url.query['host']}")


@dataclass(frozen=True)
class Command:
    """The command line, run as an office would: in a process of its own."""

    settings: Settings

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "GOVGRID_DATABASE_URL": self.settings.database_url,
            "GOVGRID_SECRET": self.settings.secret,
            "GOVGRID_ARCHIVE": str(self.settings.archive),
            "GOVGRID_SMTP_URL": self.settings.smtp_url,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "govgrid", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Return stdout and stderr together."""
        with self.start(*arguments) as process:
            out, said = process.communicate(timeout=100)
        assert process.returncode == status, out + said
        return out + said

    def json(self, *arguments: str, status: int = 0) -> object:
        with self.start(*arguments, "--json") as process:
            out, said = process.communicate(timeout=100)
        assert process.returncode == status, out + said
        return json.loads(out)


@pytest.fixture
def govgrid() -> Callable[[Settings], Command]:
    """Return what runs the command line for an installation."""
    return Command
