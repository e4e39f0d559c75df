"""Tables of the grid, one module a noun."""

from govgrid.grid.models.areas import (
    Area,
    AreaChange,
    AreaChangePart,
    Boundary,
    ChangeKind,
    ChangeStage,
    Level,
    Side,
)
from govgrid.grid.models.boards import BoardPrint, PaperSize
from govgrid.grid.models.compounds import (
    OLD_KINDS,
    Compound,
    CompoundKind,
    CompoundMicroGrid,
    Organization,
    OrganizationKind,
)
from govgrid.grid.models.keys import AreaKey, CompoundKey, OfficerKey
from govgrid.grid.models.officers import Absence, BusyFeed, Officer, Post, Substitute

__all__ = [
    "OLD_KINDS",
    "Absence",
    "Area",
    "AreaChange",
    "AreaChangePart",
    "AreaKey",
    "BoardPrint",
    "Boundary",
    "BusyFeed",
    "ChangeKind",
    "ChangeStage",
    "Compound",
    "CompoundKey",
    "CompoundKind",
    "CompoundMicroGrid",
    "Level",
    "Officer",
    "OfficerKey",
    "Organization",
    "OrganizationKind",
    "PaperSize",
    "Post",
    "Side",
    "Substitute",
]
