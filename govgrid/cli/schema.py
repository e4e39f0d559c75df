"""`migrate`."""

import click

from govgrid import schema
from govgrid.cli.given import database


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    site = database()
    schema.migrate(site)
    click.echo(f"schema {schema.current(site)}", err=True)
