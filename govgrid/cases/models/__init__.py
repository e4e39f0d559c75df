"""Tables of cases, one module a noun."""

from govgrid.cases.models.case import Case, DueChange, Source
from govgrid.cases.models.supervision import Sanction, SupervisionStep, Threshold, Verdict

__all__ = [
    "Case",
    "DueChange",
    "Sanction",
    "Source",
    "SupervisionStep",
    "Threshold",
    "Verdict",
]
