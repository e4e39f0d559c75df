"""Notices of working days: one in force, one that waits for somebody to bring it into force."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid.workdays import WorkdayChange, WorkdayNotice, WorkdayRow

OLD_YEAR = 2020


def waiting_notice(db: Session, at: datetime) -> int:
    """Add a notice that nobody brought into force; one of an old year is."""
    if db.get(WorkdayNotice, OLD_YEAR) is None:
        db.add(WorkdayNotice(year=OLD_YEAR, papers=[], sha256="0" * 64, loaded_at=at))
        db.flush()
        db.add(WorkdayRow(year=OLD_YEAR, day=date(OLD_YEAR, 1, 1), name="元旦", off=True))
    change = WorkdayChange(
        year=OLD_YEAR, file="x.json", sha256="0" * 64, turned=[], uploaded_at=at,
        uploaded_by="田系统", notice={"year": OLD_YEAR, "papers": [], "days": [
            {"name": "元旦", "date": f"{OLD_YEAR}-01-02", "isOffDay": True}]},
    )  # fmt: skip
    db.add(change)
    db.flush()
    return change.id
