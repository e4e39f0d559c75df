"""`account`: add, reset, lock, unlock, clear a lost second factor."""

from datetime import UTC, datetime

import click

from govgrid.access import Office
from govgrid.accounts.actions import (
    add_account,
    add_administrator,
    lock_account,
    reset_password,
    unlock_account,
)
from govgrid.accounts.actions.keeping import clear_factor
from govgrid.cli.given import database


@click.group()
def account() -> None:
    """Add, reset, lock and unlock accounts."""


@account.command()
@click.argument("login")
@click.option("--officer", default=None, help="Number of the officer.")
@click.option(
    "--office", default=None, type=click.Choice([o.value for o in Office]), help="An administrator."
)
@click.option("--name", default="", help="Name of the administrator.")
@click.password_option()
def add(login: str, officer: str | None, office: str | None, name: str, password: str) -> None:
    """Give an officer a way in, or appoint an administrator."""
    if (officer is None) == (office is None) or (office is not None and not name):
        raise click.UsageError("give --officer NUMBER, or --office with --name")
    with database().writing() as db:
        if officer is not None:
            add_account(db, None, officer, login, password, at=datetime.now(UTC))
        for chosen in (known for known in Office if known.value == office):
            add_administrator(db, chosen, name, login, password, at=datetime.now(UTC))


@account.command()
@click.argument("login")
@click.password_option()
def reset(login: str, password: str) -> None:
    """Set a new password and end all sessions."""
    with database().writing() as db:
        reset_password(db, None, login, password)


@account.command()
@click.argument("login")
def lock(login: str) -> None:
    """Shut an account."""
    with database().writing() as db:
        lock_account(db, None, login, at=datetime.now(UTC))


@account.command()
@click.argument("login")
def unlock(login: str) -> None:
    """Open an account again."""
    with database().writing() as db:
        unlock_account(db, None, login)


@account.command("clear-factor")
@click.argument("login")
def clear(login: str) -> None:
    """Drop a lost second factor and end all sessions."""
    with database().writing() as db:
        clear_factor(db, None, login)
