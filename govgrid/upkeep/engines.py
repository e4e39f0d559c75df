"""A database out into one file and back in, on each engine."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from govgrid.errors import Conflict, Invalid, Unavailable

LOCK_WAIT = 10  # seconds for others to leave the database before a restore gives up
_COPY = re.compile(rb"COPY .* FROM stdin;\n")
_PSQL_ONLY = (b"\\restrict ", b"\\unrestrict ")


def copy_sqlite(source: sqlite3.Connection, target: Path) -> None:
    """Write what the connection's transaction sees while others write; checked before it counts."""
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            source.backup(copy)  # all at once: in pieces it would begin anew after each write
            copy.execute("PRAGMA journal_mode=OFF")
            copy.execute("VACUUM")  # what was deleted still stood in free pages
    except sqlite3.Error as error:
        raise Unavailable("数据库无法复制：%(why)s", why=str(error)) from error
    check_sqlite(target)


def check_sqlite(path: Path) -> None:
    """Raise `Invalid` where the file is no sound SQLite database."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            said = opened.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise Invalid("数据库副本未通过完整性检查：%(why)s", why=said)


def dump_postgresql(text: str, target: Path, snapshot: str = "") -> None:
    """Write pg_dump's custom form, a snapshot of one moment, perhaps of another's."""
    plain = ("--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    seen = [f"--snapshot={snapshot}"] if snapshot else []
    _run(["pg_dump", *plain, *seen], make_url(text))


def load_postgresql(connection: psycopg.Connection[object], dump: Path) -> None:
    """Replace the connection's schema `public` by the dump's, inside its open transaction.

    pg_restore writes the script and this connection runs it, so that whoever kills us leaves the
    database as it was, and the caller may look before committing.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_WAIT}s"])
    try:
        connection.execute("DROP SCHEMA public CASCADE")
    except psycopg.errors.LockNotAvailable:
        raise Conflict("数据库正在使用中，请先停止 govgrid serve 和 worker。") from None
    connection.execute("CREATE SCHEMA public")
    command = [tool("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as restoring:  # noqa: S603
        assert restoring.stdout
        assert restoring.stderr
        _play(connection, restoring.stdout)
        said = restoring.stderr.read().decode(errors="replace")
    if restoring.returncode:
        raise Invalid("备份中的数据库无法读出：%(why)s", why=said.strip()[-500:])
    connection.execute("SET search_path TO public")


def _play(connection: psycopg.Connection[object], script: Iterable[bytes]) -> None:
    """Run a script of statements and COPY blocks, line by line, in bounded memory."""
    lines = iter(script)
    statements: list[bytes] = []
    for line in lines:
        if line.startswith(_PSQL_ONLY):
            continue
        statements.append(line)
        if not _COPY.fullmatch(line):
            continue
        copy = statements.pop()
        connection.execute(b"".join(statements))
        statements.clear()
        with connection.cursor() as cursor, cursor.copy(copy) as filling:
            for row in lines:
                if row == b"\\.\n":
                    break
                filling.write(row)
    connection.execute(b"".join(statements))


def _run(command: list[str], url: URL) -> None:
    """Run one of PostgreSQL's programs; the password never stands on its command line."""
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, "PGPASSWORD": url.password or ""}
    done = subprocess.run(  # noqa: S603
        [tool(command[0]), *command[1:], f"--dbname={plain}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unavailable(
            "%(program)s 失败：%(why)s", program=command[0], why=done.stderr.strip()[-500:]
        )


def tool(name: str) -> str:
    """Return the newest installed program of that name: an older one refuses a newer server."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    numbered = [path for path in versions if path.parts[-3].isdecimal()]
    if numbered:
        return str(max(numbered, key=lambda path: int(path.parts[-3])))
    return name
