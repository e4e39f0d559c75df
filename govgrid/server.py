"""Runs the web with its worker inside, or a worker alone."""

import signal
from collections.abc import Sequence
from datetime import UTC, datetime

import uvicorn

from govgrid.accounts.rules import DemoSignIn
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.exchange.jobs import work_off
from govgrid.kinds import KINDS
from govgrid.meetings.papers.press import Press
from govgrid.meetings.papers.store import print_waiting
from govgrid.outbox.actions import deliver
from govgrid.outbox.worker import Worker
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
    with Press.open(settings.vendor, settings.house_fonts) as press:
        worker = Worker(
            database,
            lambda: datetime.now(UTC) + settings.ahead,
            [deliver, print_waiting(press), work_off(KINDS)],
        )
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.run()
    database.close()
