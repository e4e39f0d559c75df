"""`migrate`."""

import click

from govgrid import schema
from govgrid.cli.given import any_database
from govgrid.grid.keeping import fill


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    site = any_database()
    schema.migrate(site)
    with site.writing() as db:
        # Revisions know no pinyin: names that were there before the directory get their keys here.
        fill(db)
    click.echo(f"schema {schema.current(site)}", err=True)
