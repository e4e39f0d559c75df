"""`report`: the monthly report of an area as PDF or workbook."""

from datetime import UTC, datetime
from pathlib import Path

import click

from govgrid import archive
from govgrid.cli.given import area_of, database
from govgrid.press.press import Press
from govgrid.reports.actions import note_report
from govgrid.reports.content import report_of
from govgrid.reports.papers.page import report_sheet
from govgrid.reports.rules import Report, Stamp
from govgrid.reports.workbook import workbook
from govgrid.settings import Settings
from govgrid.web.forms import moment_of, month_of

ENDINGS = (".pdf", ".xlsx")


@click.command()
@click.argument("month")
@click.option("--area", required=True, help="Code of the area: a community or above.")
@click.option("--as-of", default=None, help="Moment, 2026-11-01 or 2026-11-01T09:00+08:00.")
@click.option(
    "-o",
    "path",
    metavar="FILE.pdf|FILE.xlsx",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
)
def report(month: str, area: str, as_of: str | None, path: Path) -> None:
    """Write the report of an area's month; with --as-of the same data give the same bytes."""
    if path.suffix.lower() not in ENDINGS:
        raise click.UsageError("name a .pdf or a .xlsx file with -o")
    at, site = moment_of(as_of) if as_of else datetime.now(UTC), database()
    with site.reading() as db:
        place = area_of(db, area)
        made = report_of(db, place, month_of(month), as_of=at)
    data = _bytes(made, Stamp("命令行", at), path)
    with archive.beside(path) as part:
        part.write_bytes(data)
    with site.writing() as db:
        note_report(db, None, place, made.month, path.suffix.lower()[1:], at)


def _bytes(made: Report, stamp: Stamp, path: Path) -> bytes:
    if path.suffix.lower() == ".xlsx":
        return workbook([made], stamp)
    settings = Settings.read()
    with Press.open(settings.vendor, settings.house_fonts) as press:
        return press.print(report_sheet(press.fonts, made, stamp))
