"""What the database itself refuses: a gap, an overlap, a second beginning; on both engines."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from govgrid.db import Database
from govgrid.oldcompounds.models import Coverage, Mode
from tests.build import City
from tests.conftest import NOW

DAY = timedelta(1)


@dataclass(frozen=True)
class Row:
    """A period written past every rule of ours."""

    since: str
    until: str | None = None
    follows: str | None = None
    mode: Mode = Mode.SELF_MANAGED
    gap: bool = False


def write(database: Database, compound: int, row: Row) -> None:
    with database.writing() as db:
        db.add(
            Coverage(
                compound_id=compound,
                mode=row.mode,
                since=date.fromisoformat(row.since),
                until=date.fromisoformat(row.until) if row.until else None,
                follows=date.fromisoformat(row.follows) if row.follows else None,
                gap=row.gap,
                recorded_at=NOW,
            )
        )


# XQ-JQ12 is managed from 2025-01-01 to 2026-11-30.
@pytest.mark.parametrize(
    "row",
    [
        Row("2026-06-01"),  # overlaps, and begins the chain a second time
        Row("2027-01-01"),  # leaves a gap
        Row("2027-01-01", follows="2026-12-31"),  # follows nothing
        Row("2027-01-01", follows="2026-11-30"),  # follows, but not on the next day
        Row("2026-11-30", follows="2026-11-29"),  # shares the last day
        Row("2026-12-01", until="2026-11-30", follows="2026-11-30"),  # ends before it begins
        Row("2024-01-01", "2024-12-31"),  # is not what the next one follows
        Row("2026-12-01", follows="2026-11-30", gap=True),  # managed days are no gap
    ],
)
def test_a_period_outside_the_chain(database: Database, city: City, row: Row) -> None:
    with pytest.raises(IntegrityError):
        write(database, city.courtyard.id, row)


def test_a_period_may_follow_once(database: Database, city: City) -> None:
    write(database, city.courtyard.id, Row("2026-12-01", follows="2026-11-30"))
    with pytest.raises(IntegrityError):
        write(database, city.courtyard.id, Row("2026-12-01", follows="2026-11-30"))


def test_a_followed_period_stays(database: Database, city: City) -> None:
    write(database, city.courtyard.id, Row("2026-12-01", follows="2026-11-30"))
    first = Coverage.compound_id == city.courtyard.id, Coverage.follows.is_(None)
    with pytest.raises(IntegrityError), database.writing() as db:
        db.execute(delete(Coverage).where(*first))
    for until in (date(2026, 11, 15), date(2026, 12, 15), None):
        with pytest.raises(IntegrityError), database.writing() as db:
            db.execute(update(Coverage).where(*first).values(until=until))
    with database.reading() as db:
        found = db.scalars(select(Coverage).where(Coverage.compound_id == city.courtyard.id))
        assert len(list(found)) == 2
