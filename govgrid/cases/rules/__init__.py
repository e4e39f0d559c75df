"""Decisions about cases, pure: clock, states, steps, letters, the four rates, what is hidden."""

from govgrid.cases.rules.calls import TOLD, Leads
from govgrid.cases.rules.clock import CLOCK, Moments, ServiceClock, faults, minute
from govgrid.cases.rules.content import CATEGORIES, masked
from govgrid.cases.rules.countdown import MINUTE, Left, left, next_due
from govgrid.cases.rules.league import ORDERS, OVERALL, PARTS, League, Place, ranked
from govgrid.cases.rules.life import first_holder, happened, higher, open_steps, refused
from govgrid.cases.rules.rates import Counts, share
from govgrid.cases.rules.states import CaseState, Reason, states
from govgrid.cases.rules.supervision import RATES, Bar, Proposal, proposal

__all__ = [
    "CATEGORIES",
    "CLOCK",
    "MINUTE",
    "ORDERS",
    "OVERALL",
    "PARTS",
    "RATES",
    "TOLD",
    "Bar",
    "CaseState",
    "Counts",
    "Leads",
    "League",
    "Left",
    "Moments",
    "Place",
    "Proposal",
    "Reason",
    "ServiceClock",
    "faults",
    "first_holder",
    "happened",
    "higher",
    "left",
    "masked",
    "minute",
    "next_due",
    "open_steps",
    "proposal",
    "ranked",
    "refused",
    "share",
    "states",
]
