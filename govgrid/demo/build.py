"""Build the demo city: sheets through the importers, then accounts, units and past meetings."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid import journal
from govgrid.accounts.actions import add_account, add_administrator
from govgrid.cases import imports as case_imports
from govgrid.clock import HERE
from govgrid.db import Database
from govgrid.demo.archive import add_correction, add_house_style
from govgrid.demo.areas import areas_csv
from govgrid.demo.case_helpers import add_case_helpers, add_promise
from govgrid.demo.case_steps import take_steps
from govgrid.demo.cases import cases_csv
from govgrid.demo.coming import add_coming
from govgrid.demo.compounds import compounds_csv
from govgrid.demo.coverage import coverage_csv
from govgrid.demo.coverage_acts import add_coverage_acts
from govgrid.demo.ground import boundaries_geojson
from govgrid.demo.meetings import Chronicle
from govgrid.demo.months import months_before
from govgrid.demo.officers import officers_csv
from govgrid.demo.pipelines import add_pipelines
from govgrid.demo.reports import add_report
from govgrid.demo.rooms import add_absences, add_units
from govgrid.demo.showcase_web import add_showcases
from govgrid.demo.showcases import showcases_csv
from govgrid.demo.supervision import add_supervision
from govgrid.demo.ways import ADMINISTRATORS, PASSWORD, ways
from govgrid.errors import Invalid
from govgrid.grid.imports import areas as area_imports
from govgrid.grid.imports import boundaries as boundary_imports
from govgrid.grid.imports import compounds as compound_imports
from govgrid.grid.imports import officers as officer_imports
from govgrid.meetings.models import Unit
from govgrid.oldcompounds import imports as coverage_imports
from govgrid.sheets import Outcome
from govgrid.showcase import imports as showcase_imports

BATCH = 20  # meetings a transaction
PLANNED_FROM = 15  # day of a month from which the next one is being planned

Progress = Callable[[str, float], None]
Step = tuple[str, str, Callable[..., Outcome], Callable[[], bytes]]


def build(database: Database, today: date, progress: Progress) -> None:
    """Fill an empty, migrated database; the same day gives the same city.

    The first and the last transaction note in the journal that a demo was begun and built.
    """
    with database.writing() as db:
        journal.record(db, None, "begin", "demo", today)
    furnish(database, today, progress)
    with database.reading() as db:
        units = list(db.scalars(select(Unit.id).order_by(Unit.id)))
    hold_meetings(database, today, units, progress)
    progress("老旧小区推进流程", 0.97)
    with database.writing() as db:
        add_pipelines(db, today, datetime.combine(today, time(6), HERE))
    with database.writing() as db:
        add_coming(db, today, coming_month(today))
    with database.writing() as db:
        add_report(db, today)
        journal.record(db, None, "build", "demo", today)
    progress("完成", 1.0)


def furnish(database: Database, today: date, progress: Progress) -> None:
    """Import the sheets; add accounts, rooms, units and absences."""
    at = datetime.combine(today, time(6), HERE)
    _import(database, today, at, progress)
    progress("账号与会议单元", 0.3)
    with database.writing() as db:
        for way in ways(today):
            add_account(db, None, way.person.code, way.login, PASSWORD, at=at)
        for login, office, name in ADMINISTRATORS:
            add_administrator(db, office, name, login, PASSWORD, at=at)
        add_units(db)
        add_absences(db, today, coming_month(today))
        add_house_style(db)
        add_supervision(db, today, at)
        add_coverage_acts(db, today, at)
        take_steps(db, today, at)
        add_showcases(db, today)
        add_case_helpers(db, today, at)


def coming_month(today: date) -> date:
    """Return the month that is still to be planned."""
    return months_before(today, 0 if today.day < PLANNED_FROM else -1)


def steps(today: date) -> list[Step]:
    """Return what is imported in order: word, file name, importer, maker of the file."""
    return [
        ("区域", "areas.csv", area_imports.load, areas_csv),
        ("边界", "boundaries.geojson", boundary_imports.load, boundaries_geojson),
        ("小区", "compounds.csv", compound_imports.load, lambda: compounds_csv(today)),
        ("人员", "officers.csv", officer_imports.load, lambda: officers_csv(today)),
        ("诉求", "cases.csv", case_imports.load, lambda: cases_csv(today)),
        ("双晒", "showcases.csv", showcase_imports.load, lambda: showcases_csv(today)),
        ("管理方式", "coverage.csv", coverage_imports.load, lambda: coverage_csv(today)),
    ]


def _import(database: Database, today: date, at: datetime, progress: Progress) -> None:
    for place, (word, name, load, made) in enumerate(steps(today)):
        progress(f"导入{word}", 0.3 * place / len(steps(today)))
        with database.writing() as db:
            if name == "cases.csv":
                add_promise(db, today, at)
            outcome = load(db, None, made(), name, at=at)
            if outcome.errors:
                error = outcome.errors[0]
                raise Invalid(
                    "演示数据“%(name)s”第 %(row)s 行“%(column)s”有误：%(why)s",
                    name=name,
                    row=error.row,
                    column=error.column,
                    why=str(error.reason),
                )


def hold_meetings(
    database: Database, today: date, units: Sequence[int], progress: Progress
) -> None:
    """Hold the last two months' meetings and, late in a month, those of this one so far."""
    chronicle = Chronicle(today)
    count = (coming_month(today) > today) + 2
    months = [months_before(today, back) for back in (2, 1, 0)][:count]
    todo = [(month, unit) for month in months for unit in units]
    for first in range(0, len(todo), BATCH):
        progress("往月会议与纪要", 0.35 + 0.6 * first / len(todo))
        with database.writing() as db:
            for month, unit in todo[first : first + BATCH]:
                chronicle.hold(db, _unit(db, unit), month)
    progress("督办事项", 0.95)
    with database.writing() as db:
        for unit in units:
            chronicle.look_back(db, _unit(db, unit))
        add_correction(db, today)


def _unit(db: Session, number: int) -> Unit:
    return db.scalars(
        select(Unit)
        .where(Unit.id == number)
        .options(joinedload(Unit.community), joinedload(Unit.compound), joinedload(Unit.venue))
    ).one()
