"""Decisions about cases, pure: clock, states, steps, letters, the four rates, what is hidden."""

from govgrid.cases.rules.calls import TOLD, Leads, due_time
from govgrid.cases.rules.clock import CLOCK, Moments, ServiceClock, faults, minute
from govgrid.cases.rules.content import CATEGORIES, masked
from govgrid.cases.rules.countdown import CLOCKS, MINUTE, Left, left, next_due
from govgrid.cases.rules.league import ORDERS, OVERALL, PARTS, PROMISED, League, Place, ranked
from govgrid.cases.rules.life import first_holder, happened, higher, open_steps, refused
from govgrid.cases.rules.promises import (
    MOST_MEETINGS,
    MOST_ON_SITE,
    NO_PLEDGE,
    OwnersMeetings,
    Pledge,
    strictest,
)
from govgrid.cases.rules.rates import FIXED, Counts, share
from govgrid.cases.rules.states import AsItStood, CaseState, Reason, Stood, states
from govgrid.cases.rules.supervision import PROMISE_RATES, RATES, Bar, Proposal, proposal

__all__ = [
    "CATEGORIES",
    "CLOCK",
    "CLOCKS",
    "FIXED",
    "MINUTE",
    "MOST_MEETINGS",
    "MOST_ON_SITE",
    "NO_PLEDGE",
    "ORDERS",
    "OVERALL",
    "PARTS",
    "PROMISED",
    "PROMISE_RATES",
    "RATES",
    "TOLD",
    "AsItStood",
    "Bar",
    "CaseState",
    "Counts",
    "Leads",
    "League",
    "Left",
    "Moments",
    "OwnersMeetings",
    "Place",
    "Pledge",
    "Proposal",
    "Reason",
    "ServiceClock",
    "Stood",
    "due_time",
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
    "strictest",
]
