"""Works through what waits: inside the server by default, or as `govgrid worker`."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from govgrid.db import Database

HOUR = timedelta(hours=1)
Step = Callable[[Database, datetime], int]
GRACE = 30.0  # seconds for the steps under way, together
_log = logging.getLogger(__name__)


def hourly(step: Step) -> Step:
    """Return the step taken once an hour, and again at once while it finds work."""
    due: datetime | None = None

    def take(database: Database, at: datetime) -> int:
        nonlocal due
        if due is not None and due - HOUR < at < due:
            return 0
        done = step(database, at)
        due = None if done else at + HOUR
        return done

    return take


class Worker:
    """A thread that repeats its steps: at once while there is work, else every `pause` seconds."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        steps: Sequence[Step],
        pause: float = 1.0,
    ) -> None:
        self._database, self._now, self._steps, self._pause = database, now, steps, pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)

    def start(self) -> None:
        """Start in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._stopping.set()

    def ended(self, seconds: float) -> bool:
        """Wait for the end at most so long; tell whether it came."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            if not self.once():
                self._stopping.wait(self._pause)

    def once(self) -> int:
        """Take every step once; return how much was done."""
        return sum(self._take(step) for step in self._steps)

    def _take(self, step: Step) -> int:
        try:
            return step(self._database, self._now())
        except Exception:  # noqa: BLE001  # a failing step must not end the worker
            _log.exception("step %s failed", getattr(step, "__name__", step))
            return 0


def stop_all(workers: Sequence[Worker]) -> None:
    """Let each finish its step; what takes longer is taken up elsewhere when its lease ends."""
    for worker in workers:
        worker.stop()
    until = time.monotonic() + GRACE
    for worker in workers:
        if not worker.ended(max(0.0, until - time.monotonic())):
            _log.warning("a step under way is left to the next worker")
