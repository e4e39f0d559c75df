"""Runs the web with its worker inside, or a worker alone."""

import gc
import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from govgrid import edge, logs, metrics
from govgrid.accounts.rules import DemoSignIn
from govgrid.app import create_app, workers
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.outbox.worker import stop_all
from govgrid.press.press import Press
from govgrid.settings import Settings

GRACE = 30  # seconds for requests under way when a server is stopped


def serve(
    settings: Settings,
    host: str,
    port: int,
    *,
    demo_sign_ins: Sequence[DemoSignIn] = (),
    demo_password: str = "",
) -> None:
    """Serve until stopped."""
    app = create_app(
        settings,
        work=not settings.web_only,
        demo_sign_ins=demo_sign_ins,
        demo_password=demo_password,
    )
    settle()
    uvicorn.run(app, host=host, port=port, **_manner(settings))


def serve_in_processes(settings: Settings, host: str, port: int, count: int) -> None:
    """Serve in several processes until stopped. Raise `Invalid` on SQLite, which one may write."""
    if settings.database_url.startswith("sqlite"):
        raise Invalid("SQLite 数据库只能由一个进程写入：请改用 PostgreSQL，或不使用 --workers。")
    with TemporaryDirectory(prefix="govgrid-metrics-") as folder:
        os.environ[metrics.FOLDER] = folder  # read by the processes that start now
        uvicorn.run(
            "govgrid.server:production",
            factory=True,
            workers=count,
            host=host,
            port=port,
            **_manner(settings),
        )


def _manner(settings: Settings) -> dict[str, Any]:
    edge.open_files()
    return {
        "http": edge.Patient,
        "log_level": "warning",
        "log_config": None,  # as `logs` has set it up
        "timeout_graceful_shutdown": GRACE,
        "forwarded_allow_ips": settings.trusted_proxies,
        "proxy_headers": bool(settings.trusted_proxies),
        "server_header": False,
    }


def production() -> ASGIApp:
    """Return the application of one of several processes, set by the environment."""
    settings = Settings.read().for_production()
    logs.set_up(settings.log)
    app = create_app(settings, work=not settings.web_only)
    settle()
    return app


def settle() -> None:
    """Keep what has been loaded out of the collector's sight: none of it becomes garbage.

    It would go through those 300,000 objects again and again, in the middle of a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def work(settings: Settings) -> None:
    """Work until stopped."""
    database = Database(settings)

    def now() -> datetime:
        return datetime.now(UTC) + settings.ahead

    with Press.open(settings.vendor, settings.house_fonts) as press:
        at_work = workers(database, now, press)
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
        for worker in at_work:
            worker.start()
        while not told:  # an Event's lock may be held by the very thread that the signal stops
            time.sleep(0.5)
        stop_all(at_work)
    database.close()
