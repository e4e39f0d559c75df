"""The command line: `govgrid COMMAND`; exit 0 done, 1 refused, 2 wrong usage."""

import json
import logging
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from govgrid import schema
from govgrid.db import Database
from govgrid.errors import Invalid, NotFound, Refusal
from govgrid.kinds import KINDS
from govgrid.settings import Settings
from govgrid.sheets import EVERYWHERE, write_beside


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Joint meetings, grids and old-compound coverage for grassroots offices."""


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    database = Database(Settings.read())
    schema.migrate(database)
    click.echo(f"schema {schema.current(database)}", err=True)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the web, with the worker inside."""
    from govgrid import server  # noqa: PLC0415  # the web is heavy; other commands start without

    server.serve(Settings.read().for_production(), host, port)


@cli.command()
def worker() -> None:
    """Send letters and print signed minutes until stopped."""
    from govgrid import server  # noqa: PLC0415

    server.work(Settings.read().for_production())


@cli.command("import")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--crs", default=None, help="Coordinates of boundaries: wgs84, gcj02, cgcs2000.")
def import_(kind: str, path: Path, *, dry_run: bool, as_json: bool, crs: str | None) -> None:
    """Import a sheet: all rows or none."""
    if not path.is_file():
        raise Invalid("文件不存在：%(name)s", name=str(path))
    options = {"crs": crs} if crs and kind == "boundaries" else {}
    found, data, notes = KINDS[kind], path.read_bytes(), []
    with closing(Database(Settings.read())) as database, database.writing() as db:
        outcome = found.load(db, None, data, path.name, at=datetime.now(UTC), **options)
        if found.follow_up and not outcome.errors:
            notes = found.follow_up(db, None, data)
        if dry_run or outcome.errors:
            db.rollback()
    if as_json:
        click.echo(json.dumps(outcome.json(), ensure_ascii=False))
    else:
        _tell(outcome)
    for note in notes:
        click.echo(note.message % note.params, err=True)
    sys.exit(1 if outcome.errors else 0)


@cli.command("export")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--area", default=None, help="Code of the area; without, everything.")
def export_(kind: str, path: Path, *, area: str | None) -> None:
    """Write what is stored in the columns of the import; the file's ending names its form."""
    from govgrid.exchange.actions import export  # noqa: PLC0415

    with closing(Database(Settings.read())) as database:
        with database.reading() as db:
            below = (_path(db, area),) if area else EVERYWHERE
        count = write_beside(
            path,
            lambda to: export(database, None, KINDS[kind], to, path.name, below, area or ""),
        )
    click.echo(f"{kind}：共导出 {count} 行", err=True)


@cli.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
def template(kind: str, path: Path) -> None:
    """Write an empty sheet with headings, notes and drop-downs."""
    if path.suffix.lower() != ".xlsx":
        raise Invalid("模板的文件名应以 .xlsx 结尾，现为“%(name)s”。", name=path.name[-60:])
    data = KINDS[kind].template()
    write_beside(path, lambda stream: stream.write(data))


def _tell(outcome: Any) -> None:
    for error in outcome.errors:
        click.echo(f"第 {error.row} 行 {error.column} “{error.value}”：{error.reason}", err=True)
    for heading in outcome.ignored:
        click.echo(f"未使用的列：{heading}", err=True)
    if outcome.errors:
        click.echo(f"有 {len(outcome.errors)} 处错误，没有写入任何数据。", err=True)
        return
    click.echo(
        f"{outcome.kind}：共 {outcome.rows} 行，新增 {outcome.created}，"
        f"更新 {outcome.updated}，未变 {outcome.unchanged}",
        err=True,
    )


@cli.command()
@click.option("--once", is_flag=True, help="Stop when nothing is due.")
def deliver(*, once: bool) -> None:
    """Send what is queued."""
    from govgrid.outbox.actions import deliver as step  # noqa: PLC0415
    from govgrid.outbox.worker import Worker  # noqa: PLC0415

    database = Database(Settings.read())
    line = Worker(database, lambda: datetime.now(UTC), [step])
    if not once:
        line.run()
    sent = 0
    while done := line.once():
        sent += done
    click.echo(f"sent {sent}", err=True)


