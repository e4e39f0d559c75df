"""The worker's step that searches packages: one waiting run under a lease, with signs of progress."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from govgrid.db import Database
from govgrid.oldcompounds.takeover.models import Package, PackageMember, PackageRun, RunState
from govgrid.oldcompounds.takeover.queries import Ground, ground_of
from govgrid.oldcompounds.takeover.rules import score
from govgrid.words import N_
from govgrid.workdays import local_day

SPARE = timedelta(seconds=120)  # beyond the search's own time before another worker takes it
EVERY = 0.7  # seconds between two signs of progress
_log = logging.getLogger(__name__)


def search_packages(database: Database, at: datetime) -> int:
    """Work off one waiting run, or one whose worker is gone; return how many."""
    with database.writing() as db:
        run = _lease(db, at)
        if run is None:
            return 0
        number, seconds, seed = run.id, run.seconds, run.seed
        ground = ground_of(db, run, local_day(at))
    # Loaded here: OR-Tools takes a second and 60 MB, which only who searches should pay.
    from govgrid.oldcompounds.takeover.search import Found, propose  # noqa: PLC0415

    begun = time.monotonic()
    try:
        found: Found = propose(
            ground.problem, seconds=seconds, seed=seed, tell=_telling(database, number)
        )
    except Exception:  # noqa: BLE001  # told to whoever asked; the worker goes on
        _log.exception("package run %s failed", number)
        with database.writing() as db:
            _fail(db, number, at)
        return 1
    spent = time.monotonic() - begun
    with database.writing() as db:
        _finish(db, number, ground, found.packages, found.bound, at + timedelta(seconds=spent))
    return 1


def _lease(db: Session, at: datetime) -> PackageRun | None:
    free = or_(PackageRun.leased_until.is_(None), PackageRun.leased_until < at)
    run = db.scalar(
        select(PackageRun)
        .where(PackageRun.finished_at.is_(None), free)
        .order_by(PackageRun.id)
        .limit(1)
        .options(joinedload(PackageRun.area))
        .with_for_update(skip_locked=True, of=PackageRun)
    )
    if run is not None:
        run.state = RunState.RUNNING
        run.leased_until = at + timedelta(seconds=run.seconds) + SPARE
        db.flush()
    return run


def _telling(database: Database, number: int) -> Callable[[int, int], None]:
    """Return what shows the search's progress, now and then."""
    last = 0.0

    def tell(total: int, bound: int) -> None:
        nonlocal last
        if time.monotonic() - last < EVERY:
            return
        last = time.monotonic()
        with database.writing() as db:
            db.execute(
                update(PackageRun)
                .where(PackageRun.id == number)
                .values(progress={"total": total, "bound": bound})
            )

    return tell


def _fail(db: Session, number: int, at: datetime) -> None:
    run = db.get_one(PackageRun, number)
    run.state, run.failure = RunState.FAILED, N_("测算时系统出错，没有写入任何内容。请联系管理员。")
    run.finished_at, run.leased_until = at, None


def _finish(
    db: Session,
    number: int,
    ground: Ground,
    packages: dict[int, list[int]],
    bound: int,
    at: datetime,
) -> None:
    run = db.get_one(PackageRun, number)
    if run.finished_at is not None:
        return
    homes = ground.problem.homes
    for n, centre in enumerate(sorted(packages, key=lambda c: -_size(ground, packages[c])), 1):
        package = Package(run_id=run.id, number=n, centre_id=homes[centre].id)
        db.add(package)
        db.flush()
        near = sorted(packages[centre], key=lambda i: ground.problem.metres[i, centre])
        db.add_all(_member(ground, package.id, i, centre) for i in near)
    run.outcome = _outcome(ground, packages, bound)
    run.state, run.finished_at, run.leased_until = RunState.DONE, at, None


def _size(ground: Ground, members: list[int]) -> int:
    return sum(ground.problem.homes[i].households for i in members)


def _member(ground: Ground, package_id: int, i: int, centre: int) -> PackageMember:
    home = ground.problem.homes[i]
    return PackageMember(
        package_id=package_id,
        compound_id=home.id,
        households=home.households,
        income=home.income,
        cost=home.cost,
        metres=ground.problem.metres[i, centre],
        planned=home.id in ground.planned,
    )


def _outcome(ground: Ground, packages: dict[int, list[int]], bound: int) -> dict[str, Any]:
    cost = score(ground.problem, packages)
    taken = {i for members in packages.values() for i in members}
    left = [home.id for i, home in enumerate(ground.problem.homes) if i not in taken]
    return {
        "total": cost.total,
        "bound": bound,
        "loss": cost.loss,
        "left_households": cost.left_households,
        "left": left,
        "unknown": list(ground.unknown),
        "compounds": len(ground.problem.homes),
    }
