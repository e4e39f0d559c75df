"""Kill the worker at a step of delivery, seen from the mail server, and count what arrived."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from time import monotonic, sleep
from typing import Protocol

from sqlalchemy import func, select, update

from govgrid.db import Database
from govgrid.outbox.actions import waiting
from govgrid.outbox.models import Letter
from tests.outbox import sink

LEASED = "leased"  # before any word with the server; the other steps are the server's
STEPS = (LEASED, *sink.STEPS)
# With these the letter was in the server's hands, and nobody had noted it.
DOUBTFUL = {"taken", "answered"}
LONGEST = 60.0  # seconds to wait for a worker


class Process(Protocol):
    """A worker in a process of its own."""

    def kill(self) -> object:
        """Send SIGKILL and wait."""


Start = Callable[[str], Process]


@dataclass
class Killing:
    """Workers that are killed one after the other; `start` begins one that sends to a server."""

    database: Database
    start: Start
    arrived: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    kills: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make everything due: workers in processes of their own live today."""
        with self.database.writing() as db:
            db.execute(update(Letter).values(not_before=_past()))

    def at(self, step: str, turn: int = 1) -> None:
        """Start a worker, kill it the `turn`th time that it comes to that step."""
        reached, over = threading.Event(), threading.Event()
        left = turn

        def told(now: str) -> None:
            nonlocal left
            if over.is_set() or step == LEASED:
                over.wait(LONGEST)
            elif now == step:
                left -= 1
                if left == 0:
                    reached.set()
                    # "answered": the worker goes on while the signal is on its way.
                    if step != "answered":
                        over.wait(LONGEST)

        with sink.serving(self.take, told) as place:
            process = self.start(place)
            if step == LEASED:
                self._until(self._leased)
            else:
                assert reached.wait(LONGEST), f"no worker came to {step} for the {turn}th time"
            process.kill()
            over.set()
        self.kills.append(step)
        self._let_leases_run_out()

    def finish(self) -> None:
        """Let a worker send what is left."""
        with sink.serving(self.take) as place:
            process = self.start(place)
            self._until(lambda: not self._waiting())
            process.kill()

    def lost(self) -> list[str]:
        """Return the Message-IDs of letters that never arrived."""
        with self.database.reading() as db:
            known = db.scalars(select(Letter.message_id).where(Letter.dead_at.is_(None)))
            return [name for name in known if f"<{name}>" not in self.arrived]

    def copies(self) -> int:
        """Return how many second copies arrived."""
        return sum(len(mails) - 1 for mails in self.arrived.values())

    def changed(self) -> list[str]:
        """Return the Message-IDs under which two different mails arrived."""
        return [name for name, mails in self.arrived.items() if len(set(mails)) > 1]

    def take(self, mail: bytes) -> None:
        """Keep what arrived, by Message-ID."""
        self.arrived[str(message_from_bytes(mail)["Message-ID"])].append(mail)

    def _until(self, reached: Callable[[], bool]) -> None:
        ends = monotonic() + LONGEST
        while not reached():
            assert monotonic() < ends, "the worker does not come that far"
            sleep(0.02)

    def _waiting(self) -> int:
        with self.database.reading() as db:
            return waiting(db)

    def _leased(self) -> bool:
        with self.database.reading() as db:
            asked = select(func.count()).where(Letter.leased_until > datetime.now(UTC))
            return bool(db.scalar(asked))

    def _let_leases_run_out(self) -> None:
        with self.database.writing() as db:
            held = Letter.leased_until.is_not(None)
            db.execute(update(Letter).where(held).values(leased_until=_past()))


def _past() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


@contextmanager
def all_gone(killing: Killing) -> Iterator[None]:
    """Kill within, then let everything leave and check that nothing is lost or told twice."""
    yield
    killing.finish()
    assert killing.lost() == []
    assert killing.changed() == []
    assert killing.copies() <= sum(step in DOUBTFUL for step in killing.kills)
