"""The revision of accounts: people signed in before it stay, administrators go on the way back."""

from datetime import datetime

from sqlalchemy import text

from govgrid import schema
from govgrid.db import Database
from tests.test_schema import empty

__all__ = ["empty"]
ROWS = (
    "INSERT INTO officers (id, code, name, version) VALUES (1, 'RY1', '周书记', 1)",
    (
        "INSERT INTO accounts (id, officer_id, login, password, created_at, failures)"
        " VALUES (1, 1, 'zhou', 'hash', :at, 0)"
    ),
    "INSERT INTO sign_ins (token_hash, account_id, started_at, seen_at) VALUES ('h', 1, :at, :at)",
)
LATER = (
    (
        "INSERT INTO accounts (id, office, name, login, created_at, failures)"
        " VALUES (2, 'audit', '审计', 'audit', :at, 0)"
    ),
    "INSERT INTO sign_ins (token_hash, account_id, started_at, seen_at) VALUES ('a', 2, :at, :at)",
    (
        "INSERT INTO invitations (token_hash, account_id, made_at, expires_at)"
        " VALUES ('i', 2, :at, :at)"
    ),
)


def run(database: Database, statements: tuple[str, ...], at: datetime) -> None:
    with database.writing() as db:
        for statement in statements:
            db.execute(text(statement), {"at": at} if ":at" in statement else {})


def test_rows_outlive_the_revision(empty: Database, at: datetime) -> None:
    schema.migrate(empty, "0003")
    run(empty, ROWS, at.replace(tzinfo=None) if empty.sqlite else at)
    schema.migrate(empty, "0004")
    run(empty, LATER, at.replace(tzinfo=None) if empty.sqlite else at)
    schema.roll_back(empty, "0003")
    with empty.reading() as db:
        assert db.execute(text("SELECT id, login FROM accounts")).all() == [(1, "zhou")]
        assert db.execute(text("SELECT token_hash FROM sign_ins")).all() == [("h",)]
