"""Decisions about showcases, pure: what is wanted and when, sums, changes, figures."""

from govgrid.showcase.rules.content import (
    BALANCES,
    Change,
    Line,
    PanelText,
    changes,
    opened,
    publishable,
    readable,
    restored,
    stored,
)
from govgrid.showcase.rules.figures import Figures, Flow, Panel, figures, signed
from govgrid.showcase.rules.hiding import hidden
from govgrid.showcase.rules.plans import (
    DEFAULT,
    LENGTHS,
    ItemPlan,
    PanelPlan,
    Plan,
    faults,
    month_before,
)

__all__ = [
    "BALANCES",
    "DEFAULT",
    "LENGTHS",
    "Change",
    "Figures",
    "Flow",
    "ItemPlan",
    "Line",
    "Panel",
    "PanelPlan",
    "PanelText",
    "Plan",
    "changes",
    "faults",
    "figures",
    "hidden",
    "month_before",
    "opened",
    "publishable",
    "readable",
    "restored",
    "signed",
    "stored",
]
