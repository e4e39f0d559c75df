"""A process that searches parts: pickled parts come in, each better plan and the last go out."""

import os
import pickle
import queue
import signal
import sys
import threading
from typing import BinaryIO

from govgrid.meetings.planning.parts import Found, Part
from govgrid.meetings.planning.search import Search


def main() -> None:
    """Serve until the parent closes the pipe, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parts: queue.SimpleQueue[Part] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, parts), daemon=True).start()
    while True:
        found = Search(parts.get(), lambda better: _say(better, last=False)).run()
        _say(found, last=True)


def _listen(pipe: BinaryIO, parts: "queue.SimpleQueue[Part]") -> None:
    """End the process at once when nobody waits for its answer any more."""
    while True:
        try:
            parts.put(pickle.load(pipe))  # noqa: S301 - from our own parent
        except EOFError:
            os._exit(0)


def _say(found: Found, *, last: bool) -> None:
    pickle.dump((found, last), sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
