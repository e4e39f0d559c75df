"""How often one sender may ask within a while: in this process, or in all of them together."""

import hashlib
import hmac
import ipaddress
import threading
from collections import OrderedDict, deque
from datetime import UTC, datetime, timedelta

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from govgrid.db import Base, Database, upsert
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


class LimitCount(Base):
    """How often one sender came within a window that ends at `until`.

    `mark` is a keyed digest of sender and window: nobody reads an address from it.
    """

    __tablename__ = "limit_counts"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)
    times: Mapped[int]


class SharedLimit:
    """Counts across all processes in windows on the clock; a flood is stopped in the process first.

    A sender may come `most` times at the end of one window and again in the next.
    """

    def __init__(self, most: int, window: timedelta, database: Database) -> None:
        self._own, self._database = Limit(most, window), database
        self._most, self._window = most, window

    def take(self, sender: str, at: datetime) -> None:
        """Count one time. Raise `TooMany`, which says when to come again, beyond the limit."""
        self._own.take(sender, at)
        until = at - (at - datetime.min.replace(tzinfo=UTC)) % self._window + self._window
        text = f"limit:{until.timestamp():.0f}:{sender}".encode()
        mark = hmac.new(self._database.settings.secret.encode(), text, hashlib.sha256).hexdigest()
        more = {"times": LimitCount.times + 1}
        with self._database.writing() as db:
            db.execute(delete(LimitCount).where(LimitCount.until <= at))
            times = db.scalars(
                upsert(db, LimitCount)
                .values(mark=mark, until=until, times=1)
                .on_conflict_do_update(index_elements=["mark"], set_=more)
                .returning(LimitCount.times)
            ).one()
        if times > self._most:
            refusal = TooMany("提交过于频繁，请稍后再试。")
            refusal.wait = max(1, int((until - at).total_seconds()))
            raise refusal


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
