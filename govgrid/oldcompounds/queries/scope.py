"""Conditions that the reads of coverage share: compounds of an area, the period of a day."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, CompoundKind, CompoundMicroGrid, Level
from govgrid.grid.queries.realm import communities_of
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.rules import SOON


def area_at_path(db: Session, path: str) -> Area:
    """Return the area at that path. Raise `NotFound` where there is none."""
    area = db.scalar(select(Area).where(Area.path == path))
    if area is None:
        raise NotFound("没有这个区域，请核对代码。")
    return area


def within(area: Area, kinds: Iterable[CompoundKind]) -> ColumnElement[bool]:
    """Return the condition that a compound of these kinds lies in the area."""
    return and_(Compound.kind.in_(tuple(kinds)), _place(area))


def _place(area: Area) -> ColumnElement[bool]:
    if area.level is Level.COMMUNITY:
        return Compound.community_id == area.id
    if area.level in {Level.GRID, Level.DEDICATED_GRID}:
        return Compound.grid_id == area.id
    if area.level is Level.MICRO_GRID:
        served = select(CompoundMicroGrid.compound_id)
        return Compound.id.in_(served.where(CompoundMicroGrid.micro_grid_id == area.id))
    return Compound.community_id.in_(communities_of(area))


def holds(as_of: date) -> ColumnElement[bool]:
    """Return the condition that a period is the compound's on that day."""
    return and_(
        Coverage.compound_id == Compound.id,
        Coverage.since <= as_of,
        or_(Coverage.until.is_(None), Coverage.until >= as_of),
    )


def unmanaged() -> ColumnElement[bool]:
    """Return the condition that nobody manages, over an outer join with the day's period."""
    return or_(Coverage.id.is_(None), Coverage.mode == Mode.NONE)


def ending(as_of: date) -> ColumnElement[bool]:
    """Return the condition that the day's period is a managed one whose term ends soon."""
    return and_(Coverage.mode != Mode.NONE, Coverage.until <= as_of + SOON)


def last_managed_day(as_of: date) -> ScalarSelect[date | None]:
    """Return the last day of the latest managed period that began by then."""
    past = aliased(Coverage)
    return (
        select(func.max(past.until))
        .where(past.compound_id == Compound.id, past.since <= as_of, past.mode != Mode.NONE)
        .correlate(Compound)
        .scalar_subquery()
    )


def first_recorded_day(as_of: date) -> ScalarSelect[date]:
    """Return the first day of anything recorded by then."""
    past = aliased(Coverage)
    return (
        select(func.min(past.since))
        .where(past.compound_id == Compound.id, past.since <= as_of)
        .correlate(Compound)
        .scalar_subquery()
    )
