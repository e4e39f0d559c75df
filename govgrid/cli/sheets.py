"""`import`: sheets into the database."""

import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
from sqlalchemy.orm import Session

from govgrid.cases.actions import renew_due_times
from govgrid.cli.given import database, say_json
from govgrid.errors import Invalid
from govgrid.sheets.outcome import Outcome

KINDS = {
    "areas": "govgrid.grid.imports.areas",
    "boundaries": "govgrid.grid.imports.boundaries",
    "compounds": "govgrid.grid.imports.compounds",
    "officers": "govgrid.grid.imports.officers",
    "cases": "govgrid.cases.imports",
    "showcases": "govgrid.showcase.imports",
    "coverage": "govgrid.oldcompounds.imports",
    "workdays": "govgrid.workdays.imports",
}


@click.command("import")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--crs", default=None, help="Coordinates of boundaries: wgs84, gcj02, cgcs2000.")
@click.option("--repair", is_flag=True, help="Mend boundaries that cross themselves; each is told.")
def import_(
    kind: str, path: Path, *, dry_run: bool, as_json: bool, crs: str | None, repair: bool
) -> None:
    """Import a sheet: all rows or none."""
    if not path.is_file():
        raise Invalid("文件不存在：%(name)s", name=str(path))
    options = {"crs": crs, "repair": repair} if kind == "boundaries" else {}
    load = import_module(KINDS[kind]).load
    with database().writing() as db:
        outcome = load(db, None, path.read_bytes(), path.name, at=datetime.now(UTC), **options)
        if kind == "workdays" and not outcome.errors:
            _renew_due_times(db, path)
        if dry_run or outcome.errors:
            db.rollback()
    if as_json:
        say_json(outcome.json())
    else:
        _tell(outcome)
    sys.exit(1 if outcome.errors else 0)


def _renew_due_times(db: Session, path: Path) -> None:
    moved = renew_due_times(db, None, int(json.loads(path.read_bytes())["year"]))
    if moved:
        click.echo(f"重新计算响应时限的诉求：{'、'.join(moved)}", err=True)


def _tell(outcome: Outcome) -> None:
    for error in outcome.errors:
        click.echo(f"第 {error.row} 行 {error.column} “{error.value}”：{error.reason}", err=True)
    for heading in outcome.ignored:
        click.echo(f"未使用的列：{heading}", err=True)
    if outcome.errors:
        click.echo(f"有 {len(outcome.errors)} 处错误，没有写入任何数据。", err=True)
        return
    for row in outcome.mended:
        click.echo(f"已修复 第 {row.row} 行 {row.value}：{row.reason}", err=True)
    click.echo(
        f"{outcome.kind}：共 {outcome.rows} 行，新增 {outcome.created}，"
        f"更新 {outcome.updated}，未变 {outcome.unchanged}",
        err=True,
    )
