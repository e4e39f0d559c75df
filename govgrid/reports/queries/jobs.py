"""Reports that a worker makes: those of an area, the one that waits, what it is to hold."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from govgrid.errors import NotFound
from govgrid.grid.models import Area, Level
from govgrid.grid.queries.realm import managed_by
from govgrid.reports.models import ReportJob


def parts_of(db: Session, area: Area) -> list[Area]:
    """Return the area and those one level below it, managed ones among them."""
    below = select(Area).where(
        Area.parent_id == area.id,
        Area.closed_on.is_(None),
        Area.level.in_((Level.STREET, Level.COMMUNITY)),
    )
    return [area, *db.scalars(below.order_by(Area.code)), *managed_by(db, area)]


def jobs_page(
    db: Session, area: Area, *, offset: int = 0, limit: int = 20
) -> tuple[Sequence[ReportJob], int]:
    """Return one stretch of exactly this area's jobs, the latest first, and how many there are."""
    mine = ReportJob.area_id == area.id
    total = db.scalar(select(func.count(ReportJob.id)).where(mine)) or 0
    rows = select(ReportJob).where(mine).order_by(ReportJob.asked_at.desc(), ReportJob.id.desc())
    return db.scalars(rows.offset(offset).limit(limit)).all(), total


def job_known(db: Session, number: int) -> ReportJob:
    """Return the job with its area. Raise `NotFound`; whether the actor may see it is not asked."""
    found = db.scalar(
        select(ReportJob).where(ReportJob.id == number).options(joinedload(ReportJob.area))
    )
    if found is None:
        raise NotFound("没有这份月报，或不在您的职责范围内。")
    return found


def waiting(db: Session, at: datetime) -> ReportJob | None:
    """Return the oldest job that nobody works on, locked for the one who asks."""
    free = or_(ReportJob.leased_until.is_(None), ReportJob.leased_until < at)
    return db.scalar(
        select(ReportJob)
        .where(ReportJob.finished_at.is_(None), free)
        .order_by(ReportJob.asked_at, ReportJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def under_way(db: Session, area: Area) -> ReportJob | None:
    """Return a job of the area that is not finished."""
    return db.scalar(
        select(ReportJob)
        .where(ReportJob.area_id == area.id, ReportJob.finished_at.is_(None))
        .limit(1)
    )
