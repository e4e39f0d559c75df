"""The small city in which the cases of these tests happen."""

import pytest

from govgrid.db import Database
from govgrid.grid.models import Compound
from tests import build
from tests.build import City


@pytest.fixture
def city(database: Database) -> City:
    """Return the city, with a company at 锦和苑 and 望江苑 in the far community."""
    with database.writing() as db:
        made = build.small_city(db)
        company = build.organization(db, "锦和物业")
        db.get_one(Compound, made.compound.id).company_id = company.id
        build.compound(db, made.far_community, "望江苑", code="XQ-WJ")
        db.flush()
        db.expunge_all()
    return made
