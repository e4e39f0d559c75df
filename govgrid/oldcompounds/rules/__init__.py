"""Pure decisions about coverage: no database, no clock."""

from govgrid.oldcompounds.rules.chain import (
    Link,
    Succession,
    chained,
    clashes,
    period_text,
    succeed,
)
from govgrid.oldcompounds.rules.periods import (
    DAY,
    SOON,
    Period,
    Share,
    Tally,
    covers,
    ends_soon,
    mode_on,
    overlap,
    period_on,
    uncovered_since,
)
from govgrid.oldcompounds.rules.terms import (
    CONDITIONS,
    Terms,
    Wrong,
    contradictions,
    fitting_kind,
    kind_by_name,
    omissions,
)

__all__ = [
    "CONDITIONS",
    "DAY",
    "SOON",
    "Link",
    "Period",
    "Share",
    "Succession",
    "Tally",
    "Terms",
    "Wrong",
    "chained",
    "clashes",
    "contradictions",
    "covers",
    "ends_soon",
    "fitting_kind",
    "kind_by_name",
    "mode_on",
    "omissions",
    "overlap",
    "period_on",
    "period_text",
    "succeed",
    "uncovered_since",
]
