"""Which compounds have had no joint meeting for a while."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from govgrid.cases.queries.falling import falling_companies
from govgrid.grid.models import Compound
from govgrid.meetings.models import Kind, Meeting, Stage, Unit
from govgrid.oldcompounds.queries import Signals
from govgrid.workdays import local_day

CHUNK = 5000


def unmet_compounds(
    db: Session, compound_ids: Collection[int], since: datetime
) -> dict[int, date | None]:
    """Return those of the compounds without a joint meeting held since the moment.

    A meeting of the whole community is one of each of its compounds. With each stands the day of
    its last meeting, None: there was none.
    """
    wanted = list(compound_ids)
    last: dict[int, datetime | None] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        last |= dict.fromkeys(chunk)
        for compound, held in [*db.execute(_own(chunk)), *db.execute(_shared(chunk))]:
            if compound is not None:
                known = last[compound]
                last[compound] = held if known is None else max(known, held)
    return {
        compound: local_day(held) if held else None
        for compound, held in last.items()
        if held is None or held < since
    }


def _own(compound_ids: list[int]) -> Select[int | None, datetime]:
    return (
        select(Unit.compound_id, func.max(Meeting.start))
        .join(Meeting, Meeting.unit_id == Unit.id)
        .where(
            Unit.compound_id.in_(compound_ids), Unit.kind == Kind.JOINT, Meeting.stage == Stage.HELD
        )
        .group_by(Unit.compound_id)
    )


def _shared(compound_ids: list[int]) -> Select[int, datetime]:
    return (
        select(Compound.id, func.max(Meeting.start))
        .join(Unit, Unit.community_id == Compound.community_id)
        .join(Meeting, Meeting.unit_id == Unit.id)
        .where(
            Compound.id.in_(compound_ids),
            Unit.compound_id.is_(None),
            Meeting.stage == Stage.HELD,
        )
        .group_by(Compound.id)
    )


SIGNALS = Signals(falling_companies, unmet_compounds)
"""What the watch over old compounds is told of companies and meetings."""
