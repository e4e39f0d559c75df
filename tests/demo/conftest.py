"""The demo city in a database, made once an engine: building it takes seconds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select

from govgrid import schema
from govgrid.db import Database
from govgrid.demo import build
from govgrid.demo.build import furnish, hold_meetings
from govgrid.demo.divisions import SHOWCASE_STREET, children
from govgrid.grid.models import Area
from govgrid.meetings.models import Unit
from govgrid.settings import DEMO_SECRET, Settings

TODAY = date(2026, 11, 24)


def silent(_word: str, _share: float) -> None:
    """Show no progress."""


@pytest.fixture(scope="session", autouse=True)
def _sheets_made_once() -> Iterator[None]:
    """Keep the sheets of a day: each engine's city and its tests read the same ones."""
    steps, kept = build.steps, dict[date, list[build.Step]]()

    def once(today: date) -> list[build.Step]:
        if today not in kept:
            kept[today] = [(*step[:3], cache(step[3])) for step in steps(today)]
        return kept[today]

    build.steps = once
    yield
    build.steps = steps


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Return the city on SQLite, with the meetings of the showcase street's first community."""
    folder: Path = tmp_path_factory.mktemp("city")
    settings = replace(
        Settings(),
        database_url=f"sqlite:///{folder / 'city.db'}",
        secret=DEMO_SECRET,
        archive=folder / "archive",
        demo=True,
    )
    database = Database(settings)
    schema.migrate(database)
    furnish(database, TODAY, silent)
    hold_meetings(database, TODAY, home_units(database), silent)
    yield database
    database.close()


def home_units(database: Database) -> list[int]:
    """Return the units of the community in which the demo's secretary works."""
    home = children(SHOWCASE_STREET)[0].code
    found = select(Unit.id).join(Unit.community).where(Area.code == home).order_by(Unit.id)
    with database.reading() as db:
        return list(db.scalars(found))
