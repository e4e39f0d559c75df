"""Measure maps: points to micro-grids in bulk and one by one, what a district's map sends.

`.venv/bin/python -m benchmarks.maps [--url URL]`; the database is filled with copies of the demo
district until it holds a city's 126,449 micro-grids. Every figure stands beside a peer's.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx2
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from govgrid.access import ActingPost, Actor, Role
from govgrid.db import Database, metadata
from govgrid.demo.divisions import DISTRICT
from govgrid.demo.ground import Plot, below, plots
from govgrid.grid import maps
from govgrid.grid.cells import cell_of
from govgrid.grid.locating import Locator
from govgrid.grid.models import Area, Boundary, Level
from govgrid.grid.pages import make_routes
from govgrid.grid.queries import area_at
from govgrid.grid.queries.maps import locator, shapes_below
from govgrid.grid.shelf import Shelf
from govgrid.schema import load_models
from govgrid.settings import Settings
from tests.cases.site import OneVisitor

POINTS, SAMPLE, PAGES = 100_000, 1_000, 300
CITY = 126_449
CHANCE = np.random.default_rng(20261124)


@dataclass(frozen=True)
class Copy:
    """The demo district moved east by so many degrees, under a code of its own."""

    number: int

    @property
    def code(self) -> str:
        return f"51{100 + self.number:04}"

    def place(self, plot: Plot) -> tuple[str, shapely.Geometry]:
        moved = shapely.transform(plot.shape, lambda c: c + np.array([0.2 * self.number, 0.0]))
        return self.code + plot.code[len(DISTRICT) :], moved


def filled(database: Database) -> int:
    """Fill the database and return how many micro-grids it holds."""
    load_models()
    metadata.create_all(database.engine)
    held = 0
    with database.writing() as db:
        db.execute(insert(Area), [row("5101", "测试市", Level.CITY, 1, None, "/")])
        parents = {"5101": (1, "/5101/")}
        number = 1
        while held < CITY:
            held += copied(db, Copy(number), parents)
            number += 1
    return held


def row(
    code: str, name: str, level: Level, number: int, parent: int | None, above: str
) -> dict[str, Any]:
    return {"id": number, "code": code, "name": name, "level": level, "parent_id": parent,
            "path": f"{above}{code}/", "version": 1}  # fmt: skip


def copied(db: Session, copy: Copy, parents: dict[str, tuple[int, str]]) -> int:
    areas, drawn, leaves = [], [], 0
    for plot in plots().values():
        code, shape = copy.place(plot)
        parent = (
            "5101" if plot.level is Level.DISTRICT else copy.code + plot.parent[len(DISTRICT) :]
        )
        above, path = parents[parent]
        made = row(code, plot.name, plot.level, len(parents) + 1, above, path)
        parents[code] = made["id"], made["path"]
        west, south, east, north = shape.bounds
        areas.append(made)
        drawn.append(
            {"area_id": made["id"], "geometry": shapely.to_geojson(shape), "west": west,
             "south": south, "east": east, "north": north,
             "cell": cell_of(west, south, east, north)}
        )  # fmt: skip
        leaves += plot.level is Level.MICRO_GRID
    db.execute(insert(Area), areas)
    db.execute(insert(Boundary), drawn)
    return leaves


def cpu(act: Callable[[], object], least: float = 0.5) -> float:
    """Return the CPU seconds of one call, the first left out."""
    act()
    begun, calls = time.process_time(), 0
    while time.process_time() - begun < least:
        act()
        calls += 1
    return (time.process_time() - begun) / calls


def bulk() -> None:
    """Points a second through the tree, beside every polygon tried in turn."""
    shapes = np.array([plot.shape for plot in below(DISTRICT, Level.MICRO_GRID)], dtype=object)
    found = Locator(np.arange(len(shapes)), shapes)
    west, south, east, north = shapely.total_bounds(shapes)
    points = np.column_stack(
        (CHANCE.uniform(west, east, POINTS), CHANCE.uniform(south, north, POINTS))
    )
    rate = POINTS / cpu(lambda: found.find(points))
    sample = points[:SAMPLE]
    shapely.prepare(shapes)

    def brute() -> list[int]:
        every = (np.flatnonzero(shapely.intersects_xy(shapes, x, y)) for x, y in sample)
        return [int(held[0]) if len(held) else -1 for held in every]

    right = (np.array(brute()) == found.find(sample)).mean()
    slow = SAMPLE / cpu(brute)
    print(f"bulk: {rate:,.0f} points/s into {len(shapes):,} micro-grids; "
          f"brute force {slow:,.0f}/s (×{rate / slow:,.0f}); {right:.1%} of {SAMPLE:,} equal")  # fmt: skip


def single(database: Database, held: int) -> None:
    """One lookup and one page, beside the box query without cells."""
    points = [(x, y) for x, y in scattered(104.2, 108.0, PAGES).tolist()]
    with database.reading() as db:
        cells = timed(lambda p: area_at(db, *p), points)
        boxes = timed(lambda p: by_box(db, *p), points)
    pages = timed_pages(database, points)
    print(
        f"one point among {held:,}: by cell {told(cells)}; by box alone {told(boxes)}; page {told(pages)}"
    )


def by_box(db: Session, x: float, y: float) -> Any:
    inside = (Boundary.west <= x, Boundary.east >= x, Boundary.south <= y, Boundary.north >= y)
    rows = db.execute(select(Boundary.geometry, Area).join(Area).where(*inside)).all()
    return [
        area for text, area in rows if shapely.from_geojson(text).intersects(shapely.Point(x, y))
    ]


def timed(
    act: Callable[[tuple[float, float]], object], points: Sequence[tuple[float, float]]
) -> list[float]:
    """Return the CPU seconds of each call: the machine may be busy with other things."""
    act(points[0])
    found = []
    for point in points:
        begun = time.process_time()
        act(point)
        found.append(time.process_time() - begun)
    return found


def told(times: list[float]) -> str:
    return f"median {np.median(times) * 1e3:.2f} ms, p99 {np.quantile(times, 0.99) * 1e3:.2f} ms of CPU"


def site(database: Database) -> Starlette:
    with database.reading() as db:
        city = db.scalars(select(Area).where(Area.level == Level.CITY)).one()
        post = ActingPost(Role.HOUSING_OFFICER, city.id, city.path, city.name)
    app = Starlette(routes=make_routes([]))
    actor = Actor(1, 1, "测试", (post,))
    app.state.house = OneVisitor(database.settings, database, datetime.now(UTC), actor)
    return app


def timed_pages(database: Database, points: list[tuple[float, float]]) -> list[float]:
    transport = httpx2.ASGITransport(site(database))

    async def ask() -> list[float]:
        found = []
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            for x, y in [points[0], *points]:
                begun = time.process_time()
                answer = await client.get(f"/grid/at?longitude={x}&latitude={y}")
                found.append(time.process_time() - begun)
                assert answer.status_code == 200
        return found[1:]

    return anyio.run(ask)


def district(database: Database) -> None:
    """What a district's map sends, first and again, beside all its polygons as plain GeoJSON."""
    with database.reading() as db:
        area = db.scalars(select(Area).where(Area.code == Copy(1).code)).one()
        streets, communities = parts(db, area)
        request = SimpleNamespace(headers={"accept-encoding": "gzip"})
        visit: Any = SimpleNamespace(db=db, request=request)

        def plain() -> bytes:
            shapes = shapes_below(db, area, maps.LEAVES)
            return json.dumps([json.loads(shape.geometry) for shape in shapes]).encode()

        size, packed = len(plain()), len(gzip.compress(plain(), 5))
        print(f"plain GeoJSON of a district: {size:,} bytes, {packed:,} packed, {cpu(plain) * 1e3:.0f} ms made")  # fmt: skip
        tell("frame of the district", [partial(maps.frame, visit, area)])
        tell("far, all streets", [partial(maps.drawing, visit, s, "far") for s in streets])
        for detail in ("near", "close"):
            named = f"{detail}, a street's communities"
            tell(named, [partial(maps.drawing, visit, c, detail) for c in communities])


