"""How a command ends that somebody interrupts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130  # as shells have it: 128 and the number of the signal


@contextmanager
def interruptible() -> Iterator[None]:
    """End the process with one line on stderr where the work inside is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("已中断。\n")
        sys.exit(INTERRUPTED)
