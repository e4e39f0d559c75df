"""Open cases by micro-grid: those of every compound that it serves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.access import under
from govgrid.cases.models import Case
from govgrid.cases.queries.standing import overdue, still_open
from govgrid.grid.models import Area, CompoundMicroGrid


@dataclass(frozen=True, slots=True)
class OpenCases:
    """How many cases are open, and how many of them past their due time."""

    open: int
    overdue: int


def open_by_micro_grid(db: Session, area: Area, at: datetime) -> dict[int, OpenCases]:
    """Return what stands open by id of the area's micro-grids, those with nothing left out."""
    rows = db.execute(
        select(
            CompoundMicroGrid.micro_grid_id,
            func.count(),
            func.count().filter(overdue(at)),
        )
        .join(Area, Area.id == CompoundMicroGrid.micro_grid_id)
        .join(Case, Case.compound_id == CompoundMicroGrid.compound_id)
        .where(under(Area.path, [area.path]), still_open(at))
        .group_by(CompoundMicroGrid.micro_grid_id)
    )
    return {area_id: OpenCases(number, late) for area_id, number, late in rows}
