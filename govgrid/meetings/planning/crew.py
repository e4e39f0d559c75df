"""Searches parts side by side: in processes of their own, or right here when there is little."""

import logging
import math
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Self

from govgrid.meetings.planning.parts import Better, Found, Part

if TYPE_CHECKING:
    from govgrid.meetings.planning.search import Search

log = logging.getLogger(__name__)
POLL = 0.05  # seconds between two looks at the clock and at `stop`
GRACE = 0.5  # seconds that a search may take to end after it was told to
COMMAND = [sys.executable, "-m", "govgrid.meetings.planning.child"]
Stop = Callable[[], bool]
Tell = Callable[[int, Found], None]
"""Is told the part's number, and a better plan of it or the last one."""


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0))


class Here:
    """Searches in this process."""

    def __init__(self) -> None:
        self._search: Search | None = None
        self._stopped = False

    def run(self, part: Part, better: Better) -> Found | None:
        # CP-SAT takes a second to load and 100 MB: no process has it but those that search
        from govgrid.meetings.planning.search import Search  # noqa: PLC0415

        self._search = search = Search(part, better)
        if self._stopped:
            search.stop()
        return search.run()

    def stop(self) -> None:
        self._stopped = True
        if search := self._search:
            search.stop()

    def close(self) -> None:
        self.stop()


class Child:
    """Searches in a child process, which is started when first needed and killed to stop it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self, part: Part, better: Better) -> Found | None:
        """Return the last plan, None if there was none; a child that dies is told in the log."""
        best: Found | None = None
        answer: tuple[Found, bool]
        process = self._started()
        assert process.stdin
        assert process.stdout
        try:
            pickle.dump(part, process.stdin)
            process.stdin.flush()
            while True:
                answer = pickle.load(process.stdout)  # noqa: S301 - from our own child
                found, last = answer
                if last:
                    return found
                best = found
                better(found)
        except (EOFError, OSError, pickle.UnpicklingError):
            if not self._stopped:
                log.warning("A planning process ended early (%s).", process.wait())
            self.close()
        return best

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # an interrupt at the terminal is the parent's to handle
            )
        return self._process

    def stop(self) -> None:
        self._stopped = True
        if process := self._process:
            process.kill()

    def close(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()


class Crew:
    """A few workers; `search` gives them parts until all are done, or `stop` or the end comes."""

    def __init__(self, *, processes: int, until: float, stop: Stop) -> None:
        """`until` is a moment of the monotonic clock; no process means to search right here."""
        self._workers: Sequence[Here | Child] = [Child() for _ in range(processes)] or [Here()]
        self._until = until
        self._stop = stop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    @property
    def size(self) -> int:
        return len(self._workers)

    def left(self) -> float:
        """Return the seconds until the end."""
        return max(0.0, self._until - monotonic())

    def expired(self) -> bool:
        return monotonic() >= self._until

    def over(self) -> bool:
        return self.expired() or self._stop()

    def search(self, parts: Sequence[Part], tell: Tell) -> list[Found | None]:
        """Return what was found for each part; what the end cut short is not `done`."""
        found: list[Found | None] = [None] * len(parts)
        if parts and not self.over():
            errand = _Errand(self._until)
            errand.waiting = self._pile(parts, errand.tell)
            for worker in self._workers[: len(parts)]:
                errand.begin(worker)
            for index, better in self._answers(errand):
                found[index] = better
                tell(index, better)
        return found

    def _pile(self, parts: Sequence[Part], tell: Tell) -> Iterator[tuple[int, Part]]:  # noqa: ARG002
        """Yield what the workers of this crew are to search; `tell` hears what others found."""
        return iter(list(enumerate(parts)))

    def _answers(self, errand: "_Errand") -> Iterator[tuple[int, Found]]:
        give_up = math.inf
        while errand.working and monotonic() < give_up:
            with suppress(queue.Empty):
                yield from errand.next_answer()
            if give_up == math.inf and self.over():
                give_up = monotonic() + GRACE
                errand.closed.set()
                for worker in self._workers:
                    worker.stop()


class _Errand:
    """Parts that threads hand to their workers, one after the other."""

    waiting: Iterator[tuple[int, Part]]

    def __init__(self, until: float) -> None:
        self.closed = threading.Event()
        self.working = 0
        self._until = until
        self._lock = threading.Lock()
        self._told: queue.SimpleQueue[tuple[int, Found] | BaseException | None]
        self._told = queue.SimpleQueue()

    def begin(self, worker: Here | Child) -> None:
        self.working += 1
        threading.Thread(target=self._work, args=(worker,), daemon=True).start()

    def next_answer(self) -> Iterator[tuple[int, Found]]:
        """Yield an answer, or nothing when a worker is through. Raise what broke a worker."""
        told = self._told.get(timeout=POLL)
        if isinstance(told, BaseException):
            raise told
        if told is None:
            self.working -= 1
        else:
            yield told

    def _work(self, worker: Here | Child) -> None:
        try:
            while (given := self._next()) and not self.closed.is_set():
                index, part = given
                left = min(part.limits.seconds, self._until - monotonic())
                part = replace(part, limits=replace(part.limits, seconds=max(0, left)))
                if last := worker.run(part, partial(self.tell, index)):
                    self.tell(index, last)
        except BaseException as error:  # noqa: BLE001 - raised again where the answers are read
            self._told.put(error)
        finally:
            self._told.put(None)

    def tell(self, index: int, found: Found) -> None:
        """Hand on what was found, from any thread."""
        self._told.put((index, found))

    def _next(self) -> tuple[int, Part] | None:
        with self._lock:
            return next(self.waiting, None)
