"""The next meeting by micro-grid: the earliest among the compounds that it serves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from govgrid.access import under
from govgrid.grid.models import Area, Compound, CompoundMicroGrid
from govgrid.meetings.models import Meeting, Stage, Unit


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """A compound and when it meets next; None: nothing is planned."""

    compound: str
    start: datetime | None


def next_by_micro_grid(db: Session, area: Area, at: datetime) -> dict[int, NextMeeting]:
    """Return the next meeting by id of the area's micro-grids; those without a unit are left out."""
    coming = and_(
        Meeting.unit_id == Unit.id,
        Meeting.stage.in_((Stage.PLANNED, Stage.CONFIRMED)),
        Meeting.end > at,
    )
    rows = db.execute(
        select(CompoundMicroGrid.micro_grid_id, Compound.name, Meeting.start)
        .join(Area, Area.id == CompoundMicroGrid.micro_grid_id)
        .join(Unit, Unit.compound_id == CompoundMicroGrid.compound_id)
        .join(Compound, Compound.id == Unit.compound_id)
        .outerjoin(Meeting, coming)
        .where(under(Area.path, [area.path]))
        .order_by(Meeting.start.is_(None), Meeting.start, Compound.code)
    )
    found: dict[int, NextMeeting] = {}
    for area_id, compound, start in rows:
        found.setdefault(area_id, NextMeeting(compound, start))
    return found
