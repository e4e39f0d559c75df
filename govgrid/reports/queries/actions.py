"""Action items by area: given and closed in a month, open and overdue at a moment."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from govgrid.cases.queries import month_span
from govgrid.cases.rules import masked
from govgrid.clock import HERE
from govgrid.grid.models import Area, Compound, Officer
from govgrid.grid.queries.realm import row_of
from govgrid.meetings.models import ActionItem, Meeting, Unit
from govgrid.meetings.queries.days import local_day
from govgrid.meetings.queries.figures import lies
from govgrid.reports.rules import Actions

Columns = TypeVarTuple("Columns")


class Overdue(NamedTuple):
    """An action item that is not closed though its deadline is past."""

    unit: str
    community: str
    matter: str
    owner: str
    deadline: date


def actions_of(db: Session, month: date, area: Area, *, as_of: datetime) -> dict[str, Actions]:
    """Return the figures by path of the area one level below."""
    row, found = row_of(db, area), defaultdict[str, list[Actions]](list)
    for path, figures in _parts(db, month, area, as_of):
        found[row(path)].append(figures)
    return {path: Actions.total(parts) for path, parts in found.items()}


def _parts(db: Session, month: date, area: Area, at: datetime) -> Iterator[tuple[str, Actions]]:
    given = (
        select(Area.path, func.count())
        .select_from(Meeting)
        .join(Meeting.community)
        .join(Meeting.unit)
        .join(ActionItem, ActionItem.meeting_id == Meeting.id)
        .where(Meeting.month == month, Meeting.start <= at, lies(area, Meeting.community_id))
        .group_by(Area.path)
    )
    for path, number in db.execute(given):
        yield path, Actions(given=number)
    start, end = month_span(month)
    in_time = local_day(ActionItem.closed_at) <= ActionItem.deadline
    closed = (
        _of_units(select(Area.path, func.count(), func.count().filter(in_time)), area)
        .where(
            ActionItem.closed_at >= start, ActionItem.closed_at < end, ActionItem.closed_at <= at
        )
        .group_by(Area.path)
    )
    for path, number, punctual in db.execute(closed):
        yield path, Actions(closed=number, closed_in_time=punctual)
    late = ActionItem.deadline < at.astimezone(HERE).date()
    left = (
        _of_units(select(Area.path, func.count(), func.count().filter(late)), area)
        .where(_open(at))
        .group_by(Area.path)
    )
    for path, number, overdue in db.execute(left):
        yield path, Actions(open=number, overdue=overdue)


def overdue(db: Session, area: Area, *, as_of: datetime, most: int) -> list[Overdue]:
    """Return the items that have been overdue longest; numbers in their texts are hidden."""
    rows = db.execute(
        _of_units(
            select(
                func.coalesce(Compound.name, Area.name),
                Area.name,
                ActionItem.matter,
                Officer.name,
                ActionItem.deadline,
            ),
            area,
        )
        .outerjoin(Unit.compound)
        .join(Officer, Officer.id == ActionItem.owner_id)
        .where(_open(as_of), ActionItem.deadline < as_of.astimezone(HERE).date())
        .order_by(ActionItem.deadline, ActionItem.id)
        .limit(most)
    )
    return [
        Overdue(unit, home, masked(matter), owner, due) for unit, home, matter, owner, due in rows
    ]


def _of_units(found: Select[*Columns], area: Area) -> Select[*Columns]:
    """Return the columns of the area's action items, with unit, community and meeting."""
    return (
        found.select_from(Unit)
        .join(Unit.community)
        .join(ActionItem, ActionItem.unit_id == Unit.id)
        .join(Meeting, Meeting.id == ActionItem.meeting_id)
        .where(lies(area, Unit.community_id))
    )


def _open(at: datetime) -> ColumnElement[bool]:
    return and_(Meeting.start <= at, or_(ActionItem.closed_at.is_(None), ActionItem.closed_at > at))
