"""A step of the set-up and its stamp, commands that fail with a clear message, one at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".setup"
Command = Sequence[str | Path]


class Problem(Exception):
    """What stops the set-up and what to do about it, in one message."""


def say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def run(command: Command, given: str = "", **environment: str) -> None:
    """Run quietly, `given` on its input; raise Problem with what it printed when it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        line = " ".join(str(part) for part in command)
        raise Problem(f"this command failed ({done.returncode}): {line}\n{done.stdout.strip()}")


def succeeds(command: Command) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to make: `sources` are files and words it depends on, `results` what it leaves."""

    name: str
    doing: str
    sources: Sequence[Path | str]
    results: Sequence[Path]
    make: Callable[[], None]

    def bring_up(self) -> None:
        """Make it, unless its stamp holds the hash of today's sources and its results stand."""
        if self.is_done():
            return
        say(self.doing)
        self.stamp.unlink(missing_ok=True)
        self.make()
        self.stamp.write_text(self.key())

    def is_done(self) -> bool:
        return (
            self.stamp.exists()
            and self.stamp.read_text() == self.key()
            and all(result.exists() for result in self.results)
        )

    @property
    def stamp(self) -> Path:
        return STATE / f"{self.name}.stamp"

    def key(self) -> str:
        digest = hashlib.sha256()
        for source in self.sources:
            content = source.read_bytes() if isinstance(source, Path) else source.encode()
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()


@contextmanager
def alone() -> Iterator[None]:
    """Let one set-up at a time work on this checkout."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work in this folder: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
