"""The small city of these tests."""

import pytest

from govgrid.db import Database
from tests import build
from tests.build import City


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        build.compound(db, made.far_community, "望江苑", code="XQ-WJ")
        db.expunge_all()
    return made
