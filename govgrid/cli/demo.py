"""`demo`: a demo city, built once and served."""

from datetime import datetime

import click

from govgrid.demo import run


@click.command()
@click.option(
    "--today",
    default=None,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Build and serve as if today were this day.",
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--fresh", is_flag=True, help="Build anew.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--build-only", is_flag=True, help="Build, then stop.")
def demo(
    today: datetime | None, host: str, port: int, *, fresh: bool, no_browser: bool, build_only: bool
) -> None:
    """Build the demo city once and serve it."""
    day = today.date() if today else None
    run.demo(day, host, port, fresh=fresh, browser=not no_browser, serve=not build_only)
