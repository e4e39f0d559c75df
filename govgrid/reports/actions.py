"""Ask for the reports of a district with its streets; note that a report left the house."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Invalid, NotFound
from govgrid.grid.models import Area, Level
from govgrid.reports.models import ReportJob
from govgrid.reports.queries.jobs import parts_of, under_way

BOUND = (Level.DISTRICT, Level.STREET)  # levels whose areas below are reported along


def check_may_report(actor: Actor, area: Area) -> None:
    """Raise `NotFound` where the actor does not print for the area."""
    if not actor.may(Power.PRINT, area.path):
        raise NotFound("页面不存在，或不在您的职责范围内。")


def ask_for_reports(
    db: Session, actor: Actor, area: Area, month: date, as_of: datetime, *, at: datetime
) -> ReportJob:
    """Queue the area's report with one for each area below.

    Raise `NotFound` outside the actor's area, `Invalid` for another level, `Conflict` while the
    worker is at it already.
    """
    check_may_report(actor, area)
    if area.level not in BOUND:
        raise Invalid("只有区县和街道可以连同下级编制月报，请直接导出本区域的月报。")
    if under_way(db, area) is not None:
        raise Conflict("本区域已有一份月报正在编制，请等它完成后再编制。")
    job = ReportJob(
        area_id=area.id,
        asked_by=actor.name,
        asked_at=at,
        month=month,
        as_of=as_of,
        total=len(parts_of(db, area)),
        skipped=[],
    )
    db.add(job)
    db.flush()
    journal.record(
        db,
        actor,
        "print",
        "report",
        area.code,
        month=f"{month:%Y-%m}",
        as_of=as_of,
        parts=job.total,
    )
    return job


def note_report(
    db: Session, actor: Actor | None, area: Area, month: date, ending: str, as_of: datetime
) -> None:
    """Note in the journal that a report was exported as PDF or workbook."""
    journal.record(
        db, actor, "export", "report", area.code, month=f"{month:%Y-%m}", as_of=as_of, format=ending
    )
