"""Named reads of coverage: rates of areas, lists of compounds, a compound's history."""

from govgrid.oldcompounds.queries.acts import ActLine, acts_page, replaced_periods, scan_of
from govgrid.oldcompounds.queries.history import (
    Standing,
    compounds_held,
    history,
    known_operators,
    standing,
)
from govgrid.oldcompounds.queries.ledger import Line, Show, count_lines, ledger
from govgrid.oldcompounds.queries.rates import (
    CoverageReport,
    Uncovered,
    coverage_report,
    micro_grid_modes,
    tallies_below,
    tally,
)
from govgrid.oldcompounds.queries.stored import last_act

__all__ = [
    "ActLine",
    "CoverageReport",
    "Line",
    "Show",
    "Standing",
    "Uncovered",
    "acts_page",
    "compounds_held",
    "count_lines",
    "coverage_report",
    "history",
    "known_operators",
    "last_act",
    "ledger",
    "micro_grid_modes",
    "replaced_periods",
    "scan_of",
    "standing",
    "tallies_below",
    "tally",
]