@cli.command()
@click.argument("month")
@click.option("--area", required=True, help="Code of the area.")
@click.option("--as-of", default=None, help="Moment, 2026-11-01 or 2026-11-01T09:00+08:00.")
@click.option(
    "--by", default="area", type=click.Choice(["area", "company", "compound", "category"])
)
@click.option("--json", "as_json", is_flag=True)
def rates(month: str, area: str, as_of: str | None, by: str, *, as_json: bool) -> None:
    """Print the four rates of a month."""
    from govgrid.cases.queries import rates as report_of  # noqa: PLC0415
    from govgrid.web.forms import month_of  # noqa: PLC0415

    at = _moment(as_of) if as_of else datetime.now(UTC)
    with Database(Settings.read()).reading() as db:
        report = report_of(db, month_of(month), _path(db, area), by=by, as_of=at).json()
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    for row in [*report["rows"], {**report["total"], "name": "合计"}]:
        shown = "  ".join(
            "—" if row[key] is None else f"{row[key]:.1%}"
            for key in ("response_rate", "completion_rate", "satisfaction_rate", "report_rate")
        )
        click.echo(f"{row['name']}  {row['received']}  {shown}")


def _moment(text: str) -> datetime:
    from govgrid.web.language import HERE  # noqa: PLC0415

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("“%(value)s”不是时间，请写成 2026-11-01T09:00 的形式。", value=text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=HERE)


def _path(db: Any, code: str) -> str:
    from sqlalchemy import select  # noqa: PLC0415

    from govgrid.grid.models import Area  # noqa: PLC0415

    path = db.scalar(select(Area.path).where(Area.code == code))
    if path is None:
        raise NotFound("没有代码为“%(code)s”的区域。", code=code)
    return str(path)


@cli.command()
@click.option("--as-of", "as_of", default=None, help="Day, 2026-11-01.")
@click.option("--area", required=True, help="Code of the area.")
@click.option("--kinds", type=click.Choice(["old", "all"]), default="old")
@click.option("--json", "as_json", is_flag=True)
def coverage(as_of: str | None, area: str, kinds: str, *, as_json: bool) -> None:
    """Print the coverage rates of old compounds."""
    from govgrid.grid.models import OLD_KINDS, CompoundKind  # noqa: PLC0415
    from govgrid.oldcompounds.queries import coverage_report  # noqa: PLC0415

    day = _moment(as_of).date() if as_of else datetime.now(UTC).date()
    counted = OLD_KINDS if kinds == "old" else tuple(CompoundKind)
    with Database(Settings.read()).reading() as db:
        report: dict[str, Any] = coverage_report(db, _path(db, area), day, counted).json()
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    for key in ("compounds", "households", "floor_area"):
        rates = (report[key]["professional_rate"], report[key]["management_rate"])
        click.echo(f"{key}  " + "  ".join("—" if r is None else f"{r:.1%}" for r in rates))
    for row in report["uncovered"]:
        click.echo(f"{row['code']}  {row['name']}  {row['community']}  {row['since'] or '—'}")


@cli.group()
def account() -> None:
    """Add, reset and lock accounts."""


@account.command("add")
@click.argument("login")
@click.option("--officer", required=True, help="Number of the officer.")
@click.password_option()
def account_add(login: str, officer: str, password: str) -> None:
    """Give an officer a way in."""
    from govgrid.accounts.actions import add_account  # noqa: PLC0415

    with Database(Settings.read()).writing() as db:
        add_account(db, None, officer, login, password, at=datetime.now(UTC))


@account.command("reset")
@click.argument("login")
@click.password_option()
def account_reset(login: str, password: str) -> None:
    """Set a new password and end all sessions."""
    from govgrid.accounts.actions import reset_password  # noqa: PLC0415

    with Database(Settings.read()).writing() as db:
        reset_password(db, None, login, password)


@account.command("lock")
@click.argument("login")
def account_lock(login: str) -> None:
    """Shut an account."""
    from govgrid.accounts.actions import lock_account  # noqa: PLC0415

    with Database(Settings.read()).writing() as db:
        lock_account(db, None, login, at=datetime.now(UTC))


@cli.command()
@click.option("--today", default=None, help="Build and serve as if today were this day.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--fresh", is_flag=True, help="Build anew.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--build-only", is_flag=True, help="Build, then stop.")
def demo(
    today: str | None, host: str, port: int, *, fresh: bool, no_browser: bool, build_only: bool
) -> None:
    """Build the demo city once and serve it."""
    from govgrid.demo import run  # noqa: PLC0415

    day = date.fromisoformat(today) if today else None
    run.demo(day, host, port, fresh=fresh, browser=not no_browser, serve=not build_only)


def main() -> None:
    """Run the command line; a refusal is one message on stderr and exit 1."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    try:
        cli()
    except Refusal as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
