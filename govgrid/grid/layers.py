"""Layers of a map: colourings of micro-grids, each with its legend; the grid's own ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from govgrid.grid.models import Area
from govgrid.grid.queries.maps import micro_grid_households, vacant_micro_grids
from govgrid.web.language import gettext as _
from govgrid.web.visit import Visit
from govgrid.words import N_


@dataclass(frozen=True, slots=True)
class Tint:
    """How a layer shows one micro-grid: a value of its legend, and a remark in the user's words."""

    value: str
    remark: str = ""


Tints = Mapping[int, Tint]
REST = Tint("")


@dataclass(frozen=True, slots=True)
class Layer:
    """A colouring of micro-grids: `load` gives a tint by area id; the others have the value "".

    `legend` is value, word, tone; words are msgids, a tone is one of good, info, other, warn, bad,
    blank. `note` is a msgid too: what the reader should know about the figures.
    """

    key: str
    word: str
    legend: tuple[tuple[str, str, str], ...]
    load: Callable[[Visit, Area], Tints]
    note: str = ""

    def word_of(self, value: str) -> str:
        """Return the msgid of a value's word."""
        return next((word for key, word, _tone in self.legend if key == value), "")

    def tone_of(self, value: str) -> str:
        """Return the tone of a value."""
        return next((tone for key, _word, tone in self.legend if key == value), "blank")


def _vacancies(visit: Visit, area: Area) -> Tints:
    return dict.fromkeys(vacant_micro_grids(visit.db, area, visit.today), Tint("vacant"))


def _households(visit: Visit, area: Area) -> Tints:
    return {
        area_id: Tint(_size(number), _("约 %(number)s 户", number=round(number)))
        for area_id, number in micro_grid_households(visit.db, area).items()
    }


def _size(households: float) -> str:
    """Return the value of a number of households: a micro-grid has 30 to 100."""
    if households < 30:
        return "few"
    return "many" if households > 100 else "right"


VACANCY = Layer(
    "vacancy",
    N_("微网格员在岗"),
    (("vacant", N_("空缺"), "bad"), ("", N_("在岗"), "good")),
    _vacancies,
)
HOUSEHOLDS = Layer(
    "households",
    N_("户数"),
    (
        ("many", N_("超过 100 户"), "warn"),
        ("right", N_("30–100 户"), "good"),
        ("few", N_("不足 30 户"), "info"),
        ("", N_("没有户数"), "blank"),
    ),
    _households,
    N_("户数按小区总户数平均到所服务的微网格估算。"),
)
