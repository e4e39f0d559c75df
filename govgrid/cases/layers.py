"""The map's layer of open cases: how many stand open in each micro-grid, and whether overdue."""

from govgrid.cases.queries.micro_grids import open_by_micro_grid
from govgrid.grid.layers import Layer, Tint
from govgrid.grid.models import Area
from govgrid.web.language import gettext as _
from govgrid.web.visit import Visit
from govgrid.words import N_


def _open(visit: Visit, area: Area) -> dict[int, Tint]:
    return {
        area_id: Tint(
            "overdue" if found.overdue else "open",
            _("未办结 %(open)s 件，超期 %(overdue)s 件", open=found.open, overdue=found.overdue),
        )
        for area_id, found in open_by_micro_grid(visit.db, area, visit.at).items()
    }


OPEN_CASES = Layer(
    "cases",
    N_("未办结诉求"),
    (
        ("overdue", N_("有超期"), "bad"),
        ("open", N_("有未办结"), "warn"),
        ("", N_("没有未办结"), "good"),
    ),
    _open,
    N_("小区的诉求计入为其服务的每个微网格。"),
)
