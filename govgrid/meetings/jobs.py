"""The worker's step that plans a month: one waiting run under a lease, with signs of progress."""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.accounts.queries import actor_of
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, Refusal
from govgrid.exchange.refusals import told
from govgrid.grid.models import Area
from govgrid.meetings.actions.settings import prepare
from govgrid.meetings.models import UNDER_WAY, PlanLine, PlanRun, RunState
from govgrid.meetings.planning.crew import Crew
from govgrid.meetings.planning.instance import Base, Plan, Progress
from govgrid.meetings.planning.lines import Line, Problem, Treat, adjust_of
from govgrid.meetings.planning.outcome import placed
from govgrid.meetings.planning.problem import problem, streets
from govgrid.meetings.planning.solve import solve
from govgrid.meetings.queries.engaged import chunks
from govgrid.meetings.queries.lines import key_of, lines_of
from govgrid.meetings.remedies import Explained, explained
from govgrid.meetings.sharing import SharedCrew, help_along

LEASE = timedelta(seconds=60)
EVERY = 0.7  # seconds between two signs of progress
EXPLAINING = 20  # seconds to try ways out
KEPT = timedelta(days=100)  # plans in the making are forgotten after that
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """A leased run, apart from any session."""

    database: Database
    number: int
    account_id: int
    paths: list[str]
    month: date
    treat: Treat
    base_id: int | None
    seed: int
    seconds: int
    adjust: Mapping[str, Any]
    at: datetime
    begun: float = field(default_factory=time.monotonic)
    told_at: float = 0
    stopped: bool = False
    progress: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        """Return the moment by the worker's clock."""
        return self.at + timedelta(seconds=time.monotonic() - self.begun)

    def tell(self, progress: Progress) -> None:
        """Note how far the search has come."""
        self.progress = {**asdict(progress), "phase": "search"}

    def stop(self) -> bool:
        """Tell whether somebody wants the search to end; keep the lease, show the progress."""
        with self._lock:
            if time.monotonic() - self.told_at < EVERY:
                return self.stopped
            self.told_at = time.monotonic()
        self.sign()
        return self.stopped

    def sign(self) -> None:
        """Keep the lease and show the progress; learn whether to stop."""
        with self.database.writing() as db:
            db.execute(
                update(PlanRun)
                .where(PlanRun.id == self.number, PlanRun.state == RunState.RUNNING)
                .values(leased_until=self.now() + LEASE, progress=self.progress)
            )
            asked = db.scalar(
                select(PlanRun.stop_asked).where(
                    PlanRun.id == self.number, PlanRun.state == RunState.RUNNING
                )
            )
        self.stopped = asked is None or asked

    def crew(self, **crew: Any) -> Crew:
        """Return who searches: all workers where there can be several."""
        if self.database.sqlite:
            return Crew(**crew)
        return SharedCrew(self.database, self.number, self.now, **crew)

    def phase(self, name: str) -> None:
        """Show what is being done."""
        self.progress = {**self.progress, "phase": name}
        self.sign()


def plan_waiting(database: Database, at: datetime) -> int:
    """Work off one waiting run, or one whose worker is gone, or help with another's.

    Return how much was done.
    """
    with database.writing() as db:
        job = _lease(db, database, at)
    if job is None:
        return help_along(database, at) or _forget(database, at)
    try:
        _work(job)
    except Refusal as refusal:
        _fail(job, refusal)
    except Exception:  # noqa: BLE001  # told to whoever asked; the worker goes on
        _log.exception("run %s failed", job.number)
        _fail(job, Invalid("排会时系统出错，没有写入任何内容。请联系管理员。"))
    return 1


