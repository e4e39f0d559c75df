"""What follows for a company whose month stays below the thresholds: pure, no official formula."""

from dataclasses import dataclass

from govgrid.cases.models import Sanction
from govgrid.cases.rules.league import PARTS
from govgrid.cases.rules.rates import Counts
from govgrid.words import N_

RATES = {
    "response": N_("响应率"),
    "completion": N_("办结率"),
    "satisfaction": N_("满意率"),
    "report": N_("报告率"),
}
PROMISE_RATES = {
    "promise": N_("承诺响应率"),
    "on_site": N_("到场及时率"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked: rates in per cent, and how many missed ones lead to which step."""

    least: int = 10
    response: int = 90
    completion: int = 85
    satisfaction: int = 80
    report: int = 80
    circular_at: int = 2
    credit_at: int = 3
    points: int = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step with the rates that led to it: name, rate, threshold in per cent."""

    kind: Sanction
    points: int
    misses: tuple[tuple[str, float, int], ...]


def proposal(counts: Counts, bar: Bar) -> Proposal | None:
    """Return what follows by rule, None for too few cases or nothing missed."""
    if counts.received < bar.least:
        return None
    # In whole numbers: 29 of 100 is not below 29 %.
    misses = tuple(
        (name, getattr(counts, part) / whole, asked)
        for name, (part, of) in PARTS.items()
        if (whole := getattr(counts, of))
        and getattr(counts, part) * 100 < (asked := getattr(bar, name)) * whole
    )
    if not misses:
        return None
    if len(misses) >= bar.credit_at:
        return Proposal(Sanction.CREDIT, bar.points * len(misses), misses)
    kind = Sanction.CIRCULAR if len(misses) >= bar.circular_at else Sanction.INTERVIEW
    return Proposal(kind, 0, misses)
