"""Named reads of showcases: what is published, what is wanted, drafts and versions, who is late."""

from govgrid.showcase.queries.items import (
    PanelShown,
    latest_period,
    missing,
    panels,
    periods,
    showcase_of,
)
from govgrid.showcase.queries.plans import plan_at, plan_of, plans
from govgrid.showcase.queries.unit import CompoundShowcase, showcase_for_unit
from govgrid.showcase.rules import month_before

__all__ = [
    "CompoundShowcase",
    "PanelShown",
    "latest_period",
    "missing",
    "month_before",
    "panels",
    "periods",
    "plan_at",
    "plan_of",
    "plans",
    "showcase_for_unit",
    "showcase_of",
]
