"""Convex polygons in kilometres: cut, weigh, split into blocks, seed with cells."""

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeVar

Point = tuple[float, float]
Ring = list[Point]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """The points p with p·(a, b) = c; the near side is where p·(a, b) <= c."""

    a: float
    b: float
    c: float

    def beyond(self, p: Point) -> float:
        """Return how far a point lies past the line, negative on the near side."""
        return p[0] * self.a + p[1] * self.b - self.c


def area(ring: Ring) -> float:
    """Return the area of a ring given counter-clockwise."""
    return sum(p[0] * q[1] - q[0] * p[1] for p, q in _edges(ring)) / 2


def centre(ring: Ring) -> Point:
    """Return the centre of gravity."""
    x = y = whole = 0.0
    for p, q in _edges(ring):
        part = p[0] * q[1] - q[0] * p[1]
        whole += part
        x += (p[0] + q[0]) * part
        y += (p[1] + q[1]) * part
    return x / (3 * whole), y / (3 * whole)


def near_side(ring: Ring, line: Line) -> Ring:
    """Return the part of a convex ring on the near side of a line."""
    kept: Ring = []
    past = [line.beyond(p) for p in ring]
    for p, q, at_p, at_q in zip(ring, _turned(ring), past, _turned(past), strict=True):
        if at_p <= 0:
            kept.append(p)
        if (at_p < 0 < at_q) or (at_q < 0 < at_p):
            share = at_p / (at_p - at_q)
            kept.append((p[0] + (q[0] - p[0]) * share, p[1] + (q[1] - p[1]) * share))
    return kept


def cells(ring: Ring, seeds: list[Point]) -> list[Ring]:
    """Return the part of a convex ring nearest to each seed (Voronoi cells)."""
    return [_cell(ring, seed, seeds) for seed in seeds]


def even_cells(ring: Ring, count: int, rng: Random, rounds: int = 12) -> list[Ring]:
    """Return `count` cells of like size: seeds move to their cells' centres (Lloyd)."""
    seeds = [_inside(ring, rng) for _ in range(count)]
    for _ in range(rounds):
        seeds = [centre(cell) for cell in cells(ring, seeds)]
    return cells(ring, seeds)


def blocks(ring: Ring, count: int, turn: float, rng: Random) -> list[Ring]:
    """Split a convex ring into `count` blocks of like size, cut along streets turned by `turn`."""
    if count == 1:
        return [ring]
    first = count // 2
    line = _cut(ring, first / count, _across(ring, turn) + rng.uniform(-0.09, 0.09))
    far = Line(-line.a, -line.b, -line.c)
    return [
        *blocks(near_side(ring, line), first, turn, rng),
        *blocks(near_side(ring, far), count - first, turn, rng),
    ]


def _turned(around: list[T]) -> list[T]:
    return [*around[1:], around[0]]


def _edges(ring: Ring) -> Iterator[tuple[Point, Point]]:
    return zip(ring, _turned(ring), strict=True)


def _cell(ring: Ring, seed: Point, seeds: list[Point]) -> Ring:
    for other in seeds:
        if other != seed:
            a, b = other[0] - seed[0], other[1] - seed[1]
            middle = (other[0] + seed[0]) / 2 * a + (other[1] + seed[1]) / 2 * b
            ring = near_side(ring, Line(a, b, middle))
    return ring


def _inside(ring: Ring, rng: Random) -> Point:
    xs, ys = zip(*ring, strict=True)
    while True:
        p = rng.uniform(min(xs), max(xs)), rng.uniform(min(ys), max(ys))
        if all(
            (q[0] - o[0]) * (p[1] - o[1]) > (q[1] - o[1]) * (p[0] - o[0]) for o, q in _edges(ring)
        ):
            return p


def _span(ring: Ring, angle: float) -> tuple[float, float]:
    along = [p[0] * math.cos(angle) + p[1] * math.sin(angle) for p in ring]
    return min(along), max(along)


def _across(ring: Ring, turn: float) -> float:
    """Return the direction, of the two street directions, in which the ring is longer."""
    return max((turn, turn + math.pi / 2), key=lambda angle: _length(ring, angle))


def _length(ring: Ring, angle: float) -> float:
    low, high = _span(ring, angle)
    return high - low


def _cut(ring: Ring, share: float, angle: float) -> Line:
    """Return the line across `angle` that leaves `share` of the area on its near side.

    Between two corners the width is linear in the way gone, and the area its square.
    """
    a, b = math.cos(angle), math.sin(angle)
    wanted = area(ring) * share
    stops = sorted(p[0] * a + p[1] * b for p in ring)

    def near(c: float) -> float:
        part = near_side(ring, Line(a, b, c))
        return area(part) if len(part) > 2 else 0.0

    after = bisect_left(stops, wanted, lo=1, hi=len(stops) - 1, key=near)
    low, high = stops[after - 1], stops[after]
    start, middle, end = near(low), near((low + high) / 2), near(high)
    # start + p·t + q·t² with t from 0 to 1, solved in the form that stays exact where q is small
    q = 2 * (start + end - 2 * middle)
    p = end - start - q
    t = 2 * (wanted - start) / (p + math.sqrt(max(p * p + 4 * q * (wanted - start), 0.0)))
    return Line(a, b, low + (high - low) * t)
