"""Import 130,000 officers, each phone encrypted: CPU seconds beside openpyxl reading the same sheet.

`.venv/bin/python -m benchmarks.officers [--rows N]`; on the database of GOVGRID_DATABASE_URL, which
must be empty (default: a SQLite file in a temporary folder).
"""

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
from sqlalchemy import func, insert, select
from xlsxwriter import Workbook

from benchmarks.engines import chosen
from benchmarks.usage import peaks
from govgrid.db import Database
from govgrid.grid.imports import officers
from govgrid.grid.models import Area, Level
from govgrid.grid.queries import phone_tail

HEADINGS = ("人员编号", "姓名", "职务", "任职对象", "单位", "手机", "邮箱", "任职起", "任职止")
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=130_000)
    rows = parser.parse_args().rows
    with chosen() as database:
        places = list(_lay_areas(database, rows))
        sheet = _sheet(places)
        base = _timed("openpyxl reads the sheet", rows, lambda: _read(sheet))
        for what in ("import", "import of the same sheet again"):
            used = _timed(what, rows, lambda: _load(database, sheet))
            print(f"  {used / base:.2f} of openpyxl's reading")
        _search(database)
    peak, _ = peaks()
    print(f"peak memory {peak:.0f} MiB on {database.engine.dialect.name}")


def _lay_areas(database: Database, rows: int) -> Iterator[str]:
    made = [{"code": "5101", "name": "城", "level": Level.CITY, "path": "/5101/", "version": 1}]
    for number in range(rows):
        code = f"{510100000000000000 + number}"
        made.append(
            {
                "code": code,
                "name": code[-6:],
                "level": Level.MICRO_GRID,
                "path": f"/5101/{code}/",
                "version": 1,
            }
        )
        yield code
    with database.writing() as db:
        db.execute(insert(Area.__table__), made)  # type: ignore[arg-type]  # a Table


def _sheet(places: list[str]) -> bytes:
    out = BytesIO()
    book = Workbook(out, {"constant_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, HEADINGS)
    for n, place in enumerate(places):
        page.write_row(
            n + 1, 0, (f"RY{n:06d}", f"人员{n}", "微网格员", place, f"第{n // 500}居委会",
                       f"1{n:010d}", f"n{n}@example.cn" if n % 25 == 0 else "", "2026-01-01"),
        )  # fmt: skip
    book.close()
    return out.getvalue()


def _read(sheet: bytes) -> None:
    page = openpyxl.load_workbook(BytesIO(sheet), read_only=True).active
    assert page is not None
    for _row in page.iter_rows(values_only=True):
        pass


def _load(database: Database, sheet: bytes) -> None:
    with database.writing() as db:
        outcome = officers.load(db, None, sheet, "bench.xlsx", at=AT)
    print(
        f"  created {outcome.created}, unchanged {outcome.unchanged}, errors {len(outcome.errors)}"
    )


def _search(database: Database) -> None:
    with database.reading() as db:
        begun = time.perf_counter()
        number = db.scalar(select(func.count()).where(phone_tail(db, "1234")))
        print(f"phone tail: {number} found in {(time.perf_counter() - begun) * 1000:.1f} ms")


def _timed(what: str, rows: int, act: Callable[[], None]) -> float:
    begun = time.process_time()
    act()
    used = time.process_time() - begun
    print(f"{what}: {used:.2f} s CPU, {rows / used:,.0f} rows/s")
    return used


if __name__ == "__main__":
    main()
