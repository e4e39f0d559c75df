"""From points to areas: in bulk equal to brute force, one by one by the database."""

from datetime import datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from govgrid.db import Database
from govgrid.grid.cells import cell_of
from govgrid.grid.imports import boundaries
from govgrid.grid.locating import NOWHERE, Locator
from govgrid.grid.models import Boundary, Level
from govgrid.grid.queries import area_at
from govgrid.grid.queries.maps import locator
from tests import build
from tests.grid.test_imports import collection

COORDINATES = st.integers(0, 12).map(lambda n: n / 4)  # on edges and corners as often as not


def brute(shapes: list[shapely.Polygon], x: float, y: float) -> int:
    point = shapely.Point(x, y)
    return next((10 * n for n, shape in enumerate(shapes) if shape.intersects(point)), NOWHERE)


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[COORDINATES] * 3), min_size=1, max_size=8),
    st.lists(st.tuples(COORDINATES, COORDINATES), max_size=30),
)
def test_bulk_equals_brute_force(
    squares: list[tuple[float, float, float]], points: list[tuple[float, float]]
) -> None:
    shapes = [shapely.box(x, y, x + size + 0.25, y + size + 0.25) for x, y, size in squares]
    texts = [str(shapely.to_geojson(shape)) for shape in shapes]
    found = Locator.of([10 * n for n in range(len(shapes))], texts)
    asked = np.array(points, dtype=float).reshape(-1, 2)
    assert found.find(asked).tolist() == [brute(shapes, x, y) for x, y in points]


def test_without_areas_every_point_is_nowhere() -> None:
    assert Locator.of([], []).find(np.zeros((3, 2))).tolist() == [NOWHERE] * 3


def test_the_database_and_the_tree_agree(database: Database, at: datetime) -> None:
    chance = np.random.default_rng(3)
    with database.writing() as db:
        city = build.small_city(db)
        wide = 0.01 / 5
        for n in range(25):
            code = f"{city.grid.code}{n + 3:03}"
            build.area(db, code, f"第{n}", Level.MICRO_GRID, city.grid)
            west, south = 104.0 + n % 5 * wide, 30.6 + n // 5 * wide
            ring = shapely.get_coordinates(shapely.box(west, south, west + wide, south + wide))
            boundaries.load(db, None, collection(ring.tolist(), code=code), "x", at=at)
    points = np.column_stack(
        (chance.uniform(103.998, 104.012, 60), chance.uniform(30.599, 30.611, 60))
    )
    points[:4] = [[104.002, 30.602], [104.0, 30.6], [104.01, 30.61], [104.004, 30.6013]]
    with database.reading() as db:
        bulk = locator(db, db.merge(city.city, load=False)).find(points)
        single = [area_at(db, x, y) for x, y in points.tolist()]
    assert bulk.tolist() == [area.id if area else NOWHERE for area in single]
    assert (bulk != NOWHERE).sum() > 25


def test_a_moved_boundary_is_filed_anew(database: Database, at: datetime) -> None:
    with database.writing() as db:
        city = build.small_city(db)
        for west in (104.0, 104.5):
            ring = [[west, 30.6], [west + 0.01, 30.6], [west + 0.01, 30.61], [west, 30.6]]
            code = city.micro_grids[0].code
            boundaries.load(db, None, collection(ring, code=code), "x", at=at)
        assert area_at(db, 104.008, 30.602) is None
        found = area_at(db, 104.508, 30.602)
        assert found is not None
        assert found.id == city.micro_grids[0].id
        row = db.scalars(select(Boundary)).one()
        assert row.cell == cell_of(row.west, row.south, row.east, row.north)


def test_a_boundary_added_by_itself_is_filed(database: Database) -> None:
    with database.writing() as db:
        area = build.small_city(db).grid
        db.add(
            Boundary(area_id=area.id, geometry="{}", west=104.0, south=30.0, east=104.1, north=30.2)
        )
        db.flush()
        assert db.scalars(select(Boundary.cell)).one() == cell_of(104.0, 30.0, 104.1, 30.2)


@pytest.mark.parametrize("size", [0, 1, 450_000])
def test_any_number_of_points_is_answered(size: int) -> None:
    square = str(shapely.to_geojson(shapely.box(0, 0, 1, 1)))
    points = np.full((size, 2), 0.5)
    assert (Locator.of([7], [square]).find(points) == 7).sum() == size
