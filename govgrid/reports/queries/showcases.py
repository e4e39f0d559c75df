"""How the showcases of a period stand by area, and the promises that were not met."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from govgrid.cases.queries.four_rates import in_area
from govgrid.grid.models import Area, Compound
from govgrid.grid.queries.realm import row_of
from govgrid.reports.rules import Showcases
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.queries.plans import plan_of


class Unmet(NamedTuple):
    """A promise that was not met."""

    compound: str
    community: str
    item: str
    promise: str | None
    result: str


def showcase_due(db: Session, area: Area, period: date) -> date:
    """Return the day by which the area asks for the showcases of a period (its first day)."""
    plan, _form, _set_by = plan_of(db, area)
    return plan.due(period)


def showcases_of(db: Session, period: date, area: Area, *, on: date) -> dict[str, Showcases]:
    """Return the figures by path of the area one level below, as they stood on that day.

    Due are compounds with a property company, and whoever published all the same. What was
    published on an unknown day counts as in time.
    """
    shown = (
        select(
            ShowcaseItem.compound_id,
            func.min(ShowcaseItem.published_on).label("first_on"),
            func.count().filter(ShowcaseItem.met.is_not(None)).label("judged"),
            func.count().filter(ShowcaseItem.met.is_(True)).label("met"),
        )
        .join(ShowcaseItem.compound)
        .where(ShowcaseItem.period == period, in_area(area), published_by(on))
        .group_by(ShowcaseItem.compound_id)
        .subquery()
    )
    published = shown.c.compound_id.is_not(None)
    punctual = or_(shown.c.first_on.is_(None), shown.c.first_on <= showcase_due(db, area, period))
    rows = db.execute(
        select(
            Area.path,
            func.count(),
            func.count(shown.c.compound_id),
            func.count().filter(and_(published, punctual)),
            func.coalesce(func.sum(shown.c.judged), 0),
            func.coalesce(func.sum(shown.c.met), 0),
        )
        .select_from(Compound)
        .join(Compound.community)
        .outerjoin(shown, shown.c.compound_id == Compound.id)
        .where(in_area(area), or_(Compound.company_id.is_not(None), published))
        .group_by(Area.path)
    )
    row, found = row_of(db, area), defaultdict[str, list[Showcases]](list)
    for path, *numbers in rows:
        found[row(path)].append(Showcases(*map(int, numbers)))
    return {path: Showcases.total(parts) for path, parts in found.items()}


def unmet(db: Session, period: date, area: Area, *, on: date, most: int) -> list[Unmet]:
    """Return the first promises not met, by community and compound."""
    rows = db.execute(
        select(
            Compound.name, Area.name, ShowcaseItem.item, ShowcaseItem.promise, ShowcaseItem.result
        )
        .select_from(ShowcaseItem)
        .join(ShowcaseItem.compound)
        .join(Compound.community)
        .where(
            ShowcaseItem.period == period,
            ShowcaseItem.met.is_(False),
            published_by(on),
            in_area(area),
        )
        .order_by(Area.path, Compound.code, ShowcaseItem.id)
        .limit(most)
    )
    return [Unmet(*row) for row in rows]


def published_by(on: date) -> ColumnElement[bool]:
    """Return the condition that an item stood there on that day."""
    return or_(ShowcaseItem.published_on.is_(None), ShowcaseItem.published_on <= on)
