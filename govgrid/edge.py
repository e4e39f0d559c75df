"""The wire before the application: connections that are slow, endless or too many end here.

The server itself waits for ever for the end of a request's head, and holds any head in memory.
"""

import asyncio
import resource
from collections import Counter
from time import monotonic

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 15.0
GRACE, SLOWEST = 30.0, 4096  # seconds; then so many bytes of a body a second, on average
STALLED = 60.0  # seconds in which nothing of an answer is taken
MOST, MOST_OF_ONE = 1024, 256  # connections: of all, and of one address that is no proxy of ours
TICK = 1.0
FILES = 8192
_HOSTS: Counter[str] = Counter()


class Patient(HttpToolsProtocol):
    """HTTP/1.1 as the server speaks it, with an end to its patience."""

    def connection_made(  # type: ignore[override]  # as in the class above
        self, transport: asyncio.Transport
    ) -> None:
        """Count the newcomer; make room by the end of one that says nothing, or refuse it."""
        super().connection_made(transport)
        self._reading, self._bytes, self._since = True, 0, monotonic()
        self._paused_at: float | None = None
        self._timer = self.loop.call_later(TICK, self._look)
        self._host = self.client[0] if self.client else ""
        _HOSTS[self._host] += 1
        if self._crowd() > MOST_OF_ONE or (len(self.connections) > MOST and not self._room()):
            self._refuse(b"503 Service Unavailable")

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        self._timer.cancel()
        _HOSTS[self._host] -= 1
        if not _HOSTS[self._host]:
            del _HOSTS[self._host]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Measure what comes; a head that is too long is refused."""
        if self.transport.is_closing():
            return
        if self._idle() and not self._reading:
            self._reading, self._bytes, self._since = True, 0, monotonic()
        self._bytes += len(data)
        super().data_received(data)
        if self._reading and self._bytes > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """Wait for a head from now on."""
        super().on_message_begin()
        self._reading, self._since = True, monotonic()

    def on_headers_complete(self) -> None:
        """Wait for a body from now on."""
        super().on_headers_complete()
        self._reading, self._bytes, self._since = False, 0, monotonic()

    def pause_writing(self) -> None:
        """Note since when nothing of the answer is taken."""
        super().pause_writing()
        self._paused_at = monotonic()

    def resume_writing(self) -> None:
        """Note that it is."""
        super().resume_writing()
        self._paused_at = None

    def timeout_keep_alive_handler(self) -> None:
        """End the connection, whether or not its last bytes are ever taken."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(STALLED, self.transport.abort)

    def _idle(self) -> bool:
        """Tell whether no request is under way, but for the head of one."""
        return self.cycle is None or self.cycle.response_complete

    def _look(self) -> None:
        self._timer = self.loop.call_later(TICK, self._look)
        now = monotonic()
        waited = now - self._since
        if self._paused_at is not None and now - self._paused_at > STALLED:
            self.transport.abort()
        elif self._reading:
            if waited > HEAD_SECONDS:
                self._refuse(b"408 Request Timeout")
        elif self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            if self.flow.read_paused:
                self._since += TICK  # it is we who are slow
            elif waited > GRACE and self._bytes < (waited - GRACE) * SLOWEST:
                self.transport.abort()

    def _crowd(self) -> int:
        """Return how many connections come from this address; a proxy speaks for many."""
        allowed = self.config.forwarded_allow_ips or ""
        proxies = allowed.split(",") if isinstance(allowed, str) else allowed
        return 0 if self._host in proxies else _HOSTS[self._host]

    def _room(self) -> bool:
        """End the connection that has asked nothing for the longest; tell whether there is one."""
        others = [one for one in self.connections if isinstance(one, Patient) and one is not self]
        idle = [one for one in others if one._idle()]  # noqa: SLF001  # of the same class
        if idle:
            min(idle, key=lambda one: one._since).transport.abort()  # noqa: SLF001
        return bool(idle)

    def _refuse(self, status: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status
        )
        self.transport.close()
        self.loop.call_later(TICK, self.transport.abort)


def open_files() -> None:
    """Let this process hold as many connections as it takes, where the system allows it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, _soft), hard))
