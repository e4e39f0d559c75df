"""A whole city in sheets: rows a second of CPU time, memory, and the reader's ratio to openpyxl.

`python -m benchmarks imports` runs everything, with names of kinds only those, once. Each step is a process of its own, so that its CPU
time and its peak memory are its own. CPU time is all of that process, from its start: loading the
code, reading, checking, writing. What a PostgreSQL server uses beside it is told apart.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.usage import cpu, peaks
from govgrid import schema
from govgrid.access import Role
from govgrid.cases.imports import Satisfaction
from govgrid.cases.models import Source
from govgrid.cases.rules import CATEGORIES
from govgrid.clock import HERE
from govgrid.db import Database
from govgrid.grid.models import CompoundKind, Level
from govgrid.kinds import KINDS
from govgrid.settings import Settings
from govgrid.sheets import write_beside
from govgrid.sheets.kind import Writer
from tests.cluster import cluster

DISTRICTS, STREETS, COMMUNITIES, GRIDS, MICRO_GRIDS = 20, 261, 3047, 14_020, 126_449
COMPOUNDS, POSTS = 10_000, 130_000
CITY = ("areas", "compounds", "officers")
STEPS = (*CITY, "cases")
CASES = 90_000  # a quarter of them
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
Values = dict[str, object]


def areas() -> list[Values]:
    """Return the tree, each level spread evenly over the one above."""
    found: list[Values] = [{"code": "5101", "name": "锦里市", "level": Level.CITY}]
    above = ["5101"]
    for level, count, digits in (
        (Level.DISTRICT, DISTRICTS, 2),
        (Level.STREET, STREETS, 3),
        (Level.COMMUNITY, COMMUNITIES, 3),
        (Level.GRID, GRIDS, 3),
        (Level.MICRO_GRID, MICRO_GRIDS, 3),
    ):
        codes = []
        for number in range(count):
            parent = above[number % len(above)]
            code = f"{parent}{number // len(above) + 1:0{digits}d}"
            codes.append(code)
            found.append(
                {"code": code, "name": f"{level.word}{number}", "level": level, "parent": parent}
            )
        above = codes
    return found


def of_level(level: Level) -> list[str]:
    return [str(area["code"]) for area in areas() if area["level"] is level]


def compounds() -> Iterator[Values]:
    communities, kinds = of_level(Level.COMMUNITY), list(CompoundKind)
    for number in range(COMPOUNDS):
        community = communities[number % len(communities)]
        grid = f"{community}{number // len(communities) % 4 + 1:03d}"
        yield {
            "code": f"XQ{number:06d}", "name": f"锦和苑{number}号", "kind": kinds[number % 5],
            "community": community, "grid": grid, "micro_grids": [f"{grid}001", f"{grid}002"],
            "address": f"江桥街{number}号", "longitude": 104 + number / 1e5, "latitude": 30.6,
            "crs": "gcj02", "households": 300 + number, "floor_area": 3e4 + number / 4,
            "buildings": 12, "built_year": 1996, "company": f"物业公司{number % 400}",
            "contract_until": date(2027, 12, 31),
        }  # fmt: skip


def officers() -> Iterator[Values]:
    seats = [(code, Role.MICRO_GRID_MEMBER) for code in of_level(Level.MICRO_GRID)]
    seats += [(code, Role.SECRETARY) for code in of_level(Level.COMMUNITY)]
    seats += [(f"XQ{number:06d}", Role.PROJECT_MANAGER) for number in range(COMPOUNDS)]
    for number, (place, role) in enumerate(seats[:POSTS]):
        yield {
            "code": f"RY{number:06d}", "name": f"人员{number}", "role": role, "place": place,
            "organization": f"单位{number % 3000}", "phone": f"100{number:08d}",
            "email": f"a{number}@example.cn", "since": date(2025, 1, 1),
        }  # fmt: skip


def cases() -> Iterator[Values]:
    since, minute = datetime(2026, 7, 1, tzinfo=HERE), timedelta(minutes=1)
    for number in range(CASES):
        received = since + number * minute
        inside = number % 6 > 0
        yield {
            "number": f"GD{number:06d}", "source": Source.HOTLINE,
            "category": CATEGORIES[number % len(CATEGORIES)], "compound": f"XQ{number % COMPOUNDS:06d}",
            "received_at": received, "replied_at": received + (number % 150 + 1) * minute,
            "closed_at": received + (number % 3000 + 160) * minute if number % 9 else None,
            "satisfied": Satisfaction.of((True, True, False, None)[number % 4]), "in_remit": inside,
            "reported_at": None if inside else received + 90 * minute,
            "content": "电梯停运已经三天，物业只说等配件，请督促尽快修复。",
        }  # fmt: skip


def make(folder: Path) -> None:
    made: dict[str, Callable[[], Iterable[Values]]] = {
        "areas": areas, "compounds": compounds, "officers": officers, "cases": cases,
    }  # fmt: skip
    for key, rows in made.items():
        for ending, write in KINDS[key].writers.items():
            write_beside(folder / f"{key}{ending}", partial(_filled, write, rows))


def _filled(write: Writer, rows: Callable[[], Iterable[Values]], to: BinaryIO) -> int:
    return write(to, rows())


def step(kind: str, file: Path) -> None:
    """Import one file; print what it took. Runs in a process of its own."""
    found, database = KINDS[kind], Database(Settings.read())
    began = time.perf_counter()
    with database.writing() as db:
        outcome = found.load(db, None, file.read_bytes(), file.name, at=AT)
    database.close()
    print(
        json.dumps(
            {
                "rows": outcome.rows,
                "created": outcome.created,
                "same": outcome.unchanged,
                "errors": len(outcome.errors),
                "cpu": cpu(),
                "wall": time.perf_counter() - began,
                "mib": max(peaks()),
            }
        )
    )


def openpyxl_reads(file: Path) -> None:
    """Read one file with the usual library; print what it took."""
    from openpyxl import load_workbook  # noqa: PLC0415  # only this process needs it

    book = load_workbook(file, read_only=True)
    rows = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))
    print(json.dumps({"rows": rows, "cpu": cpu()}))


def apart(*arguments: str, url: str = "") -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.imports", *arguments],
        env={**os.environ, "GOVGRID_DATABASE_URL": url, "GOVGRID_SECRET": "x" * 32},
        check=True,
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(run.stdout))


def server_cpu(home: str) -> float:
    """Return the CPU seconds of the cluster's processes so far, those that ended included."""
    leader, ticks = (Path(home) / "data" / "postmaster.pid").read_text().split()[0], 0
    for process in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it just ended
            fields = process.read_text().rpartition(")")[2].split()
            if process.parent.name == leader:
                ticks += sum(map(int, fields[11:15]))
            elif fields[1] == leader:
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(folder: Path, engine: str, url: str, ending: str, home: str) -> None:
    total = {"rows": 0, "cpu": 0.0, "mib": 0.0, "server": 0.0}
    asked = [kind for kind in STEPS if kind in sys.argv[1:]]
    for time_ in ("first",) if asked else ("first", "again"):
        for kind in asked or STEPS:
            before = server_cpu(home)
            took = apart("step", kind, str(folder / f"{kind}.{ending}"), url=url)
            assert took["errors"] == 0
            assert took["same"] == (0 if time_ == "first" else took["rows"])
            print(
                f"{engine:<10} {ending:<4} {time_} {kind:<9} {took['rows']:>7} rows"
                f" {took['cpu']:6.2f} s CPU {took['rows'] / took['cpu']:8,.0f} rows/s"
                f" {took['wall']:6.2f} s wall {took['mib']:5.0f} MiB",
                flush=True,
            )
            if time_ == "first" and kind in CITY:
                total["rows"] += took["rows"]
                total["cpu"] += took["cpu"]
                total["server"] += server_cpu(home) - before
            total["mib"] = max(total["mib"], took["mib"])
    if asked:
        return
    print(
        f"{engine:<10} {ending:<4} whole city {total['rows']} rows {total['cpu']:.2f} s CPU:"
        f" {total['rows'] / total['cpu']:,.0f} rows/s, peak {total['mib']:.0f} MiB;"
        f" PostgreSQL's own {total['server']:.1f} s CPU",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name, cluster() as home:
        folder = Path(name)
        make(folder)
        for ending in ("xlsx", "csv"):
            base = f"postgresql://govgrid@/bench_{ending}?host={home}"
            subprocess.run(["createdb", "-h", home, "-U", "govgrid", f"bench_{ending}"], check=True)
            for engine, url in (
                ("sqlite", f"sqlite:///{folder / ending}.db"),
                ("postgresql", base),
            ):
                database = Database(Settings(database_url=url))
                schema.migrate(database)
                database.close()
                measure(folder, engine, url, ending, home)
        if sys.argv[1:]:
            return
        slow = [apart("openpyxl", str(folder / f"{kind}.xlsx")) for kind in CITY]
        rows, spent = sum(took["rows"] for took in slow), sum(took["cpu"] for took in slow)
        print(
            f"openpyxl   xlsx whole city only read {rows} rows {spent:.2f} s CPU:"
            f" {rows / spent:,.0f} rows/s; "
            + ", ".join(
                f"{kind} {took['rows'] / took['cpu']:,.0f}"
                for kind, took in zip(CITY, slow, strict=True)
            )
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["step"]:
        step(sys.argv[2], Path(sys.argv[3]))
    elif sys.argv[1:2] == ["openpyxl"]:
        openpyxl_reads(Path(sys.argv[2]))
    else:
        main()
