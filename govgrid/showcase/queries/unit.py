"""What a joint meeting hears of the showcase: kept and missed promises, money, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.grid.models import Area, Compound
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.queries.items import PanelShown, panels, showcase_of
from govgrid.showcase.queries.plans import has_project, plans
from govgrid.showcase.rules import Plan, figures


@dataclass(frozen=True, slots=True)
class CompoundShowcase:
    """A compound's showcase of a period as it stands; money in yuan, both ways positive.

    `missing` are the panels that are wanted and not there: all of them where nothing was
    published. `late`: published after the due day, or not at all although it has passed. Where no
    project is there to publish, nothing is missing or late. The figures `before` are None where
    nothing was published for the period before.
    """

    compound_id: int
    code: str
    name: str
    period: date
    panels: tuple[PanelShown, ...]
    published_on: date | None
    met: int
    unmet: int
    income: Decimal
    spending: Decimal
    income_before: Decimal | None
    spending_before: Decimal | None
    missing: tuple[str, ...]
    late: bool
    unmet_items: tuple[str, ...]

    @property
    def published(self) -> bool:
        """Whether anything was published for the period."""
        return any(panel.items for panel in self.panels)

    @property
    def income_change(self) -> Decimal | None:
        """Return by how much income changed, None where there is nothing to compare with."""
        return _change(self.income, self.income_before) if self.published else None

    @property
    def spending_change(self) -> Decimal | None:
        """Return by how much spending changed, None where there is nothing to compare with."""
        return _change(self.spending, self.spending_before) if self.published else None


def showcase_for_unit(
    db: Session, compound_ids: Sequence[int], period: date, *, on: date | None = None
) -> list[CompoundShowcase]:
    """Return each compound's showcase of the last period that ended with or before that month.

    `period` is any day of the month; `on` the day as of which lateness is judged, else the end of
    the month after the period. In the order of the compounds' codes, in a constant number of
    queries.
    """
    if not compound_ids:
        return []
    plan = plans(db)
    rows = db.execute(
        select(Compound.id, Compound.code, Compound.name, Area.path, has_project(on or period))
        .join(Area, Area.id == Compound.community_id)
        .where(Compound.id.in_(compound_ids))
        .order_by(Compound.code)
    ).all()
    wanted = {row.id: plan(row.path) for row in rows}
    shown = {number: one.ended(period) for number, one in wanted.items()}
    asked = {*shown.values(), *(wanted[n].before(first) for n, first in shown.items())}
    items: dict[tuple[int, date], list[ShowcaseItem]] = {}
    for first in asked:
        for item in showcase_of(db, compound_ids, first):
            items.setdefault((item.compound_id, first), []).append(item)
    return [
        _shown((number, code, name), wanted[number], shown[number], items, project=project, on=on)
        for number, code, name, _path, project in rows
    ]


def _shown(
    compound: tuple[int, str, str],
    plan: Plan,
    period: date,
    items: Mapping[tuple[int, date], Sequence[ShowcaseItem]],
    *,
    project: bool,
    on: date | None,
) -> CompoundShowcase:
    found = items.get((compound[0], period), ())
    before = items.get((compound[0], plan.before(period)))
    figured, last = figures(found), figures(before) if before else None
    words = [panel.word for panel in plan.panels]
    known = {item.panel for item in found}
    published_on = min((i.published_on for i in found if i.published_on), default=None)
    due = project or bool(found)
    return CompoundShowcase(
        *compound,
        period=period,
        panels=tuple(panels(found, words)),
        published_on=published_on,
        met=figured.met,
        unmet=figured.judged - figured.met,
        income=figured.income,
        spending=figured.spending,
        income_before=last.income if last else None,
        spending_before=last.spending if last else None,
        missing=tuple(word for word in words if word not in known) if due else (),
        late=due and _late(plan, period, published_on, on, published=bool(found)),
        unmet_items=tuple(item.item for item in found if item.met is False),
    )


def _late(
    plan: Plan, period: date, published_on: date | None, on: date | None, *, published: bool
) -> bool:
    day = plan.due(period)
    if published:
        return published_on is not None and published_on > day
    return on is None or on > day


def _change(now: Decimal, before: Decimal | None) -> Decimal | None:
    return None if before is None else now - before
