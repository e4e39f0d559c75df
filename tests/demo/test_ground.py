"""The made-up boundaries tile: no gap, no overlap, every child inside its parent."""

from collections import defaultdict

import shapely

from govgrid.demo.compounds import compounds
from govgrid.demo.divisions import DISTRICT, communities, divisions
from govgrid.demo.ground import plots
from govgrid.grid.models import Level

TINY = 1e-12  # square degrees: a hundredth of a square metre


def of_level(level: Level) -> list[shapely.Polygon]:
    return [plot.shape for plot in plots().values() if plot.level is level]


def test_published_tree_is_whole() -> None:
    levels = [division.level for division in divisions()]
    assert len(levels) == 3329
    assert levels.count(Level.DISTRICT) == 20
    assert levels.count(Level.STREET) == 261
    assert levels.count(Level.COMMUNITY) == 3047


def test_district_is_filled() -> None:
    assert len(communities()) == 113
    assert 600 <= len(of_level(Level.GRID)) <= 760
    assert 5500 <= len(of_level(Level.MICRO_GRID)) <= 6800


def test_every_level_tiles_the_district() -> None:
    district = plots()[DISTRICT].shape
    for level in (Level.STREET, Level.COMMUNITY, Level.GRID, Level.MICRO_GRID):
        shapes = of_level(level)
        assert shapely.coverage_is_valid(shapes), level
        assert abs(sum(shape.area for shape in shapes) - district.area) < TINY


def test_children_make_up_their_parent() -> None:
    children: dict[str, list[shapely.Polygon]] = defaultdict(list)
    for plot in plots().values():
        children[plot.parent].append(plot.shape)
    for plot in plots().values():
        assert plot.shape.is_valid
        if plot.level is not Level.MICRO_GRID:
            union = shapely.coverage_union_all(children[plot.code])
            assert plot.shape.symmetric_difference(union).area < TINY, plot.code


def test_coordinates_have_six_decimals() -> None:
    points = shapely.get_coordinates(of_level(Level.MICRO_GRID))
    assert (abs(points - points.round(6)) < 1e-12).all()


def test_codes_run_from_the_north_west() -> None:
    first, *_, last = (plot for plot in plots().values() if plot.parent == communities()[0].code)
    north_west, south_east = first.shape.centroid, last.shape.centroid
    assert (north_west.x - north_west.y) < (south_east.x - south_east.y)


def test_compounds_stand_inside_one_of_their_micro_grids() -> None:
    for compound in compounds():
        shapes = [plots()[code].shape for code in compound.micro_grids]
        inside = shapely.contains_xy(shapes, compound.longitude, compound.latitude)
        assert inside.any(), compound.code
        assert all(code.startswith(compound.grid) for code in compound.micro_grids)
        assert compound.grid.startswith(compound.community)
