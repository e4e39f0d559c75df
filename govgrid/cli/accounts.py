"""`account`: add, reset, lock."""

from datetime import UTC, datetime

import click

from govgrid.accounts.actions import add_account, lock_account, reset_password
from govgrid.cli.given import database


@click.group()
def account() -> None:
    """Add, reset and lock accounts."""


@account.command()
@click.argument("login")
@click.option("--officer", required=True, help="Number of the officer.")
@click.password_option()
def add(login: str, officer: str, password: str) -> None:
    """Give an officer a way in."""
    with database().writing() as db:
        add_account(db, None, officer, login, password, at=datetime.now(UTC))


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
