"""Named reads of coverage: rates of areas, lists of compounds, a compound's history."""

from govgrid.oldcompounds.queries.acts import (
    ActLine,
    act_covered,
    acts_page,
    latest_acts,
    replaced_periods,
    scan_of,
)
from govgrid.oldcompounds.queries.history import (
    Standing,
    compounds_held,
    history,
    known_operators,
    standing,
)
from govgrid.oldcompounds.queries.ledger import Line, Show, ledger
from govgrid.oldcompounds.queries.months import months
from govgrid.oldcompounds.queries.rates import (
    CoverageReport,
    Uncovered,
    coverage_report,
    micro_grid_modes,
    overview,
    tallies_below,
    tally,
)
from govgrid.oldcompounds.queries.stored import last_act
from govgrid.oldcompounds.queries.watch import (
    SILENT,
    Marked,
    Signals,
    soonest,
    untold,
    watch_everywhere,
    watch_for_area,
    watch_for_unit,
)

__all__ = [
    "SILENT",
    "ActLine",
    "CoverageReport",
    "Line",
    "Marked",
    "Show",
    "Signals",
    "Standing",
    "Uncovered",
    "act_covered",
    "acts_page",
    "compounds_held",
    "coverage_report",
    "history",
    "known_operators",
    "last_act",
    "latest_acts",
    "ledger",
    "micro_grid_modes",
    "months",
    "overview",
    "replaced_periods",
    "scan_of",
    "soonest",
    "standing",
    "tallies_below",
    "tally",
    "untold",
    "watch_everywhere",
    "watch_for_area",
    "watch_for_unit",
]
