"""`deliver`: what is queued leaves."""

from datetime import UTC, datetime
from functools import partial

import click

from govgrid.cli.given import database
from govgrid.outbox.actions import deliver as step
from govgrid.outbox.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is due.")
def deliver(*, once: bool) -> None:
    """Send what is queued."""
    # Who asks for everything at once does not want to wait for further edits.
    steps = [partial(step, held=True)] if once else [step]
    line = Worker(database(), lambda: datetime.now(UTC), steps)
    if not once:
        line.run()
    sent = 0
    while done := line.once():
        sent += done
    click.echo(f"sent {sent}", err=True)
