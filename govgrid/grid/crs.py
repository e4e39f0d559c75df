"""Coordinate systems of Chinese maps: WGS84, GCJ-02 and CGCS2000, in degrees."""

import math
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from govgrid.errors import Invalid

Degrees = NDArray[np.float64]
Shapes = NDArray[np.object_]

# Ellipsoid and offsets of GCJ-02 as published in many map libraries (Krasovsky 1940).
_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
METRES = 111_195.0  # of a degree on a sphere of 6,371 km
_ROUNDS = 12  # each round shrinks the error about a thousandfold; 1e-9 degrees is 0.1 mm


class CRS(StrEnum):
    """A coordinate system; CGCS2000 equals WGS84 for our purpose (centimetres)."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    CGCS2000 = "cgcs2000"


_NAMES = {
    "wgs84": CRS.WGS84,
    "epsg4326": CRS.WGS84,
    "crs84": CRS.WGS84,
    "gcj02": CRS.GCJ02,
    "火星坐标系": CRS.GCJ02,
    "cgcs2000": CRS.CGCS2000,
    "epsg4490": CRS.CGCS2000,
    "国家2000": CRS.CGCS2000,
    "2000国家大地坐标系": CRS.CGCS2000,
}


def crs_of(name: object) -> CRS:
    """Return the system of that name: `GCJ-02`, `urn:ogc:def:crs:EPSG::4490`, `国家2000`."""
    plain = "".join(c for c in str(name).lower().removeprefix("urn:ogc:def:crs:") if c.isalnum())
    found = _NAMES.get(plain) or _NAMES.get(plain.replace("ogc13", ""))
    if found is None:
        raise Invalid(
            "不认识的坐标系“%(name)s”，应为 wgs84、gcj02 或 cgcs2000。", name=str(name)[:40]
        )
    return found


def to_wgs84(points: Degrees, crs: CRS) -> Degrees:
    """Return the points, rows of longitude and latitude, as WGS84."""
    if crs is not CRS.GCJ02:
        return points
    found = points.copy()
    for _ in range(_ROUNDS):
        error = to_gcj02(found) - points
        found -= error
        if not error.size or np.abs(error).max() < 1e-10:
            break
    return found


def to_gcj02(points: Degrees) -> Degrees:
    """Return WGS84 points as GCJ-02; points outside China stay as they are."""
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    latitude = np.radians(points[:, 1])
    magic = 1 - _ECCENTRICITY * np.sin(latitude) ** 2
    root = np.sqrt(magic)
    east = _east(x, y) * 180 / (_AXIS / root * np.cos(latitude) * math.pi)
    north = _north(x, y) * 180 / (_AXIS * (1 - _ECCENTRICITY) / (magic * root) * math.pi)
    shift = np.column_stack((east, north))
    shift[~_in_china(points)] = 0
    return points + shift


def square_metres(shape: BaseGeometry) -> float:
    """Return the area of a polygon in degrees; right within 0.5 % for what a city holds."""
    if shape.is_empty:
        return 0.0
    _west, south, _east, north = shape.bounds
    return float(shape.area * METRES**2 * math.cos(math.radians((south + north) / 2)))


def to_metres(shapes: Shapes, latitude: float) -> Shapes:
    """Return shapes in degrees as metres east and north, true near that latitude."""
    scale = _scale(latitude)
    return np.asarray(shapely.transform(shapes, lambda points: points * scale), dtype=object)


def to_degrees(shapes: Shapes, latitude: float) -> Shapes:
    """Return shapes of `to_metres` in degrees again."""
    scale = _scale(latitude)
    return np.asarray(shapely.transform(shapes, lambda points: points / scale), dtype=object)


def _scale(latitude: float) -> Degrees:
    return np.array([METRES * math.cos(math.radians(latitude)), METRES])


def _in_china(points: Degrees) -> NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    found: NDArray[np.bool_] = (x >= 72.004) & (x <= 137.8347) & (y >= 0.8293) & (y <= 55.8271)
    return found


def _ripple(value: Degrees) -> Degrees:
    waves = 20 * np.sin(6 * value * math.pi) + 20 * np.sin(2 * value * math.pi)
    return np.asarray(waves * 2 / 3, dtype=np.float64)


def _waves(value: Degrees, twelfth: float, thirtieth: float) -> Degrees:
    short = 20 * np.sin(value * math.pi) + 40 * np.sin(value / 3 * math.pi)
    long = twelfth * np.sin(value / 12 * math.pi) + thirtieth * np.sin(value / 30 * math.pi)
    return np.asarray((short + long) * 2 / 3, dtype=np.float64)


def _north(x: Degrees, y: Degrees) -> Degrees:
    flat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return flat + _ripple(x) + _waves(y, 160, 320)


def _east(x: Degrees, y: Degrees) -> Degrees:
    flat = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return flat + _ripple(x) + _waves(x, 150, 300)
