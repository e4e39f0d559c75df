"""`serve` and `worker`."""

import click

from govgrid import server
from govgrid.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the web, with the worker inside."""
    server.serve(Settings.read().for_production(), host, port)


@click.command()
def worker() -> None:
    """Send letters and print signed minutes until stopped."""
    server.work(Settings.read().for_production())
