"""Figures of meetings and the monthly report of a city: `python -m benchmarks report`.

120,000 meetings of 5,000 units with 7 people each, 30,000 cases a month for two years. Every
figure is asked warm; the report's CPU time is that of reading, of printing (a child) and of the
workbook.
"""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.engines import ENGINES, analyze, opened
from benchmarks.rates import AT, LAST, MONTHS, lay_ground, month_of_cases, told
from benchmarks.usage import cpu
from govgrid.access import Role
from govgrid.cases.models import Case
from govgrid.db import Database
from govgrid.grid.imports.store import insert_rows
from govgrid.grid.models import Area, Compound, Level, Officer
from govgrid.meetings.models import (
    Attendance,
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.queries.figures import count_behind, figure_series, figures_of
from govgrid.press.press import Press
from govgrid.reports.content import report_of
from govgrid.reports.papers.page import report_sheet
from govgrid.reports.rules import Report, Stamp
from govgrid.reports.workbook import workbook
from govgrid.settings import Settings

UNITS, PEOPLE = 5_000, 7
STAMP = Stamp("测量", AT)
TURNOUT = (Attendance.PRESENT, Attendance.PRESENT, Attendance.SUBSTITUTE, Attendance.EXCUSED)


def main() -> None:
    for engine in sys.argv[1:] or ENGINES:
        with opened(engine) as database:
            measure(engine, database)


def measure(engine: str, database: Database) -> None:
    began = time.perf_counter()
    lay_ground(database)
    lay_units(database)
    for back in reversed(range(MONTHS)):
        with database.writing() as db:
            insert_rows(db, Case, list(month_of_cases(db, back)))
            lay_meetings(db, back)
    analyze(database)
    print(f"{engine}: laid in {time.perf_counter() - began:.0f} s", flush=True)
    with database.reading() as db:
        for level in (Level.CITY, Level.DISTRICT, Level.STREET):
            area = db.scalars(select(Area).where(Area.level == level).order_by(Area.code)).first()
            assert area
            figures(database, db, area)
            if level is not Level.CITY:
                report(db, area)


def figures(database: Database, db: Session, area: Area) -> None:
    """Time the page's queries: a month by area, twelve months, the list behind a figure."""
    calls: dict[str, Callable[[], object]] = {
        "by area": lambda: figures_of(db, LAST, area, as_of=AT),
        "12 months": lambda: figure_series(db, LAST, 12, area, as_of=AT),
        "behind": lambda: count_behind(db, LAST, area, "signed_in_time", at=AT),
    }
    print(f"  {area.name}: {figures_of(db, LAST, area, as_of=AT).total.due} meetings due")
    for name, call in calls.items():
        told(f"  {area.level} {name}", database.engine, call)


def report(db: Session, area: Area) -> None:
    """Print what a report costs: reading, the workbook, and a warm print, in CPU seconds."""
    made: Report = report_of(db, area, LAST, as_of=AT)
    read = spent(lambda: report_of(db, area, LAST, as_of=AT))
    written = spent(lambda: workbook([made], STAMP))
    pages = (printed(made, 6) - printed(made, 1)) / 5
    print(
        f"  {area.level} report: CPU {read:.2f} s to read, {written:.2f} s the workbook, "
        f"{pages:.2f} s a warm print",
        flush=True,
    )


def spent(call: Callable[[], object]) -> float:
    """Return the CPU seconds of this process; on PostgreSQL its server's come on top."""
    began = time.process_time()
    call()
    return time.process_time() - began


def printed(made: Report, times: int) -> float:
    """Return the CPU seconds of the children that print the report so many times."""
    before, settings = cpu(), Settings.read()
    own = time.process_time()
    with Press.open(settings.vendor, settings.house_fonts) as press:
        for _ in range(times):
            press.print(report_sheet(press.fonts, made, STAMP))
    return cpu() - before - (time.process_time() - own)


def lay_units(database: Database) -> None:
    with database.writing() as db:
        homes = db.execute(
            select(Compound.id, Compound.community_id).order_by(Compound.id).limit(UNITS)
        ).all()
        insert_rows(
            db, Officer, [{"id": n, "code": f"RY{n}", "name": f"人员{n}"} for n in range(1, 101)]
        )
        insert_rows(db, Venue, [{"id": 1, "community_id": homes[0][1], "name": "会议室"}])
        insert_rows(
            db,
            Unit,
            [
                {"id": n, "community_id": community, "compound_id": home}
                for n, (home, community) in enumerate(homes, 1)
            ],
        )


def lay_meetings(db: Session, back: int) -> None:
    """Hold the month's meetings: most on their day, most signed in time."""
    number = LAST.year * 12 + LAST.month - 1 - back
    month, chance = date(number // 12, number % 12 + 1, 1), Random(back)
    units = db.execute(select(Unit.id, Unit.community_id).order_by(Unit.id)).all()
    rows = list(_meetings(units, month, back * UNITS, chance))
    insert_rows(db, Meeting, rows)
    insert_rows(
        db,
        Attendee,
        [
            {
                "meeting_id": row["id"], "officer_id": n + 1, "role": Role.POLICE, "required": True,
                "observer": False, "nonce": "n", "link": f"{row['id']}-{n}",
                "attendance": chance.choice(TURNOUT),
            }
            for row in rows
            for n in range(PEOPLE)
        ],
    )  # fmt: skip
    insert_rows(
        db,
        Minutes,
        [
            {
                "meeting_id": row["id"], "number": 1, "issue": 1, "drafted_by": "x", "version": 1,
                "stage": MinutesStage.SIGNED, "signed_at": row["end"] + timedelta(days=chance.randint(1, 10)),
            }
            for row in rows
        ],
    )  # fmt: skip


def _meetings(units: Any, month: date, first: int, chance: Random) -> Iterator[dict[str, Any]]:
    for number, (unit, community) in enumerate(units, first + 1):
        start = datetime(month.year, month.month, chance.randint(1, 27), 7, number % 60, tzinfo=UTC)
        yield {
            "id": number, "uid": str(number), "unit_id": unit, "community_id": community,
            "month": month, "stage": Stage.HELD, "title": "联席会议", "start": start,
            "end": start + timedelta(hours=1), "venue_id": 1, "convenor_id": 1, "version": 1,
            "sequence": 0, "held_at": start + timedelta(hours=1 if chance.random() < 0.9 else 30),
        }  # fmt: skip


if __name__ == "__main__":
    main()
