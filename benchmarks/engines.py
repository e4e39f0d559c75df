"""Databases to measure on: a SQLite file and a PostgreSQL of our own, both with tuned defaults."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from govgrid import schema
from govgrid.db import Database
from govgrid.settings import Settings

SECRET = "a-secret-for-benchmarks-that-is-long-enough"
ENGINES = ("sqlite", "postgresql")


@contextmanager
def opened(engine: str) -> Iterator[Database]:
    """Yield an empty migrated database that is gone afterwards."""
    with TemporaryDirectory(prefix="govgrid-bench-") as folder, _url(engine, Path(folder)) as url:
        database = Database(Settings(database_url=url, secret=SECRET))
        schema.migrate(database)
        yield database
        database.close()


@contextmanager
def kept(engine: str, folder: Path) -> Iterator[Database]:
    """Yield the migrated database of a folder, which stays."""
    folder.mkdir(parents=True, exist_ok=True)
    with _url(engine, folder) as url:
        database = Database(Settings(database_url=url, secret=SECRET))
        schema.migrate(database)
        yield database
        database.close()


@contextmanager
def chosen() -> Iterator[Database]:
    """Yield the empty database of GOVGRID_DATABASE_URL, migrated; else a SQLite file for a while."""
    settings = replace(Settings.read(), secret=SECRET)
    if settings.database_url == Settings().database_url:
        with opened("sqlite") as database:
            yield database
        return
    database = Database(settings)
    schema.migrate(database)
    yield database
    database.close()


def analyze(database: Database) -> None:
    """Let the engine count its rows, as it does by itself in service."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def _url(engine: str, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'govgrid.db'}"
        return
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    run = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if run:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    data = folder / "data"

    def pg(*command: str) -> None:
        subprocess.run([*run, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    if not data.exists():
        pg(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "govgrid",
           "--no-sync", "-E", "UTF8", "--locale=C")  # fmt: skip
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_wal_size=4GB"
    control = (str(binaries / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w")
    pg(*control, "-o", options, "start")
    try:
        yield f"postgresql://govgrid@/postgres?host={folder}"
    finally:
        pg(*control, "-m", "fast", "stop")
