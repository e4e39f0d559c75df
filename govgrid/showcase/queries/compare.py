"""The compounds of an area side by side: one period, sorted, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from govgrid.access import Actor
from govgrid.grid.models import Area, Compound
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.queries.items import showcase_of
from govgrid.showcase.queries.late import shown_to
from govgrid.showcase.queries.plans import has_project
from govgrid.showcase.rules import Figures, figures
from govgrid.showcase.rules.figures import Flow
from govgrid.words import N_

ORDERS = {
    "met": N_("达标率，低的在前"),
    "published": N_("公示先后"),
    "income": N_("收入，多的在前"),
    "spending": N_("支出，多的在前"),
    "name": N_("小区名称"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A compound (community loaded) with its figures of the period and of the one before."""

    compound: Compound
    published_on: date | None
    figures: Figures
    before: Figures | None

    @property
    def published(self) -> bool:
        return self.figures.items > 0

    @property
    def met_rate(self) -> float | None:
        return self.figures.met / self.figures.judged if self.figures.judged else None

    def change(self, side: str) -> Decimal | None:
        """Return by how much income or spending changed, None where nothing is to compare with."""
        if self.before is None or not self.published:
            return None
        now: Decimal = getattr(self.figures, side)
        last: Decimal = getattr(self.before, side)
        return now - last


@dataclass(frozen=True, slots=True)
class Totals:
    """How many compounds should publish, did, and did so in time."""

    due: int
    published: int
    in_time: int


def compared(
    db: Session,
    actor: Actor,
    area: Area | None,
    period: date,
    before: date,
    order: str,
    on: date,
    *,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Compared], int]:
    """Return one stretch of the compounds that published or should have, and how many they are.

    Those that published nothing come last, whatever the order.
    """
    sums = _sums(actor, area, period)
    found = _found(actor, area, sums, on)
    total = db.scalar(found.with_only_columns(func.count(Compound.id))) or 0
    rows = db.execute(
        found.options(contains_eager(Compound.community))
        .order_by(*_order(order, sums), Area.path, Compound.code)
        .offset(offset)
        .limit(limit)
    ).all()
    ids = [row[0].id for row in rows]
    last = _figures_of(db, ids, before)
    return [_row(tuple(row), last.get(row[0].id)) for row in rows], total


def _row(found: tuple[Any, ...], before: Figures | None) -> Compared:
    compound, published_on, *counts = found
    known: list[Any] = [value or 0 for value in counts]
    return Compared(compound, published_on, Figures(*known), before)


def totals(
    db: Session, actor: Actor, area: Area | None, period: date, due: date, on: date
) -> Totals:
    """Return how many should publish the period, did, and did by the due day."""
    sums = _sums(actor, area, period)
    found = _found(actor, area, sums, on)
    in_time = or_(sums.c.published_on.is_(None), sums.c.published_on <= due)
    row = db.execute(
        found.with_only_columns(
            func.count(Compound.id),
            func.count(sums.c.shown),
            func.count(case((in_time, sums.c.shown))),
        )
    ).one()
    return Totals(*row)


def _found(
    actor: Actor, area: Area | None, sums: Subquery, on: date
) -> Select[Compound, date, int, int, int, Decimal, Decimal]:
    return (
        select(
            Compound,
            sums.c.published_on,
            sums.c.shown,
            sums.c.judged,
            sums.c.met,
            sums.c.income,
            sums.c.spending,
        )
        .join(Compound.community)
        .outerjoin(sums, sums.c.compound_id == Compound.id)
        .where(shown_to(actor, area), or_(sums.c.shown.is_not(None), has_project(on)))
    )


def _sums(actor: Actor, area: Area | None, period: date) -> Subquery:
    """Return the figures of the period by compound, as `rules.figures` counts them."""
    amount = ShowcaseItem.amount
    out = ShowcaseItem.item.contains(Flow.SPENDING.word)
    moved = case((out, -func.abs(amount)), else_=amount)
    return (
        select(
            ShowcaseItem.compound_id,
            func.min(ShowcaseItem.published_on).label("published_on"),
            func.count().label("shown"),
            func.count(ShowcaseItem.met).label("judged"),
            func.count(case((ShowcaseItem.met.is_(True), 1))).label("met"),
            func.sum(case((moved > 0, moved), else_=0)).label("income"),
            func.sum(case((moved < 0, -moved), else_=0)).label("spending"),
        )
        .join(Compound, Compound.id == ShowcaseItem.compound_id)
        .where(ShowcaseItem.period == period, shown_to(actor, area))
        .group_by(ShowcaseItem.compound_id)
        .subquery()
    )


def _order(order: str, sums: Subquery) -> Sequence[ColumnElement[Any]]:
    rate = sums.c.met * 1.0 / func.nullif(sums.c.judged, 0)
    first: dict[str, ColumnElement[Any]] = {
        "met": rate,
        "published": sums.c.published_on,
        "income": sums.c.income.desc(),
        "spending": sums.c.spending.desc(),
        "name": Compound.name.asc(),
    }
    column = first.get(order, false())
    return (sums.c.shown.is_(None), column if order == "name" else column.nulls_last())


def _figures_of(db: Session, ids: Sequence[int], period: date) -> dict[int, Figures]:
    found: dict[int, list[ShowcaseItem]] = {}
    for item in showcase_of(db, ids, period):
        found.setdefault(item.compound_id, []).append(item)
    return {number: figures(items) for number, items in found.items()}
