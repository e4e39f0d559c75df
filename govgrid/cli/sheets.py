"""`import`, `export`, `template`: sheets into the database and out of it."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from govgrid.access import EVERYWHERE
from govgrid.cli.answer import say_json
from govgrid.cli.given import area_of, database
from govgrid.errors import Invalid
from govgrid.exchange.actions import export
from govgrid.exchange.queries import named_map
from govgrid.kinds import KINDS
from govgrid.sheets import How, Kind, Outcome, write_beside

SHOWN = 200  # wrong cells told on a terminal; --json tells more

_kind = click.argument("kind", type=click.Choice(sorted(KINDS)))
_path = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))


@click.command("import")
@_kind
@_path
@click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--crs", default=None, help="Coordinates of boundaries: wgs84, gcj02, cgcs2000.")
@click.option("--repair", is_flag=True, help="Mend boundaries that cross themselves; each is told.")
@click.option("--map", "source", default=None, help="Name of a remembered column mapping.")
def import_(
    kind: str,
    path: Path,
    *,
    dry_run: bool,
    as_json: bool,
    crs: str | None,
    repair: bool,
    source: str | None,
) -> None:
    """Import a sheet: all rows or none."""
    if not path.is_file():
        raise Invalid("文件不存在：%(name)s", name=str(path))
    found, data, notes = KINDS[kind], path.read_bytes(), []
    with closing(database()) as opened, opened.writing() as db:
        options = _options(db, found, source, crs=crs, repair=repair)
        outcome = found.load(db, None, data, path.name, at=datetime.now(UTC), **options)
        if found.follow_up and not outcome.errors:
            notes = found.follow_up(db, None, data)
        if dry_run or outcome.errors:
            db.rollback()
    if as_json:
        say_json(outcome.json())
    else:
        _tell(outcome)
    for note in notes:
        click.echo(note.message % note.params, err=True)
    sys.exit(1 if outcome.errors else 0)


def _options(db: Session, kind: Kind, source: str | None, **more: Any) -> dict[str, Any]:
    if kind.columns:
        mapping = named_map(db, kind.key, source) if source else None
        ticking = _tick if sys.stderr.isatty() else None
        return {"how": How(mapping, ticking) if mapping else How(tick=ticking)}
    if source:
        raise Invalid("“%(word)s”不是表格，没有列对应。", word=kind.word)
    return more if kind.key == "boundaries" else {}


def _tick(rows: int) -> None:
    click.echo(f"\r{rows}", err=True, nl=False)


def _tell(outcome: Outcome) -> None:
    for error in outcome.errors[:SHOWN]:
        click.echo(f"第 {error.row} 行 {error.column} “{error.value}”：{error.reason}", err=True)
    for heading in outcome.ignored:
        click.echo(f"未使用的列：{heading}", err=True)
    if outcome.errors:
        listed = f"，以上列出前 {SHOWN} 处" if outcome.wrong > SHOWN else ""
        click.echo(f"有 {outcome.wrong} 处错误{listed}，没有写入任何数据。", err=True)
        return
    for row in outcome.mended:
        click.echo(f"已修复 第 {row.row} 行 {row.value}：{row.reason}", err=True)
    click.echo(
        f"{outcome.kind}：共 {outcome.rows} 行，新增 {outcome.created}，"
        f"更新 {outcome.updated}，未变 {outcome.unchanged}",
        err=True,
    )


@click.command("export")
@_kind
@_path
@click.option("--area", default=None, help="Code of the area; without, everything.")
def export_(kind: str, path: Path, *, area: str | None) -> None:
    """Write what is stored in the columns of the import; the file's ending names its form."""
    with closing(database()) as opened:
        with opened.reading() as db:
            below = (area_of(db, area).path,) if area else (EVERYWHERE,)
        count = write_beside(
            path, lambda to: export(opened, None, KINDS[kind], to, path.name, below, area or "")
        )
    click.echo(f"{kind}：共导出 {count} 行", err=True)


@click.command()
@_kind
@_path
def template(kind: str, path: Path) -> None:
    """Write an empty sheet with headings, notes and drop-downs."""
    if path.suffix.lower() != ".xlsx":
        raise Invalid("模板的文件名应以 .xlsx 结尾，现为“%(name)s”。", name=path.name[-60:])
    data = KINDS[kind].template()
    write_beside(path, lambda stream: stream.write(data))