def _lease(db: Session, database: Database, at: datetime) -> Job | None:
    free = or_(PlanRun.leased_until.is_(None), PlanRun.leased_until < at)
    run = db.scalar(
        select(PlanRun)
        .where(PlanRun.finished_at.is_(None), PlanRun.state.in_(UNDER_WAY), free)
        .order_by(PlanRun.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if run is None:
        return None
    run.state, run.leased_until = RunState.RUNNING, at + LEASE
    treat = Treat.REPAIR if run.repair else Treat.AGAIN if run.again else Treat.KEEP
    return Job(
        database, run.id, run.account_id, run.paths, run.month, treat, run.base_id, run.seed,
        run.seconds, run.adjust, at,
    )  # fmt: skip


def _work(job: Job) -> None:
    job.phase("read")
    _prepare(job)
    adjust = {key: adjust_of(values) for key, values in job.adjust.items()}
    with job.database.reading() as db:
        asked = problem(db, job.paths, job.month, at=job.at, treat=job.treat, adjust=adjust)
        base = asked.base or _base(db, job, asked)
    plan = solve(
        asked.instance,
        seconds=job.seconds,
        seed=job.seed,
        base=base,
        progress=job.tell,
        stop=job.stop,
        crew_of=job.crew,
    )
    job.phase("explain")
    why = explained(asked, plan, seconds=EXPLAINING, base=base)
    job.phase("write")
    with job.database.writing() as db:
        _finish(db, job, asked, plan, why)


def _prepare(job: Job) -> None:
    """Register what meets by the settings and is no unit yet, and rooms where there is none."""
    for path in job.paths:
        with job.database.reading() as db:
            found = streets(db, path)
        for some in chunks(found):
            with job.database.writing() as db:
                actor = _actor(db, job)
                for street in some:
                    area = db.scalars(select(Area).where(Area.path == street)).one()
                    prepare(db, actor, area)


def _actor(db: Session, job: Job) -> Actor:
    found = actor_of(db, job.account_id, job.at)
    if found is None:
        raise Forbidden("发起排会的账号已停用，未排会。")
    return found


def _base(db: Session, job: Job, asked: Problem) -> Base | None:
    """Return where the lines of the run before stand; those kept by hand are as confirmed."""
    if job.base_id is None:
        return None
    open_ = asked.instance.meetings
    known = [
        (key, line)
        for line in db.scalars(lines_of(job.base_id))
        if line.start is not None and (key := key_of(line.unit)) in open_
    ]
    return Base(
        {key: asked.ground.minute(line.start) for key, line in known if line.start},
        frozenset(key for key, line in known if line.pinned),
    )


def _finish(
    db: Session, job: Job, asked: Problem, plan: Plan, why: Mapping[str, Explained]
) -> None:
    run = db.scalar(select(PlanRun).where(PlanRun.id == job.number).with_for_update())
    if run is None or run.state is not RunState.RUNNING:
        raise Conflict("这次排会已被放弃。")
    db.execute(delete(PlanLine).where(PlanLine.run_id == run.id))
    pinned = _pinned(db, job)
    rows = list(_rows(run.id, asked, plan, why, pinned))
    for some in chunks(rows):
        db.execute(insert(PlanLine), some)
    run.state, run.finished_at, run.leased_until = RunState.DONE, job.now(), None
    run.progress = {
        **job.progress,
        "phase": "done",
        "planned": sum(row["start"] is not None for row in rows),
        "unplanned": sum(row["start"] is None for row in rows),
        "objective": plan.objective,
        "bound": plan.bound,
        "cut": plan.cut,
    }


def _pinned(db: Session, job: Job) -> dict[int, datetime]:
    if job.base_id is None:
        return {}
    rows = db.execute(
        select(PlanLine.unit_id, PlanLine.start).where(
            PlanLine.run_id == job.base_id, PlanLine.pinned, PlanLine.start.is_not(None)
        )
    )
    return {unit: start for unit, start in rows if start is not None}


def _rows(
    run: int,
    asked: Problem,
    plan: Plan,
    why: Mapping[str, Explained],
    pinned: Mapping[int, datetime],
) -> Iterable[dict[str, Any]]:
    held = {one.line.key: one for one in placed(asked, plan.assign, plan.attend)}
    for key, line in sorted(asked.lines.items()):
        unit, room = line.meets.unit_id, line.room.id
        if unit is None or room is None:
            continue  # came after the units were registered: the next run has it
        one, said = held.get(key), why.get(key)
        yield {
            "run_id": run,
            "unit_id": unit,
            "start": one.start if one else None,
            "minutes_long": line.minutes,
            "venue_id": room,
            "fixed": line.fixed,
            "pinned": one is not None and pinned.get(unit) == one.start,
            "due": [[c.person.id, c.role.value, c.part.value] for c in line.called],
            "guests": [c.person.id for c in one.guests] if one else [],
            "before": line.previous,
            **_stood(line),
            "taken": None,
            "reasons": [told(text) for text in said.told] if said else [],
            "ways": list(said.ways) if said else [],
            "version": 1,
        }


def _stood(line: Line) -> dict[str, Any]:
    sitting = line.sitting
    return {
        "stood": sitting.start if sitting else None,
        "stood_venue_id": sitting.venue_id if sitting else None,
        "meeting_id": sitting.id if sitting else None,
    }


def _fail(job: Job, refusal: Refusal) -> None:
    with job.database.writing() as db:
        run = db.get(PlanRun, job.number)
        if run is None or run.state is not RunState.RUNNING:
            return
        run.state, run.failure = RunState.FAILED, told(refusal)
        run.finished_at, run.leased_until = job.now(), None


def _forget(database: Database, at: datetime) -> int:
    """Drop plans in the making that nobody needs any more."""
    old = select(PlanRun.id).where(PlanRun.asked_at < at - KEPT, PlanRun.finished_at.is_not(None))
    with database.writing() as db:
        ids = list(db.scalars(old.order_by(PlanRun.id).limit(20)))
        if ids:
            db.execute(update(PlanRun).where(PlanRun.base_id.in_(ids)).values(base_id=None))
            db.execute(delete(PlanLine).where(PlanLine.run_id.in_(ids)))
            db.execute(delete(PlanRun).where(PlanRun.id.in_(ids)))
    return len(ids)
