"""`govgrid coverage --as-of` beside a plain count: `python -m benchmarks coverage_check --seed N`.

A random city with 60 months of changes is written as sheets, imported and asked by the command
line; the count reads the same sheets and knows nothing of govgrid. All three measures, every mode,
every uncovered compound, on random days and on the days around the ends of agreements.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FIRST, LAST = date(2021, 12, 1), date(2026, 11, 30)
OLD = ("老旧院落", "农民集中居住区", "保障性住房小区", "拆迁安置小区")
MODES = {
    "专业化物业": "professional",
    "社区托管": "custodial",
    "社会组织代管": "delegated",
    "居民自管": "self_managed",
    "无管理": "none",
}
Row = dict[str, str]


def write(folder: Path, compounds: int, seed: int) -> None:
    """Write areas, compounds and coverage as the sheets of interfaces.md."""
    rng = random.Random(seed)
    districts = [f"5101{n:02}" for n in range(1, 6)]
    streets = [f"{d}{n:03}" for d in districts for n in range(1, 5)]
    communities = [f"{s}{n:03}" for s in streets for n in range(1, 11)]
    areas = [("5101", "城", "市", "")]
    areas += [(d, f"区{d}", "区县", "5101") for d in districts]
    areas += [(s, f"街{s}", "街道", s[:6]) for s in streets]
    areas += [(c, f"社{c}", "社区", c[:9]) for c in communities]
    _sheet(folder / "areas.csv", "代码 名称 层级 上级代码", areas)
    homes: list[tuple[object, ...]] = []
    periods: list[tuple[object, ...]] = []
    for number in range(compounds):
        code = f"XQ{number:05}"
        kind = rng.choice((*OLD, "商品房小区"))
        households = rng.choice(("", str(rng.randint(0, 900))))
        area = rng.choice(("", f"{rng.uniform(500, 90000):.1f}"))
        homes.append((code, f"院{number}", kind, rng.choice(communities), households, area))
        periods += _periods(code, rng)
    rng.shuffle(periods)
    _sheet(folder / "compounds.csv", "小区编号 小区名称 小区类型 社区代码 户数 建筑面积(㎡)", homes)
    _sheet(
        folder / "coverage.csv",
        "小区编号 管理方式 管理单位 起始日期 截止日期 协议编号 收费标准 收费单位",
        periods,
    )


def _periods(code: str, rng: random.Random) -> Iterator[tuple[object, ...]]:
    """Yield a compound's history: some have none, some gaps, some an end with nothing after it."""
    since = FIRST + timedelta(days=rng.randint(-600, 1200))
    while since < LAST and rng.random() < 0.93:
        mode = rng.choice(list(MODES))
        until = since + timedelta(days=rng.choice((0, 30, 200, 364, 365, 729, 1000)))
        runs = rng.random() < 0.15
        operator = "" if mode in {"居民自管", "无管理"} else f"{mode}单位{rng.randint(1, 40)}"
        if mode == "专业化物业":
            operator = f"甲乙物业{rng.randint(1, 40)}公司"
        paid = mode != "无管理" and rng.random() < 0.5
        yield (
            code, mode, operator, since, "" if runs else until, f"XY-{code}" if operator else "",
            "12.50" if paid else "", rng.choice(("元/户·月", "元/㎡·月")) if paid else "",
        )  # fmt: skip
        if runs:
            return
        since = until + timedelta(days=rng.choice((1, 1, 1, 2, 45)))