def parts(db: Session, area: Area) -> tuple[list[Area], list[Area]]:
    """Return the streets of a district, and the communities of its first one."""
    streets = list(db.scalars(select(Area).where(Area.parent_id == area.id).order_by(Area.code)))
    return streets, list(db.scalars(select(Area).where(Area.parent_id == streets[0].id)))


def tell(name: str, made: list[Callable[[], Any]]) -> None:
    def again() -> list[Any]:
        return [make() for make in made]

    def first() -> list[Any]:
        maps.SHELF = Shelf(24 * 2**20)
        return again()

    size = sum(len(answer.body) for answer in first())
    print(f"{name}: {len(made)} answers, {size:,} bytes packed, {cpu(first) * 1e3:.1f} ms made, {cpu(again) * 1e3:.1f} ms kept")  # fmt: skip


def city(database: Database) -> None:
    """One tree over the whole city."""
    with database.reading() as db:
        whole = db.scalars(select(Area).where(Area.level == Level.CITY)).one()
        begun = time.process_time()
        tree = locator(db, whole)
        print(f"tree over the city: {time.process_time() - begun:.1f} s")
    points = scattered(104.2, 108.0, POINTS)
    print(f"bulk over the city: {POINTS / cpu(lambda: tree.find(points)):,.0f} points/s")


def scattered(west: float, east: float, number: int) -> NDArray[np.float64]:
    return np.column_stack(
        (CHANCE.uniform(west, east, number), CHANCE.uniform(30.55, 30.65, number))
    )


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--url", help="an empty database; SQLite in a temporary folder if none")
    url = given.parse_args().url
    bulk()
    with tempfile.TemporaryDirectory() as folder:
        path = f"sqlite:///{Path(folder) / 'bench.db'}"
        database = Database(replace(Settings.read(), database_url=url or path))
        begun = time.process_time()
        held = filled(database)
        print(f"filled with {held:,} micro-grids in {time.process_time() - begun:.0f} s of CPU")
        for part in (partial(single, held=held), district, city):
            part(database)
        database.close()


if __name__ == "__main__":
    main()
