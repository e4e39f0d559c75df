"""Decisions about cases, pure: the service clock, states, the four rates, what is hidden."""

from govgrid.cases.rules.clock import CLOCK, Moments, ServiceClock, faults, minute
from govgrid.cases.rules.content import CATEGORIES, masked
from govgrid.cases.rules.league import ORDERS, OVERALL, PARTS, League, Place, ranked
from govgrid.cases.rules.rates import Counts, share
from govgrid.cases.rules.states import CaseState, Reason, states
from govgrid.cases.rules.supervision import RATES, Bar, Proposal, proposal

__all__ = [
    "CATEGORIES",
    "CLOCK",
    "ORDERS",
    "OVERALL",
    "PARTS",
    "RATES",
    "Bar",
    "CaseState",
    "Counts",
    "League",
    "Moments",
    "Place",
    "Proposal",
    "Reason",
    "ServiceClock",
    "faults",
    "masked",
    "minute",
    "proposal",
    "ranked",
    "share",
    "states",
]
