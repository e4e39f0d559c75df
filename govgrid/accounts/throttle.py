"""How often one address may fail to sign in, whatever the login."""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from govgrid.errors import Invalid, TooMany

FAILURES = 30  # a whole office shares one address
WINDOW = timedelta(minutes=15)
ADDRESSES = 10_000


class Throttle:
    """Counts failures by address in this process; the address seen longest ago is forgotten."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def watching(self, address: str, at: datetime) -> Iterator[None]:
        """Count an `Invalid` raised inside. Raise `TooMany` where the address failed too often."""
        if len(self._recent(address, at)) >= FAILURES:
            raise TooMany("同一网络地址登录失败次数过多，请在 15 分钟后再试，或联系管理员。")
        try:
            yield
        except Invalid:
            self._count(address, at)
            raise

    def _recent(self, address: str, at: datetime) -> list[datetime]:
        with self._lock:
            return [m for m in self._failures.get(address, ()) if at - m < WINDOW]

    def _count(self, address: str, at: datetime) -> None:
        with self._lock:
            self._failures.setdefault(address, deque(maxlen=FAILURES)).append(at)
            self._failures.move_to_end(address)
            if len(self._failures) > ADDRESSES:
                self._failures.popitem(last=False)
