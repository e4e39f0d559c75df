"""Tables of coverage: periods, what they replaced, the acts that wrote them, agreements' scans."""

from govgrid.oldcompounds.models.acts import Act, ActKind, Scan, Version
from govgrid.oldcompounds.models.coverage import Coverage, FeeModel, FeeUnit, Mode
from govgrid.oldcompounds.models.watch import CoverageCall, CoverageTurn

__all__ = [
    "Act",
    "ActKind",
    "Coverage",
    "CoverageCall",
    "CoverageTurn",
    "FeeModel",
    "FeeUnit",
    "Mode",
    "Scan",
    "Version",
]
