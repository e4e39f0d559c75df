"""Runs the web with its worker inside, or a worker alone."""

import signal
from collections.abc import Sequence
from datetime import UTC, datetime

import uvicorn

from govgrid.accounts.rules import DemoSignIn
from govgrid.app import create_app, workers
from govgrid.db import Database
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
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        forwarded_allow_ips=settings.trusted_proxies,
        proxy_headers=bool(settings.trusted_proxies),
        server_header=False,
    )


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
