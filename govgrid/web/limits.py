"""How often one sender may ask within a while, counted in this process."""

import ipaddress
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from govgrid.errors import TooMany

SENDERS = 10_000


class Limit:
    """Lets a sender through `most` times within a window; who came longest ago is forgotten."""

    def __init__(self, most: int, window: timedelta) -> None:
        self._most, self._window = most, window
        self._came: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, sender: str, at: datetime) -> None:
        """Count one time. Raise `TooMany`, which says when to come again, beyond the limit."""
        with self._lock:
            came = self._came.setdefault(sender, deque())
            while came and at - came[0] >= self._window:
                came.popleft()
            if len(came) >= self._most:
                refusal = TooMany("提交过于频繁，请稍后再试。")
                first = came[0] if came else at
                refusal.wait = max(1, int((first + self._window - at).total_seconds()))
                raise refusal
            came.append(at)
            self._came.move_to_end(sender)
            if len(self._came) > SENDERS:
                self._came.popitem(last=False)


def sender(address: str) -> str:
    """Return what stands for whoever sits at an address: of IPv6 the /64, which is one household."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
