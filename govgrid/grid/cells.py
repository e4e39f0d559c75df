"""Cells of the earth: one number that finds the boxes around a point by an ordinary index.

A box is filed under the cell that holds its south-west corner, of the smallest size that is not
smaller than the box. It then reaches at most into the next cells east and north, so a point is
covered only by boxes filed under four cells of each size.
"""

import math

FINEST = 20  # 0.00034 degrees, about 38 m
COARSEST = 6  # 5.6 degrees
_BITS = 24


def cell_of(west: float, south: float, east: float, north: float) -> int:
    """Return the cell under which a box of degrees is filed."""
    level = FINEST
    while level > COARSEST and max(east - west, north - south) > 360 / (1 << level):
        level -= 1
    return _number(level, *_place(level, west, south))


def cells_at(longitude: float, latitude: float) -> list[int]:
    """Return every cell under which a box around the point may be filed."""
    found = []
    for level in range(COARSEST, FINEST + 1):
        east, north = _place(level, longitude, latitude)
        found += [
            _number(level, x, y)
            for x in (east - 1, east)
            for y in (north - 1, north)
            if x >= 0 and y >= 0
        ]
    return found


def _place(level: int, longitude: float, latitude: float) -> tuple[int, int]:
    scale = (1 << level) / 360
    return math.floor((longitude + 180) * scale), math.floor((latitude + 90) * scale)


def _number(level: int, east: int, north: int) -> int:
    return level << 2 * _BITS | east << _BITS | north
