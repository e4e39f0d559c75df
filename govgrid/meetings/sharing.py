"""A month's parts spread over all workers: each takes streets under a lease, one puts them together.

The worker that leads the run plans as it would alone, in the same order and with the same work for
each part, so the plan is the same however many help; it alone settles who sits in several streets.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.meetings.models import PlanPart
from govgrid.meetings.planning.crew import Crew, Tell, cores
from govgrid.meetings.planning.parcel import found_of, part_of, wrapped
from govgrid.meetings.planning.parts import Found, Part

LEASE = timedelta(seconds=20)
SIGN = 5.0  # seconds between two signs of a helper
LOOK = 0.3  # seconds between two looks for what others found
TRIES = 3  # a part that ended so many processes is left without a plan of its own
Now = Callable[[], datetime]


class SharedCrew(Crew):
    """A crew whose parts lie on the table for every worker."""

    def __init__(self, database: Database, run: int, now: Now, **crew: Any) -> None:
        super().__init__(**crew)
        self._database, self._run, self._now = database, run, now
        self._ids: list[int] = []
        self._mine: set[int] = set()

    def search(self, parts: Sequence[Part], tell: Tell) -> list[Found | None]:
        if len(parts) <= self.size:
            return super().search(parts, tell)

        def hear(index: int, better: Found) -> None:
            if better.done and index in self._mine:
                with self._database.writing() as db:
                    _keep(db, self._ids[index], better)
            tell(index, better)

        try:
            return super().search(parts, hear)
        finally:
            with self._database.writing() as db:
                db.execute(delete(PlanPart).where(PlanPart.run_id == self._run))

    def _pile(self, parts: Sequence[Part], tell: Tell) -> Iterator[tuple[int, Part]]:
        if len(parts) <= self.size:
            yield from super()._pile(parts, tell)
            return
        self._mine = set()
        with self._database.writing() as db:
            self._ids = lay_out(db, self._run, parts)
        yield from self._shared(parts, tell)

    def _shared(self, parts: Sequence[Part], tell: Tell) -> Iterator[tuple[int, Part]]:
        index_of = {id_: index for index, id_ in enumerate(self._ids)}
        missing = set(index_of.values())
        while not self.over():
            with self._database.writing() as db:
                taken = take(db, self._now(), 1, self._run)
            for one in taken:
                index = index_of[one.id]
                self._mine.add(index)
                yield index, parts[index]
            if taken:
                continue
            for index, found in self._heard(index_of, missing - self._mine):
                missing.discard(index)
                tell(index, found)
            if not missing - self._mine:
                return
            time.sleep(LOOK)

    def _heard(self, index_of: dict[int, int], of: set[int]) -> list[tuple[int, Found]]:
        """Return what others found since; a part that failed everywhere counts as looked at."""
        ids = [self._ids[index] for index in of]
        with self._database.reading() as db:
            rows = db.execute(
                select(PlanPart.id, PlanPart.found).where(
                    PlanPart.id.in_(ids), PlanPart.found.is_not(None)
                )
            ).all()
            lost = db.scalars(
                select(PlanPart.id).where(
                    PlanPart.id.in_(ids), PlanPart.found.is_(None), PlanPart.tries >= TRIES,
                    PlanPart.leased_until < self._now(),
                )
            ).all()  # fmt: skip
        of -= {index_of[id_] for id_ in lost}
        self._mine |= {index_of[id_] for id_ in lost}
        return [(index_of[id_], found_of(text)) for id_, text in rows if text]


@dataclass(frozen=True, slots=True)
class Taken:
    """A part under a lease."""

    id: int
    text: str


def lay_out(db: Session, run: int, parts: Sequence[Part]) -> list[int]:
    """Put the parts where every worker finds them, instead of those of before; return their ids."""
    db.execute(delete(PlanPart).where(PlanPart.run_id == run))
    rows = [
        {"run_id": run, "number": number, "part": wrapped(part), "tries": 0}
        for number, part in enumerate(parts)
    ]
    db.execute(insert(PlanPart), rows)
    ids = select(PlanPart.id).where(PlanPart.run_id == run).order_by(PlanPart.number)
    return list(db.scalars(ids))


def take(db: Session, at: datetime, most: int, run: int | None = None) -> list[Taken]:
    """Lease parts that nobody searches, or whose worker is gone; largest first, as laid out."""
    free = or_(PlanPart.leased_until.is_(None), PlanPart.leased_until < at)
    wanted = select(PlanPart).where(PlanPart.found.is_(None), PlanPart.tries < TRIES, free)
    if run is not None:
        wanted = wanted.where(PlanPart.run_id == run)
    rows = db.scalars(
        wanted.order_by(PlanPart.run_id, PlanPart.number)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    # The leader needs no sign of life: when it goes, the whole run is laid out anew.
    until = at + (LEASE if run is None else timedelta(days=1))
    for row in rows:
        row.leased_until, row.tries = until, row.tries + 1
    return [Taken(row.id, row.part) for row in rows]


def _keep(db: Session, id_: int, found: Found) -> None:
    db.execute(
        update(PlanPart)
        .where(PlanPart.id == id_, PlanPart.found.is_(None))
        .values(found=wrapped(found), leased_until=None)
    )


def help_along(database: Database, at: datetime) -> int:
    """Search some parts of a run that another worker leads; return how many."""
    if database.sqlite:
        return 0
    with database.writing() as db:
        taken = take(db, at, cores())
    if taken:
        _Help(database, at, taken).run()
    return len(taken)


@dataclass(slots=True)
class _Help:
    """Parts of another worker's run, searched here; ends when nobody waits for them any more."""

    database: Database
    at: datetime
    taken: Sequence[Taken]
    begun: float = field(default_factory=time.monotonic)
    signed: float = 0
    unwanted: bool = False

    def run(self) -> None:
        parts = [part_of(one.text) for one in self.taken]
        until = self.begun + max(part.limits.seconds for part in parts)
        with Crew(processes=len(parts), until=until, stop=self._stop) as crew:
            crew.search(parts, self._hear)

    def _hear(self, index: int, better: Found) -> None:
        if better.done:
            with self.database.writing() as db:
                _keep(db, self.taken[index].id, better)

    def _stop(self) -> bool:
        if time.monotonic() - self.signed < SIGN:
            return self.unwanted
        self.signed = time.monotonic()
        now = self.at + timedelta(seconds=self.signed - self.begun)
        ids = [one.id for one in self.taken]
        with self.database.writing() as db:
            kept = db.scalars(
                update(PlanPart)
                .where(PlanPart.id.in_(ids))
                .values(leased_until=now + LEASE)
                .returning(PlanPart.id)
            ).all()
        self.unwanted = not kept
        return self.unwanted
