"""A browser of the tests, whose requests share one event loop."""

import atexit
from contextlib import ExitStack
from functools import cache
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.testclient import TestClient


@cache
def _portal() -> BlockingPortal:
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(start_blocking_portal())


class Client(TestClient):
    """Asks the application; a loop and a thread for each request would cost as much as the page."""

    def __init__(self, app: Any, **how: Any) -> None:
        super().__init__(app, **how)
        self.portal = _portal()
