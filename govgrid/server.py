"""Runs the web with its worker inside, or a worker alone."""

import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from govgrid.accounts.rules import DemoSignIn
from govgrid.app import create_app, workers
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.press.press import Press
from govgrid.settings import Settings


def serve(
    settings: Settings,
    host: str,
    port: int,
    *,
    demo_sign_ins: Sequence[DemoSignIn] = (),
    demo_password: str = "",
) -> None:
    """Serve until stopped."""
    app = create_app(settings, demo_sign_ins=demo_sign_ins, demo_password=demo_password)
    uvicorn.run(app, host=host, port=port, **_manner(settings))


def serve_in_processes(settings: Settings, host: str, port: int, count: int) -> None:
    """Serve in several processes until stopped. Raise `Invalid` on SQLite, which one may write."""
    if settings.database_url.startswith("sqlite"):
        raise Invalid("SQLite 数据库只能由一个进程写入：请改用 PostgreSQL，或不使用 --workers。")
    uvicorn.run(
        "govgrid.server:production",
        factory=True,
        workers=count,
        host=host,
        port=port,
        **_manner(settings),
    )


def _manner(settings: Settings) -> dict[str, Any]:
    return {
        "log_level": "warning",
        "forwarded_allow_ips": settings.trusted_proxies,
        "proxy_headers": bool(settings.trusted_proxies),
        "server_header": False,
    }


def production() -> ASGIApp:
    """Return the application of one of several processes, set by the environment."""
    return create_app(Settings.read().for_production())


def work(settings: Settings) -> None:
    """Work until stopped."""
    database = Database(settings)

    def now() -> datetime:
        return datetime.now(UTC) + settings.ahead

    with Press.open(settings.vendor, settings.house_fonts) as press:
        first, *others = workers(database, now, press)
        signal.signal(signal.SIGTERM, lambda *_: first.stop())
        for worker in others:
            worker.start()
        first.run()
        for worker in others:
            worker.stop()
    database.close()
