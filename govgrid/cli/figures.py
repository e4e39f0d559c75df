"""`rates` and `coverage`: the figures an office reports."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from govgrid.cases.queries import rates as rates_of
from govgrid.cli.answer import say_json
from govgrid.cli.given import area_of, database
from govgrid.errors import Invalid
from govgrid.grid.models import OLD_KINDS, CompoundKind
from govgrid.oldcompounds.actions import undo_act
from govgrid.oldcompounds.queries import coverage_report, latest_acts
from govgrid.web.forms import moment_of, month_of
from govgrid.web.language import moment_text
from govgrid.workdays import local_day


@click.command()
@click.argument("month")
@click.option("--area", required=True, help="Code of the area.")
@click.option("--as-of", default=None, help="Moment, 2026-11-01 or 2026-11-01T09:00+08:00.")
@click.option(
    "--by",
    default="area",
    type=click.Choice(["area", "company", "compound", "category", "manager"]),
)
@click.option("--json", "as_json", is_flag=True)
def rates(month: str, area: str, as_of: str | None, by: str, *, as_json: bool) -> None:
    """Print the four rates of a month."""
    at = moment_of(as_of) if as_of else datetime.now(UTC)
    with database().reading() as db:
        report = rates_of(db, month_of(month), area_of(db, area).path, by=by, as_of=at).json()
    if as_json:
        say_json(report)
        return
    for row in [*report["rows"], {**report["total"], "name": "合计"}]:
        shown = "  ".join(
            _rate(row[key])
            for key in ("response_rate", "completion_rate", "satisfaction_rate", "report_rate")
        )
        click.echo(f"{row['name']}  {row['received']}  {shown}")


@click.command()
@click.option("--as-of", "as_of", default=None, help="Day, 2026-11-01.")
@click.option("--area", required=True, help="Code of the area.")
@click.option("--kinds", type=click.Choice(["old", "all"]), default="old")
@click.option("--json", "as_json", is_flag=True)
def coverage(as_of: str | None, area: str, kinds: str, *, as_json: bool) -> None:
    """Print the coverage rates of old compounds."""
    day = local_day(moment_of(as_of) if as_of else datetime.now(UTC))
    counted = OLD_KINDS if kinds == "old" else tuple(CompoundKind)
    with database().reading() as db:
        path = area_of(db, area).path
        report: dict[str, Any] = coverage_report(db, path, day, counted).json()
    if as_json:
        say_json(report)
        return
    for key in ("compounds", "households", "floor_area"):
        shares = (report[key]["professional_rate"], report[key]["management_rate"])
        click.echo(f"{key}  " + "  ".join(map(_rate, shares)))
    for row in report["uncovered"]:
        click.echo(f"{row['code']}  {row['name']}  {row['community']}  {row['since'] or '—'}")


@click.command("undo-coverage")
@click.argument("number", required=False, type=int)
@click.option("--reason", default="", help="Why it is taken back; kept with the histories.")
def undo_coverage(number: int | None, reason: str) -> None:
    """Take back an import or takeover of coverage as a whole; without NUMBER, list them."""
    with closing(database()) as opened:
        if number is None:
            with opened.reading() as db:
                for act, undone in latest_acts(db):
                    state = "（已撤回）" if undone else ""
                    what = act.file or act.reason or ""
                    click.echo(f"{act.id}  {moment_text(act.at)}  {act.by_name}  {what}{state}")
            return
        if not reason.strip():
            raise Invalid("请用 --reason 写明撤回原因。")
        with opened.writing() as db:
            undo_act(db, None, number, reason=reason.strip()[:300], at=datetime.now(UTC))
    click.echo("已整体撤回，各小区的管理方式恢复到此前的记录。", err=True)


def _rate(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"
