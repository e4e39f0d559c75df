"""Decisions about cases, pure: the service clock, states, the four rates, what is hidden."""

from govgrid.cases.rules.clock import CLOCK, Moments, ServiceClock, faults, minute
from govgrid.cases.rules.content import CATEGORIES, masked
from govgrid.cases.rules.rates import Counts, share
from govgrid.cases.rules.states import CaseState, Reason, states

__all__ = [
    "CATEGORIES",
    "CLOCK",
    "CaseState",
    "Counts",
    "Moments",
    "Reason",
    "ServiceClock",
    "faults",
    "masked",
    "minute",
    "share",
    "states",
]
