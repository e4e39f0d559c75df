"""`serve` and `worker`."""

import click

from govgrid import logs, server
from govgrid.cli.given import database
from govgrid.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the web, with the worker inside."""
    settings = Settings.read().for_production()
    logs.set_up(settings.log)
    database()
    if workers == 1:
        server.serve(settings, host, port)
    else:
        server.serve_in_processes(settings, host, port, workers)


@click.command()
def worker() -> None:
    """Send letters and print signed minutes until stopped."""
    settings = Settings.read().for_production()
    logs.set_up(settings.log)
    database()
    server.work(settings)
