"""Cells: every box that holds a point is among the cells of that point."""

from hypothesis import given
from hypothesis import strategies as st

from govgrid.grid.cells import cell_of, cells_at

LONGITUDES = st.floats(-180, 179)
LATITUDES = st.floats(-90, 89)
SIZES = st.one_of(st.just(0.0), st.floats(1e-7, 1.0), st.floats(1e-5, 0.01))


@given(LONGITUDES, LATITUDES, SIZES, SIZES, st.floats(0, 1), st.floats(0, 1))
def test_a_point_in_a_box_finds_it(
    west: float, south: float, wide: float, high: float, x: float, y: float
) -> None:
    east, north = west + wide, south + high
    point = min(west + x * wide, east), min(south + y * high, north)
    assert cell_of(west, south, east, north) in cells_at(*point)


@given(LONGITUDES, LATITUDES)
def test_cells_fit_a_database_number_and_are_few(longitude: float, latitude: float) -> None:
    found = cells_at(longitude, latitude)
    assert len(set(found)) == len(found) <= 60
    assert all(0 <= cell < 2**53 for cell in found)


def test_a_far_box_is_not_found() -> None:
    assert cell_of(104.02, 30.6, 104.021, 30.601) not in cells_at(104.0, 30.6)
