"""Where due times were missed: by category, and the compounds with most of it."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from govgrid.cases.models import Case
from govgrid.cases.queries.four_rates import in_area, received_in
from govgrid.cases.queries.standing import closed_late, overdue, replied_late
from govgrid.grid.models import Area, Compound
from govgrid.reports.rules import Breaches

Named = tuple[str, Breaches]


def breaches_by_category(db: Session, month: date, area: Area, *, as_of: datetime) -> list[Named]:
    """Return the month's categories, those with most breaches first."""
    rows = db.execute(
        select(Case.category, *_numbers(as_of))
        .select_from(Case)
        .join(Case.compound)
        .where(_received(month, area, as_of))
        .group_by(Case.category)
    )
    found = [(word, Breaches(*numbers)) for word, *numbers in rows]
    return sorted(found, key=lambda one: (-one[1].breached, -one[1].received, one[0]))


def breaches_by_compound(
    db: Session, month: date, area: Area, *, as_of: datetime, most: int
) -> list[tuple[str, str, Breaches]]:
    """Return name, community and counts of the compounds with most breaches, none without."""
    numbers = _numbers(as_of)
    rows = db.execute(
        select(Compound.name, Area.name, *numbers)
        .select_from(Case)
        .join(Case.compound)
        .join(Compound.community)
        .where(_received(month, area, as_of))
        .group_by(Compound.id, Compound.code, Compound.name, Area.name)
        .having(numbers[-1] > 0)
        .order_by(numbers[-1].desc(), Compound.code)
        .limit(most)
    )
    return [(name, home, Breaches(*counts)) for name, home, *counts in rows]


def _received(month: date, area: Area, as_of: datetime) -> ColumnElement[bool]:
    return and_(received_in(month), Case.received_at <= as_of, in_area(area))


def _numbers(at: datetime) -> tuple[ColumnElement[int], ...]:
    late_reply, late_close = replied_late(at), or_(closed_late(at), overdue(at))
    wanted = (late_reply, late_close, or_(late_reply, late_close))
    return (func.count(), *(func.count().filter(one) for one in wanted))
