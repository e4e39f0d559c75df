"""The check of boundaries: overlaps, gaps, what sticks out, compounds astray; its page."""

from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from sqlalchemy import update

from govgrid.access import Role
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid.crs import METRES
from govgrid.grid.imports import boundaries
from govgrid.grid.models import Compound
from govgrid.grid.pages import make_routes
from govgrid.grid.tiling import MOST_CORNERS, Fault, FaultKind, Plot, Spot, faults
from tests import build
from tests.build import City
from tests.cases.site import Browser, visited
from tests.grid.test_imports import collection

M = 1 / METRES  # a metre in degrees; the tests stand on the equator of their own


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a rectangle given in metres."""
    return shapely.box(west * M, south * M, east * M, north * M)


def plot(number: int, shape: BaseGeometry | None) -> Plot:
    return Plot(number, f"{number:03}", f"第{number}", shape)


def told(found: list[Fault]) -> list[tuple[str, tuple[int, ...], int]]:
    return [(f.kind.value, tuple(p.id for p in f.plots), round(f.size)) for f in found]


WHOLE = plot(0, box(0, 0, 200, 100))
LEFT, RIGHT = plot(1, box(0, 0, 100, 100)), plot(2, box(100, 0, 200, 100))


def test_plots_that_tile_are_right() -> None:
    inside = Spot("A", "甲", 50 * M, 50 * M, (1,))
    assert faults(WHOLE, [LEFT, RIGHT], [inside]) == []


def test_an_overlap_is_found_once_with_its_size() -> None:
    wide = plot(2, box(90, 0, 200, 100))
    (found,) = faults(WHOLE, [LEFT, wide], [])
    assert told([found]) == [("overlap", (1, 2), 1000)]
    assert found.shape is not None
    assert found.shape.symmetric_difference(box(90, 0, 100, 100)).area < M * M


def test_a_gap_names_its_neighbours() -> None:
    short = plot(2, box(110, 0, 200, 100))
    assert told(faults(WHOLE, [LEFT, short], [])) == [("gap", (1, 2), 1000)]


def test_without_the_communitys_boundary_a_hole_is_a_gap() -> None:
    ring = plot(1, box(0, 0, 100, 100).difference(box(40, 40, 60, 60)))
    assert told(faults(plot(0, None), [ring], [])) == [("gap", (1,), 400)]


def test_what_sticks_out_is_named() -> None:
    far = plot(2, box(100, 0, 230, 100))
    assert told(faults(WHOLE, [LEFT, far], [])) == [("outside", (2,), 3000)]


@pytest.mark.parametrize("slip", [0.05, 0.9])
def test_an_inaccurate_drawing_is_no_fault(slip: float) -> None:
    assert faults(WHOLE, [LEFT, plot(2, box(100 + slip, 0, 200, 100))], []) == []
    assert faults(WHOLE, [LEFT, plot(2, box(100 - slip, 0, 200, 100))], []) == []


def test_a_compound_far_from_its_micro_grid_is_astray() -> None:
    def stray(east: float, *serving: int) -> list[Fault]:
        return faults(WHOLE, [LEFT, RIGHT], [Spot("A", "甲", east * M, 50 * M, serving)])

    assert stray(115, 1) == []  # its gate
    assert told(stray(150, 1)) == [("stray", (2,), 50)]
    assert stray(150, 1, 2) == []
    assert stray(150) == []
    assert told(stray(260)) == [("stray", (), 60)]  # outside the community
    assert stray(150, 99) == []  # of an area without boundary nothing is known


def test_an_area_without_boundary_is_missing() -> None:
    found = faults(WHOLE, [LEFT, RIGHT, plot(3, None)], [])
    assert told(found) == [("missing", (3,), 0)]


def test_a_check_without_any_boundary_ends() -> None:
    assert told(faults(plot(0, None), [plot(1, None)], [])) == [("missing", (1,), 0)]


def test_too_long_boundaries_are_refused() -> None:
    turn = np.linspace(0, 2 * np.pi, MOST_CORNERS + 2)
    circle = shapely.Polygon(np.column_stack((np.cos(turn), np.sin(turn))) * 1e-3)
    with pytest.raises(Invalid, match="无法检查"):
        faults(plot(0, circle), [], [])


@given(
    st.lists(st.integers(1, 19), min_size=1, max_size=6, unique=True),
    st.integers(0, 5),
    st.sampled_from([0, 5, -5]),
)
def test_a_strip_cut_anywhere_shows_exactly_the_cut_that_is_wrong(
    cuts: list[int], which: int, slip: int
) -> None:
    edges = [0, *sorted(10 * cut for cut in cuts), 200]
    spans = list(pairwise(edges))
    number = which % (len(spans) - 1)
    west, east = spans[number]
    spans[number] = west, east + slip
    plots = [plot(n, box(a, 0, b, 100)) for n, (a, b) in enumerate(spans)]
    kinds = {5: [("overlap", 500)], -5: [("gap", 500)], 0: []}
    found = faults(WHOLE, plots, [])
    assert [(f.kind.value, round(f.size)) for f in found] == kinds[slip]
    assert all({p.id for p in f.plots} == {number, number + 1} for f in found)


@pytest.fixture
def city(database: Database, at: datetime) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        shapes = {
            made.community: (104.0, 104.01),
            made.micro_grids[0]: (104.0, 104.005),
            made.micro_grids[1]: (104.004, 104.01),
        }
        for area, (west, east) in shapes.items():
            ring = [[west, 30.6], [east, 30.6], [east, 30.61], [west, 30.61], [west, 30.6]]
            boundaries.load(db, None, collection(ring, code=area.code), "x.geojson", at=at)
        db.execute(
            update(Compound)
            .where(Compound.id == made.courtyard.id)
            .values(longitude=104.001, latitude=30.605)
        )
        db.expunge_all()
    return made


@pytest.fixture
def liaison(database: Database, city: City, at: datetime) -> Browser:
    with database.reading() as db:
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
    return visited(database, at, actor, make_routes([]))


def test_the_page_lists_and_draws_the_faults(liaison: Browser, city: City) -> None:
    for code in (city.community.code, city.street.code):
        page = liaison.get(f"/grid/{code}/check").text
        assert FaultKind.OVERLAP.word in page
        assert "江桥街12号院" in page  # belongs to the second micro-grid, lies in the first
        assert "实际位于 第一微网格" in page
        assert page.count("data-fault=") == 2


def test_a_community_without_areas_says_what_to_do(liaison: Browser, city: City) -> None:
    page = liaison.get(f"/grid/{city.next_community.code}/check").text
    assert "导入区域和边界" in page


def test_a_grid_is_checked_by_itself(liaison: Browser, city: City) -> None:
    page = liaison.get(f"/grid/{city.grid.code}/check").text
    assert page.count("data-fault=") == 1  # the overlap; its compounds are the community's matter


def test_a_district_offers_its_streets(database: Database, city: City, at: datetime) -> None:
    with database.reading() as db:
        actor = build.actor(db, city.housing, Role.HOUSING_OFFICER, city.district)
    page = visited(database, at, actor, make_routes([])).get(f"/grid/{city.district.code}/check")
    assert f"/grid/{city.next_street.code}/check" in page.text


def test_only_what_is_seen_is_checked(liaison: Browser, city: City) -> None:
    for code in (city.district.code, city.far_community.code):
        assert liaison.get(f"/grid/{code}/check").status_code == 404
