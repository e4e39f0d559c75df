"""How a unit's compounds published a period's showcase, and what is missing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.grid.models import Compound
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.queries import PANELS, showcase_of
from govgrid.showcase.rules import figures


@dataclass(frozen=True, slots=True)
class CompoundShowcase:
    """One compound's period: promises met and unmet, money in yuan, the panels that are missing."""

    compound_id: int
    code: str
    name: str
    published_on: date | None
    met: int
    unmet: int
    income: Decimal
    spending: Decimal
    missing: tuple[str, ...]
    late: bool
    unmet_items: tuple[str, ...]


def showcase_for_unit(
    db: Session, compound_ids: Sequence[int], period: date
) -> list[CompoundShowcase]:
    """Return the compounds' periods in order of their codes."""
    items: dict[int, list[ShowcaseItem]] = defaultdict(list)
    for item in showcase_of(db, compound_ids, period):
        items[item.compound_id].append(item)
    rows = select(Compound.id, Compound.code, Compound.name).where(Compound.id.in_(compound_ids))
    return [
        _of(number, code, name, items[number])
        for number, code, name in db.execute(rows.order_by(Compound.code))
    ]


def _of(number: int, code: str, name: str, items: Sequence[ShowcaseItem]) -> CompoundShowcase:
    sums = figures(items)
    unmet = tuple(item.item for item in items if item.met is False)
    shown = {item.panel for item in items}
    return CompoundShowcase(
        compound_id=number,
        code=code,
        name=name,
        published_on=min((i.published_on for i in items if i.published_on), default=None),
        met=sums.met,
        unmet=len(unmet),
        income=sums.income,
        spending=sums.spending,
        missing=tuple(panel for panel in PANELS if panel not in shown),
        late=False,
        unmet_items=unmet,
    )
