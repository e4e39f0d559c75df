"""Named reads of cases: the four rates, what a meeting hears, lists."""

from govgrid.cases.queries.calls import calls_of
from govgrid.cases.queries.countdown import Running, count_pressing, count_running, running
from govgrid.cases.queries.events import events_of
from govgrid.cases.queries.four_rates import By, RateRow, RatesReport, month_span, rates
from govgrid.cases.queries.heard import Heard, cases_for_unit, count_for_unit
from govgrid.cases.queries.lists import (
    Wanted,
    case_seen,
    cases_seen,
    count_seen,
    months_cases,
    stood_at,
)
from govgrid.cases.queries.series import heat, month_counts, series
from govgrid.cases.queries.supervision import supervision_for_unit

__all__ = [
    "By",
    "Heard",
    "RateRow",
    "RatesReport",
    "Running",
    "Wanted",
    "calls_of",
    "case_seen",
    "cases_for_unit",
    "cases_seen",
    "count_for_unit",
    "count_pressing",
    "count_running",
    "count_seen",
    "events_of",
    "heat",
    "month_counts",
    "month_span",
    "months_cases",
    "rates",
    "running",
    "series",
    "stood_at",
    "supervision_for_unit",
]
