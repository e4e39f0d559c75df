"""Lines of a run for the system itself, whoever asked."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from govgrid.meetings.models import Kind, PlanLine, Unit
from govgrid.meetings.queries.units import OWNERS_MARK


def lines_of(run_id: int) -> Select[PlanLine]:
    """Select a run's lines with their units, compounds and communities."""
    return (
        select(PlanLine)
        .where(PlanLine.run_id == run_id)
        .order_by(PlanLine.id)
        .options(
            joinedload(PlanLine.unit).options(joinedload(Unit.compound), joinedload(Unit.community))
        )
    )


def key_of(unit: Unit) -> str:
    """Return the unit's key in a plan, its compound and community loaded."""
    code = unit.compound.code if unit.compound else unit.community.code
    return code + OWNERS_MARK if unit.kind is Kind.OWNERS else code
