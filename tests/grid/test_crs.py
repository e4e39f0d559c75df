"""Coordinate systems: round trips under a metre, known offsets, names, metres."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from govgrid.errors import Invalid
from govgrid.grid.crs import (
    CRS,
    METRES,
    crs_of,
    square_metres,
    to_degrees,
    to_gcj02,
    to_metres,
    to_wgs84,
)

POINTS = st.tuples(st.floats(73.5, 135.0), st.floats(18.0, 53.5))  # mainland China


def metres(one: np.ndarray, other: np.ndarray) -> float:
    """Return the greatest distance of paired points."""
    away = (one - other) * METRES
    return float(np.hypot(away[:, 0] * np.cos(np.radians(one[:, 1])), away[:, 1]).max())


@given(st.lists(POINTS, min_size=1, max_size=20))
def test_gcj02_and_back_is_the_same_place(given_points: list[tuple[float, float]]) -> None:
    points = np.array(given_points)
    assert metres(to_wgs84(to_gcj02(points), CRS.GCJ02), points) < 0.001
    assert metres(to_gcj02(to_wgs84(points, CRS.GCJ02)), points) < 0.001


@given(POINTS)
def test_gcj02_lies_tens_to_hundreds_of_metres_away(point: tuple[float, float]) -> None:
    points = np.array([point])
    assert 20 < metres(to_gcj02(points), points) < 1000


def test_central_chengdu_is_off_by_about_360_metres() -> None:
    points = np.array([[104.0657, 30.6595]])
    moved = to_gcj02(points)
    assert 300 < metres(moved, points) < 420
    assert moved[0, 0] > points[0, 0]  # to the east
    assert moved[0, 1] < points[0, 1]  # and south


@given(POINTS, st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4))
def test_neighbours_stay_neighbours(point: tuple[float, float], x: float, y: float) -> None:
    pair = np.array([point, (point[0] + x, point[1] + y)])
    moved = to_wgs84(pair, CRS.GCJ02)
    before, after = metres(pair[:1], pair[1:]), metres(moved[:1], moved[1:])
    assert abs(after - before) < 0.02 + before * 0.01


@given(POINTS)
def test_cgcs2000_is_wgs84(point: tuple[float, float]) -> None:
    points = np.array([point])
    assert (to_wgs84(points, CRS.CGCS2000) == points).all()
    assert (to_wgs84(points, CRS.WGS84) == points).all()


def test_outside_china_nothing_moves_and_nothing_is_nothing() -> None:
    abroad = np.array([[2.35, 48.85], [-73.9, 40.7]])
    assert (to_gcj02(abroad) == abroad).all()
    assert to_wgs84(np.empty((0, 2)), CRS.GCJ02).shape == (0, 2)


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("GCJ-02", CRS.GCJ02),
        ("火星坐标系", CRS.GCJ02),
        ("urn:ogc:def:crs:EPSG::4490", CRS.CGCS2000),
        ("国家2000", CRS.CGCS2000),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", CRS.WGS84),
        ("EPSG:4326", CRS.WGS84),
    ],
)
def test_systems_have_many_names(name: str, crs: CRS) -> None:
    assert crs_of(name) is crs


@given(st.text(max_size=60).filter(lambda name: not any(c.isalnum() for c in name)))
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="坐标系"):
        crs_of(name)


@pytest.mark.parametrize("name", ["mars", "EPSG:3857", "bd09", "", "x" * 10_000])
def test_any_other_name_is_refused_shortly(name: str) -> None:
    with pytest.raises(Invalid, match="坐标系") as refused:
        crs_of(name)
    assert len(str(refused.value)) < 100


@given(POINTS)
def test_metres_and_back(point: tuple[float, float]) -> None:
    square = shapely.box(*point, point[0] + 0.002, point[1] + 0.001)
    (flat,) = to_metres(np.array([square]), point[1])
    assert flat.area == pytest.approx(square_metres(square), rel=1e-4)
    (again,) = to_degrees(np.array([flat]), point[1])
    assert again.equals_exact(square, 1e-9)


def test_a_hectare_in_chengdu() -> None:
    # 100 m east and north by the WGS84 ellipsoid at 30.66 degrees north
    square = shapely.box(104.0, 30.66, 104.0 + 100 / 95_838, 30.66 + 100 / 110_863)
    assert square_metres(square) == pytest.approx(10_000, rel=0.005)
