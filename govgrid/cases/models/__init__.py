"""Tables of complaint cases, one module a noun."""

from govgrid.cases.models.case import (
    Case,
    CaseNumber,
    DueChange,
    Holder,
    Receipt,
    Source,
    UndoneClosing,
)
from govgrid.cases.models.events import CaseCall, CaseEvent, DueKind, Stage, Step
from govgrid.cases.models.experts import ExpertCall, ExpertGroup, ExpertMember
from govgrid.cases.models.promises import Promise, ServiceHours
from govgrid.cases.models.supervision import Sanction, SupervisionStep, Threshold, Verdict

__all__ = [
    "Case",
    "CaseCall",
    "CaseEvent",
    "CaseNumber",
    "DueChange",
    "DueKind",
    "ExpertCall",
    "ExpertGroup",
    "ExpertMember",
    "Holder",
    "Promise",
    "Receipt",
    "Sanction",
    "ServiceHours",
    "Source",
    "Stage",
    "Step",
    "SupervisionStep",
    "Threshold",
    "UndoneClosing",
    "Verdict",
]
