"""Many rows at once: all of them, as given, with the indexes and refusals of the table."""

from typing import Any

import pytest
from sqlalchemy import Table, func, inspect, select
from sqlalchemy.exc import IntegrityError

from govgrid import bulk
from govgrid.db import Database
from govgrid.grid.imports.store import table_of
from govgrid.grid.models import Area, Level, OfficerKey

AREAS, KEYS = table_of(Area), table_of(OfficerKey)


def rows(first: int, count: int) -> list[dict[str, Any]]:
    return [
        {"code": f"51{n:04}", "name": f"甲\\{n}\t\n", "level": Level.CITY, "path": f"/51{n:04}/"}
        for n in range(first, first + count)
    ]


def indexes(database: Database, table: Table) -> list[str]:
    with database.reading() as db:
        found = inspect(db.connection()).get_indexes(table.name)
    return sorted(
        f"{one['name']} {one['column_names']} {sorted(map(str, one['dialect_options'].values()))}"
        for one in found
    )


@pytest.mark.parametrize("count", [1, bulk.FEW, bulk.FEW + 1, bulk.MANY + 2])
def test_rows_arrive_as_given_and_leave_the_indexes_as_they_were(
    database: Database, count: int
) -> None:
    before = indexes(database, AREAS)
    with database.writing() as db:
        bulk.insert(db.connection(), AREAS, rows(0, count))
        bulk.insert(db.connection(), AREAS, rows(count, 2))
    with database.reading() as db:
        found = db.execute(select(Area.code, Area.name, Area.level, Area.path, Area.version))
        assert sorted(tuple(row) for row in found) == [
            (*row.values(), 1) for row in rows(0, count + 2)
        ]
    assert indexes(database, AREAS) == before
    assert len(before) >= 2


def test_pairs_arrive_as_given(database: Database) -> None:
    lines = [
        rf"\N	{2**31 - 1}",
        r"a\b	2",
        r"\.	3",
        "锦	3",
        *(f"k{n}\t{n}" for n in range(300)),
    ]
    with database.writing() as db:
        bulk.insert_pairs(db.connection(), KEYS, lines)
    with database.reading() as db:
        found = db.execute(select(OfficerKey.key, OfficerKey.officer_id))
        assert sorted(f"{key}\t{number}" for key, number in found) == sorted(lines)


def test_a_row_that_is_refused_takes_all_with_it(database: Database) -> None:
    twice = [*rows(0, bulk.MANY + 1), *rows(7, 1)]
    with pytest.raises(IntegrityError), database.writing() as db:
        bulk.insert(db.connection(), AREAS, twice)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Area)) == 0
    assert len(indexes(database, AREAS)) >= 2
