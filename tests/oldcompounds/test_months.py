"""The series of months equals the rates of each day; the map's months equal the histories."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete

from govgrid.db import Database
from govgrid.grid.models import Compound
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries import history, months, tally
from govgrid.oldcompounds.queries.map import LETTERS, modes_by_month
from govgrid.oldcompounds.rules import mode_on, sample_days
from tests.build import City
from tests.oldcompounds.test_queries import compounds, write

AS_OF = date(2026, 3, 17)


def test_the_days_of_a_series() -> None:
    assert sample_days(date(2026, 1, 15), 3) == [
        (date(2025, 11, 1), date(2025, 11, 30)),
        (date(2025, 12, 1), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 15)),
    ]


@given(compounds)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_series_equals_the_rates_of_its_days(
    database: Database, city: City, drawn: list[tuple[object, ...]]
) -> None:
    with database.writing() as db:
        db.execute(delete(Coverage))
        db.execute(delete(Compound).where(Compound.community_id == city.far_community.id))
        write(db, city, drawn)
    with database.reading() as db:
        for month in months(db, city.next_street, AS_OF, count=4):
            day = tally(db, city.next_street, month.on)
            for name in ("compounds", "households", "floor_area"):
                ours, theirs = getattr(month.tally, name), getattr(day, name)
                assert [ours.of(m) for m in Mode] == pytest.approx([theirs.of(m) for m in Mode])


def test_the_months_by_hand(database: Database, city: City) -> None:
    with database.reading() as db:
        found = months(db, city.district, date(2026, 12, 1), count=24)
        placed, unplaced = modes_by_month(db, city.district, date(2026, 12, 1))
    rates = {f"{m.first:%Y-%m}": m.tally.compounds.management_rate for m in found}
    # XQ-A until 2025-06-30, XQ-JQ12 from 2025-01 to 2026-11-30, XQ-B from 2026-03-01, of four.
    assert [rates[m] for m in ("2025-01", "2025-06", "2025-07", "2026-03", "2026-11", "2026-12")] == [
        0.5, 0.5, 0.25, 0.5, 0.5, 0.25,
    ]  # fmt: skip
    assert (placed, unplaced) == ([], 4)


def test_the_maps_months(database: Database, city: City) -> None:
    with database.writing() as db:
        home = db.get_one(Compound, city.courtyard.id)
        home.longitude, home.latitude = 104.08, 30.63
    as_of = date(2026, 12, 15)
    with database.reading() as db:
        (one,), _unplaced = modes_by_month(db, city.district, as_of)
        periods = history(db, city.courtyard.id)
    assert one.runs == "".join(LETTERS[mode_on(periods, on)] for _, on in sample_days(as_of))
    assert one.runs.endswith("ppn")
