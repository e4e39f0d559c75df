"""`migrate-to`: from SQLite to PostgreSQL."""

import sys
from pathlib import Path

import click

from govgrid.cli.given import database
from govgrid.errors import Invalid
from govgrid.upkeep import move as moves


@click.command("migrate-to")
@click.argument("address", metavar="URL", required=False)
@click.option(
    "--archive",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the archive goes; without it, it stays where it is.",
)
@click.option("--release", is_flag=True, help="Open the old database for writing again.")
def migrate_to(address: str | None, folder: Path | None, *, release: bool) -> None:
    """Bring a running SQLite installation to PostgreSQL, compared table by table."""
    site = database()
    if release:
        opened = moves.release(site)
        click.echo("原数据库已恢复写入。" if opened else "原数据库本来就可以写入。", err=True)
        return
    if not address:
        raise Invalid("请写明目标数据库，例如 govgrid migrate-to postgresql://govgrid@/govgrid。")
    done = moves.move(site, address, folder=folder, tell=_tell)
    click.echo(
        f"已迁移 {done.tables} 个数据表、{done.rows} 行、{done.files} 个存档文件，逐表核对一致。\n"
        "原数据库已停止写入。请把 GOVGRID_DATABASE_URL"
        f"{'、GOVGRID_ARCHIVE' if folder else ''} 改为新地址后重新启动 govgrid serve；"
        "如需退回，先停用新数据库，再运行 govgrid migrate-to --release。",
        err=True,
    )


def _tell(table: str, done: int, count: int) -> None:
    if sys.stderr.isatty() and count:
        end = "\n" if done == count else ""
        click.echo(f"\r{table} {done}/{count}", nl=False, err=True)
        click.echo(end, nl=False, err=True)