def _sheet(path: Path, headings: str, rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings.split())
        writer.writerows(rows)


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(folder: Path, area: str, day: date) -> dict[str, Any]:
    """Count as a clerk would: for each old compound of the area, look for the row of that day."""
    rows: dict[str, list[Row]] = {}
    for row in read(folder / "coverage.csv"):
        rows.setdefault(row["小区编号"], []).append(row)
    found: dict[str, dict[str, float]] = {
        measure: dict.fromkeys(MODES.values(), 0)
        for measure in ("compounds", "households", "floor_area")
    }
    uncovered = []
    for home in read(folder / "compounds.csv"):
        if home["小区类型"] not in OLD or not home["社区代码"].startswith(area):
            continue
        mode = "none"
        for row in rows.get(home["小区编号"], []):
            ends = row["截止日期"] or "9999-12-31"
            if row["起始日期"] <= day.isoformat() <= ends:
                mode = MODES[row["管理方式"]]
        found["compounds"][mode] += 1
        found["households"][mode] += int(home["户数"] or 0)
        found["floor_area"][mode] += float(home["建筑面积(㎡)"] or 0)
        if mode == "none":
            uncovered.append(home["小区编号"])
    return {**found, "uncovered": sorted(uncovered)}


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the program's answer in the same form."""
    measures = ("compounds", "households", "floor_area")
    shares = {m: {mode: answer[m][mode] for mode in MODES.values()} for m in measures}
    return {**shares, "uncovered": sorted(row["code"] for row in answer["uncovered"])}


def differs(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Return where the two differ; square metres may by a rounding of sums."""
    wrong = []
    for measure in ("compounds", "households", "floor_area"):
        for mode in MODES.values():
            one, other = ours[measure][mode], theirs[measure][mode]
            if abs(one - other) > (1e-3 if measure == "floor_area" else 0):
                wrong.append(f"{measure} {mode}: {one}, counted {other}")
    if ours["uncovered"] != theirs["uncovered"]:
        wrong.append("uncovered compounds differ")
    return wrong


def days(folder: Path, rng: random.Random, count: int) -> list[date]:
    """Return random days, and the last day and the day after of random agreements."""
    ends = [row["截止日期"] for row in read(folder / "coverage.csv") if row["截止日期"]]
    chosen = [FIRST + timedelta(days=rng.randint(0, (LAST - FIRST).days)) for _ in range(count)]
    for end in rng.sample(ends, min(count, len(ends))):
        chosen += [date.fromisoformat(end), date.fromisoformat(end) + timedelta(1)]
    return chosen


def govgrid(folder: Path, *arguments: str) -> str:
    url = os.environ.get("GOVGRID_DATABASE_URL") or f"sqlite:///{folder / 'govgrid.db'}"
    environment = {
        **os.environ,
        "GOVGRID_DATABASE_URL": url,
        "GOVGRID_SECRET": "a-secret-for-benchmarks-that-is-long-enough",
        "GOVGRID_ARCHIVE": str(folder / "archive"),
    }
    run = subprocess.run(
        [sys.executable, "-m", "govgrid", *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        raise SystemExit(f"govgrid {' '.join(arguments)}: {run.stderr[-2000:]}")
    return run.stdout


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compounds", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=10)
    given = parser.parse_args()
    rng = random.Random(f"days {given.seed}")
    with TemporaryDirectory(prefix="govgrid-coverage-") as name:
        folder = Path(name)
        write(folder, given.compounds, given.seed)
        govgrid(folder, "migrate")
        for kind in ("areas", "compounds", "coverage"):
            began = time.perf_counter()
            outcome = json.loads(
                govgrid(folder, "import", kind, str(folder / f"{kind}.csv"), "--json")
            )
            print(
                f"{kind}: {outcome['rows']} rows in {time.perf_counter() - began:.1f} s", flush=True
            )
        wrong = 0
        for day in days(folder, rng, given.days):
            area = rng.choice(("5101", "510103", "510102003", "510101001004"))
            answer = govgrid(
                folder, "coverage", "--as-of", day.isoformat(), "--area", area, "--json"
            )
            faults = differs(told(json.loads(answer)), counted(folder, area, day))
            wrong += bool(faults)
            print(f"{day} {area}: {'; '.join(faults) or 'equal'}", flush=True)
    print(f"seed {given.seed}: {wrong} of {3 * given.days} answers differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
