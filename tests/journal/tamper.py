"""Reach past the guards, as somebody with the database's own password would."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from govgrid.db import Database


@contextmanager
def unguarded(database: Database) -> Iterator[Connection]:
    """Yield a connection on which the journal can be changed."""
    writing = database.engine.execution_options(govgrid_writing=True)
    with writing.begin() as connection:
        if database.sqlite:
            names = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _sql in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
            yield connection
            for _name, sql in names:
                connection.exec_driver_sql(sql)
        else:
            for table in ("journal", "journal_cuts"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            yield connection
            for table in ("journal", "journal_cuts"):
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
