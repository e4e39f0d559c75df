"""The map's layer of old compounds: the weakest management mode in each micro-grid."""

from govgrid.grid.layers import Layer, Tint
from govgrid.grid.models import Area
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.queries import micro_grid_modes
from govgrid.web.visit import Visit
from govgrid.words import N_


def _modes(visit: Visit, area: Area) -> dict[int, Tint]:
    found = micro_grid_modes(visit.db, area, visit.today)
    return {area_id: Tint(mode.value) for area_id, mode in found.items()}


COVERAGE = Layer(
    "coverage",
    N_("老旧小区管理方式"),
    (
        (Mode.NONE.value, Mode.NONE.word, "bad"),
        (Mode.SELF_MANAGED.value, Mode.SELF_MANAGED.word, "warn"),
        (Mode.DELEGATED.value, Mode.DELEGATED.word, "other"),
        (Mode.CUSTODIAL.value, Mode.CUSTODIAL.word, "info"),
        (Mode.PROFESSIONAL.value, Mode.PROFESSIONAL.word, "good"),
        ("", N_("没有老旧小区"), "blank"),
    ),
    _modes,
    N_("一个微网格有多个老旧小区时，按管理最弱的一个着色。"),
)
