"""Whether areas tile their community: overlaps, gaps, what lies outside, compounds astray."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from govgrid.errors import Invalid
from govgrid.grid.crs import to_degrees, to_metres
from govgrid.words import N_, Word

LEAST = 10.0  # square metres, and
NARROW = 1.0  # metre wide: less is how it was drawn, not a fault
NEAR = 20.0  # metres a compound's point may lie outside: it is often its gate
SNAP = 0.01  # metre
MOST_CORNERS = 400_000  # of a community
MOST_PAIRS = 20_000  # a sound community has three a micro-grid
MOST_FAULTS = 200  # of a kind


class FaultKind(Word):
    """What is wrong with the boundaries of a community."""

    OVERLAP = "overlap", N_("重叠")
    GAP = "gap", N_("空隙")
    OUTSIDE = "outside", N_("超出社区")
    STRAY = "stray", N_("小区不在其微网格内")
    MISSING = "missing", N_("没有边界")


@dataclass(frozen=True, slots=True)
class Plot:
    """An area with its polygon in degrees; None: no boundary is known."""

    id: int
    code: str
    name: str
    shape: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A compound at a position in degrees, and the ids of the areas that serve it."""

    code: str
    name: str
    longitude: float
    latitude: float
    serving: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where (in degrees) and between which areas.

    `size` is in square metres, of a stray compound its distance in metres.
    """

    kind: FaultKind
    plots: tuple[Plot, ...]
    size: float = 0.0
    shape: BaseGeometry | None = None
    spot: Spot | None = None


def faults(community: Plot, plots: Sequence[Plot], spots: Sequence[Spot]) -> list[Fault]:
    """Return what is wrong in a community, the largest first in each kind.

    Raise `Invalid` where its boundaries are too long to be checked in a moment.
    """
    missing = [Fault(FaultKind.MISSING, (plot,)) for plot in plots if plot.shape is None]
    ground = _Ground.of(community, [plot for plot in plots if plot.shape is not None])
    kinds = [ground.overlaps(), ground.gaps(), ground.outside(), ground.strays(spots)]
    found = [fault for kind in kinds for fault in _largest(kind, ground.latitude)]
    return [*found, *missing[:MOST_FAULTS]]


def _largest(found: Iterator[Fault], latitude: float) -> list[Fault]:
    chosen = sorted(found, key=lambda fault: -fault.size)[:MOST_FAULTS]
    return [_placed(fault, latitude) for fault in chosen]


def _placed(fault: Fault, latitude: float) -> Fault:
    if fault.shape is None:
        return fault
    (shape,) = to_degrees(np.array([fault.shape]), latitude)
    return Fault(fault.kind, fault.plots, fault.size, shape, fault.spot)


@dataclass(frozen=True, slots=True)
class _Ground:
    """A community in metres: its plots, their polygons, a tree over them, the outer polygon."""

    plots: Sequence[Plot]
    shapes: NDArray[np.object_]
    tree: shapely.STRtree
    outer: BaseGeometry | None
    latitude: float

    @classmethod
    def of(cls, community: Plot, plots: Sequence[Plot]) -> "_Ground":
        given = [plot.shape for plot in plots]
        whole = [*given, *([community.shape] if community.shape else [])]
        corners = int(shapely.get_num_coordinates(np.array(whole, dtype=object)).sum())
        if corners > MOST_CORNERS:
            raise Invalid(
                "%(name)s的边界共 %(corners)s 个点，超过 %(most)s 个，无法检查。请先简化边界。",
                name=community.name,
                corners=corners,
                most=MOST_CORNERS,
            )
        latitude = float(shapely.total_bounds(whole)[1]) if whole else 0.0
        shapes = to_metres(np.array(given, dtype=object), latitude)
        outer = None
        if community.shape:
            (outer,) = to_metres(np.array([community.shape]), latitude)
        return cls(plots, shapes, shapely.STRtree(shapes), outer, latitude)

    def overlaps(self) -> Iterator[Fault]:
        one, other = self.tree.query(self.shapes, predicate="intersects")
        first = np.flatnonzero(one < other)[:MOST_PAIRS]
        left, right = one[first], other[first]
        common = shapely.intersection(self.shapes[left], self.shapes[right], grid_size=SNAP)
        for a, b, shape in zip(left, right, common, strict=True):
            for part in _wide(shape):
                yield Fault(FaultKind.OVERLAP, (self.plots[a], self.plots[b]), part.area, part)

    def gaps(self) -> Iterator[Fault]:
        if not len(self.shapes):
            return
        union = shapely.union_all(self.shapes, grid_size=SNAP)
        outer = self.outer
        if outer is None:
            outer = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(_polygons(union))))
        for part in _wide(shapely.difference(outer, union, grid_size=SNAP)):
            near = self.tree.query(part, predicate="dwithin", distance=NARROW)
            beside = tuple(self.plots[n] for n in sorted(near.tolist())[:4])
            yield Fault(FaultKind.GAP, beside, part.area, part)

    def outside(self) -> Iterator[Fault]:
        if self.outer is None:
            return
        shapely.prepare(self.outer)
        astray = np.flatnonzero(~shapely.covers(self.outer, self.shapes))
        over = shapely.difference(self.shapes[astray], self.outer, grid_size=SNAP)
        for n, shape in zip(astray.tolist(), over, strict=True):
            for part in _wide(shape):
                yield Fault(FaultKind.OUTSIDE, (self.plots[n],), part.area, part)

    def strays(self, spots: Sequence[Spot]) -> Iterator[Fault]:
        number = {plot.id: n for n, plot in enumerate(self.plots)}
        for spot in spots:
            own = [number[area] for area in spot.serving if area in number]
            (point,) = to_metres(
                np.array([shapely.Point(spot.longitude, spot.latitude)]), self.latitude
            )
            targets = self.shapes[own] if own else [self.outer] if self.outer else []
            if not len(targets):
                continue
            away = float(np.min(shapely.distance(targets, point)))
            if away > NEAR:
                at = tuple(
                    self.plots[n] for n in self.tree.query(point, predicate="within").tolist()
                )
                yield Fault(FaultKind.STRAY, at, away, point, spot)


def _polygons(shape: BaseGeometry) -> NDArray[np.object_]:
    parts = shapely.get_parts(shape)
    return np.asarray(parts[shapely.get_type_id(parts) == 3], dtype=object)  # 3 is a polygon


def _wide(shape: BaseGeometry) -> Iterator[shapely.Polygon]:
    """Yield the parts that are more than a drawing's inaccuracy."""
    for part in _polygons(shape):
        if part.area >= LEAST and not part.buffer(-NARROW / 2).is_empty:
            yield part
