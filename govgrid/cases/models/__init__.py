"""Tables of complaint cases, one module a noun."""

from govgrid.cases.models.case import Case, CaseNumber, DueChange, Holder, Receipt, Source
from govgrid.cases.models.events import CaseCall, CaseEvent, DueKind, Stage, Step
from govgrid.cases.models.supervision import Sanction, SupervisionStep, Threshold, Verdict

__all__ = [
    "Case",
    "CaseCall",
    "CaseEvent",
    "CaseNumber",
    "DueChange",
    "DueKind",
    "Holder",
    "Receipt",
    "Sanction",
    "Source",
    "Stage",
    "Step",
    "SupervisionStep",
    "Threshold",
    "Verdict",
]
