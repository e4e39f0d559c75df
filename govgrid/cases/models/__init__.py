"""Tables of complaint cases, one module a noun."""

from govgrid.cases.models.case import Case, DueChange, Holder, Source
from govgrid.cases.models.events import CaseCall, CaseEvent, DueKind, Stage, Step

__all__ = [
    "Case",
    "CaseCall",
    "CaseEvent",
    "DueChange",
    "DueKind",
    "Holder",
    "Source",
    "Stage",
    "Step",
]
