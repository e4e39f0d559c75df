"""Convex polygons in kilometres: cut, weigh, split into blocks, seed with cells."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

Point = tuple[float, float]
Ring = list[Point]


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
    for p, q in _edges(ring):
        at_p, at_q = line.beyond(p), line.beyond(q)
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


def _edges(ring: Ring) -> Iterator[tuple[Point, Point]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)


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
    """Return the line across `angle` that leaves `share` of the area on its near side."""
    a, b = math.cos(angle), math.sin(angle)
    low, high = _span(ring, angle)
    wanted = area(ring) * share
    for _ in range(24):
        middle = (low + high) / 2
        part = near_side(ring, Line(a, b, middle))
        if len(part) < 3 or area(part) < wanted:
            low = middle
        else:
            high = middle
    return Line(a, b, high)
