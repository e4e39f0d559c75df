"""`verify`, `backup`, `restore`: what is kept is whole, and comes back whole."""

import sys
from dataclasses import replace as renewed
from itertools import islice
from pathlib import Path

import click

from govgrid.cli.answer import say_json
from govgrid.cli.given import any_database, database
from govgrid.settings import DEMO_SECRET
from govgrid.upkeep import backup as backups
from govgrid.upkeep import drill as drills
from govgrid.upkeep import restore as restoring
from govgrid.upkeep import verify as proofs
from govgrid.upkeep.manifest import opened_by

MOST = 200  # faults told; a wrong secret breaks every line

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(*, as_json: bool) -> None:
    """Prove the journal's chain and the archive's hashes."""
    site = database()
    found = proofs.verify(site)
    faults = list(islice(found, MOST))
    more = sum(1 for _ in found)
    if as_json:
        say_json({"ok": not faults, "lines": proofs.lines(site), "faults": faults, "more": more})
    else:
        _tell(faults, more, proofs.lines(site))
    sys.exit(1 if faults else 0)


def _tell(faults: list[str], more: int, lines: int) -> None:
    for fault in faults:
        click.echo(fault, err=True)
    if more:
        click.echo(f"……另有 {more} 处", err=True)
    if len(faults) + more >= max(lines, 1):
        click.echo("几乎每行都不符：请核对 GOVGRID_SECRET 是否与写入时相同。", err=True)
    if not faults:
        click.echo(f"操作日志 {lines} 行与存档文件均完好。", err=True)


@click.command()
@click.argument("path", metavar="FILE", type=FILE)
def backup(path: Path) -> None:
    """Write a consistent copy of database and archive into one file, while serving."""
    done = backups.backup(database(), path)
    for name in done.damaged:
        click.echo(f"存档文件已损坏，按原样收入：{name}", err=True)
    click.echo(f"{path}：数据库和 {done.files} 个存档文件，{done.size} 字节", err=True)


@click.command()
@click.option("--into", "address", metavar="URL", help="An empty database for it, on PostgreSQL.")
def drill(address: str | None) -> None:
    """Back up while serving, restore into a place of its own, compare row by row, and clear up."""
    done = drills.drill(database(), into=address or "")
    for fault in done.faults[:MOST]:
        click.echo(fault, err=True)
    click.echo(
        f"演练{'未通过' if done.faults else '通过'}：{done.tables} 个数据表、{done.rows} 行、"
        f"{done.files} 个存档文件，备份 {done.backup:.1f} 秒，恢复 {done.restore:.1f} 秒，"
        f"核对 {done.compare:.1f} 秒。",
        err=True,
    )
    sys.exit(1 if done.faults else 0)


@click.command()
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--replace", is_flag=True, help="Replace what is there now.")
@click.option("--accept-faults", is_flag=True, help="Although it was faulty when it was made.")
def restore(path: Path, *, replace: bool, accept_faults: bool) -> None:
    """Bring a backup back: checked first, then swapped in."""
    settings = any_database().settings
    if not settings.secret and opened_by(path, DEMO_SECRET):
        settings = renewed(settings, secret=DEMO_SECRET)
    done = restoring.restore(settings, path, replaces=replace, accept_faults=accept_faults)
    if done.kept:
        click.echo(f"原有数据保留在：{done.kept}", err=True)
    click.echo(f"已恢复到 {done.made_at} 的状态，共 {done.files} 个存档文件。", err=True)
