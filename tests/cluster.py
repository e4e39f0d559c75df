"""A PostgreSQL of our own from the system's binaries, for tests and measurements."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg

OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c max_connections=60 -c autovacuum=off"
)


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster that ends with the block; yield its socket folder. The user is `govgrid`."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    roots = [root for root in ("/dev/shm", "/tmp") if os.access(root, os.W_OK)]
    home = Path(mkdtemp(prefix="govgrid-pg-", dir=roots[0]))
    run = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if run:
        os.chown(home, pwd.getpwnam("postgres").pw_uid, -1)
    data, log = str(home / "data"), str(home / "log")

    def pg(*command: str) -> None:
        subprocess.run([*run, *command], check=True, cwd=home, stdout=subprocess.DEVNULL)

    pg(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "govgrid", "--no-sync",
       "-E", "UTF8", "--locale=C")  # fmt: skip
    control = str(binaries / "pg_ctl")
    pg(control, "-D", data, "-l", log, "-w", "-o", f"-k {home} {OPTIONS}", "start")
    try:
        yield str(home)
    finally:
        pg(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


_numbers = count(1)
# Changes with every table, column, trigger, function and constraint that comes or goes.
_CATALOGUE = """
SELECT (SELECT count(*) || ' ' || max(oid) FROM pg_class),
       (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped),
       (SELECT count(*) || ' ' || max(oid) FROM pg_trigger),
       (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_proc),
       (SELECT count(*) || ' ' || max(oid) FROM pg_constraint)
"""
_ROWS = """
SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public' AND relname <> 'alembic_version'
"""
_REVISION = "SELECT version_num FROM alembic_version"
_AT_WORK = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
_RESTART = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""


def url(home: str, name: str) -> str:
    """Return the address of a database in the cluster."""
    return f"postgresql://govgrid@/{name}?host={home}"


def connect(home: str, name: str = "postgres") -> psycopg.Connection:
    """Return a connection of the owner's, outside any transaction."""
    return psycopg.connect(host=home, user="govgrid", dbname=name, autocommit=True)


def make_database(home: str, template: str = "template1") -> str:
    """Make a database; return its name, used once."""
    name = f"d{os.getpid()}_{next(_numbers)}"
    with connect(home) as c:
        c.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def lift_guards(c: psycopg.Connection) -> None:
    """Let this connection write past triggers and foreign keys: the journal lets nothing go."""
    c.execute("SET session_replication_role = replica")


def tables(c: psycopg.Connection) -> list[str]:
    """Return the tables of the schema, without the one that names its revision."""
    return [row[0] for row in c.execute(_ROWS)]


def empty(c: psycopg.Connection) -> None:
    """Delete every row, and count from one again."""
    c.execute(";".join(f'DELETE FROM "{name}"' for name in tables(c)))
    c.execute(_RESTART)


class Reused:
    """One database for test after test: making one costs a hundred times as much as emptying it."""

    def __init__(self, home: str, template: str) -> None:
        self.home, self.template = home, template
        self.kept: psycopg.Connection | None = None
        self.make()

    def make(self) -> None:
        self.name = make_database(self.home, self.template)
        self.schema = _schema(self.connected())

    def connected(self) -> psycopg.Connection:
        """Return the kept connection: what a new one must learn first costs ten times the work."""
        if self.kept is None or self.kept.closed:
            self.kept = connect(self.home, self.name)
            lift_guards(self.kept)
        return self.kept

    def leave(self) -> None:
        """Close the kept connection."""
        if self.kept is not None:
            self.kept.close()

    def clear(self) -> None:
        """Empty every table and count from one again; a changed schema means a new database."""
        if self._emptied():
            return
        self.leave()
        with connect(self.home) as c:
            c.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        self.make()

    def _emptied(self) -> bool:
        try:
            c = self.connected()
            c.execute(_AT_WORK)
            if _schema(c) != self.schema:
                return False
            empty(c)
        except psycopg.OperationalError:  # a test dropped the database, or our connection to it
            return False
        return True


def _schema(c: psycopg.Connection) -> tuple[object, ...]:
    known = c.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,)
    revision = c.execute(_REVISION).fetchall() if known else []
    return (c.execute(_CATALOGUE).fetchone(), revision)
