"""`govgrid demo`: build the city once, print the ways in, serve it with the worker inside."""

import socket
import sys
import threading
import time
import webbrowser
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url

from govgrid import schema, server
from govgrid.db import Database
from govgrid.demo.build import PASSWORD, build, sign_ins
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.settings import DEMO_SECRET, Settings
from govgrid.web.language import HERE

VAR = Path("var")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def demo(
    today: date | None, host: str, port: int, *, fresh: bool, browser: bool, serve: bool
) -> None:
    """Build where nothing is built yet, then serve. Raise `Forbidden` on a public address."""
    if host not in LOOPBACK:
        raise Forbidden("演示环境只能在本机打开（127.0.0.1），不能用于公开地址。")
    now = datetime.now(UTC).astimezone(HERE).date()
    address = f"http://{host}:{port}"
    settings = replace(
        Settings.read(),
        secret=DEMO_SECRET,
        public_url=address,
        smtp_url=f"file:{VAR / 'mail'}",
        archive=VAR / "archive",
        demo=True,
        ahead=(today - now) if today else timedelta(),
    )
    built = _built(settings, today or now, fresh=fresh)
    if not serve:
        return
    _refuse_taken(host, port)
    known = sign_ins(built)
    say(f"\n演示城市：{address}\n演示密码：{PASSWORD}")
    for way in known:
        say(f"  {way.login:<8} {way.role} {way.name}")
    if browser:
        threading.Thread(target=_open, args=(address,), daemon=True).start()
    server.serve(settings, host, port, demo_sign_ins=known, demo_password=PASSWORD)


def _built(settings: Settings, today: date, *, fresh: bool) -> date:
    """Return the day for which the city stands; build it where it does not.

    A kill leaves only the file beside: the city is renamed into place when it is whole.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Invalid("演示城市目前建在 SQLite 上，请取消 GOVGRID_DATABASE_URL 后重试。")
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = path.with_suffix(".day")
    if path.exists() and mark.exists() and not fresh:
        return date.fromisoformat(mark.read_text(encoding="ascii").strip())
    _remove(path)
    beside = path.with_suffix(".building")
    _remove(beside)
    database = Database(replace(settings, database_url=f"sqlite:///{beside}"))
    begun = time.monotonic()
    schema.migrate(database)
    build(database, today, progress)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.rollback()
    database.close()
    beside.rename(path)
    mark.write_text(today.isoformat(), encoding="ascii")
    say(f"\r演示城市已建成，用时 {time.monotonic() - begun:.0f} 秒。{' ' * 30}")
    return today


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def progress(word: str, share: float) -> None:
    """Show how far the building is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{share:4.0%} {word}{' ' * 20}")
    else:
        sys.stderr.write(f"{share:4.0%} {word}\n")
    sys.stderr.flush()


def say(text: str) -> None:
    """Write a line to the terminal."""
    sys.stderr.write(text + "\n")


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host if host != "localhost" else "127.0.0.1", port))
        except OSError:
            raise Conflict(
                "端口 %(port)s 已被占用，请用 --port 指定其他端口。", port=port
            ) from None


def _open(address: str) -> None:
    time.sleep(1.5)
    webbrowser.open(address)
