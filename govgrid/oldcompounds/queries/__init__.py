"""Named reads of coverage: rates of areas, lists of compounds, a compound's history."""

from govgrid.oldcompounds.queries.history import (
    Standing,
    compounds_held,
    history,
    history_version,
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

__all__ = [
    "CoverageReport",
    "Line",
    "Show",
    "Standing",
    "Uncovered",
    "compounds_held",
    "count_lines",
    "coverage_report",
    "history",
    "history_version",
    "known_operators",
    "ledger",
    "micro_grid_modes",
    "standing",
    "tallies_below",
    "tally",
]
