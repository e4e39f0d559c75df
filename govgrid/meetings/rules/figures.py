"""Figures of a month's meetings: counts, the shares that follow, by when minutes are signed."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from typing import Self

from govgrid.cases.rules import share
from govgrid.words import N_
from govgrid.workdays import Calendar

SIGN_WITHIN = 5  # working days after the meeting's day

# Each share of the figures: what is counted, and of how many.
PARTS = {
    "held": ("held", "due"),
    "on_time": ("on_time", "held"),
    "quorum": ("quorate", "held"),
    "signed": ("signed_in_time", "minutes_due"),
}
WORDS = {
    "held": N_("召开率"),
    "on_time": N_("按期召开率"),
    "quorum": N_("人数达标率"),
    "signed": N_("纪要按期签发率"),
}
MEANINGS = (
    N_("应开：本月排定（未取消）会议的单元，加上未暂停而没有排会的单元；本系统启用前的月份不计。"),
    N_("已召开：截至时点已登记结束的会议。按期召开：在排定的那一天结束，且那一天在本月。"),
    N_("人数达标：应到人员（不含列席）中，出席和代会的超过半数。"),
    N_("纪要应签：已签发，或会后第 5 个工作日已过；按期签发：会后 5 个工作日内签发。"),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the meetings of a month; every share is None over nothing."""

    due: int = 0
    held: int = 0
    on_time: int = 0
    quorate: int = 0
    minutes_due: int = 0
    signed_in_time: int = 0

    @classmethod
    def total(cls, rows: Iterable[Self]) -> Self:
        """Return the sums, figure by figure."""
        return cls(*map(sum, zip(*(astuple(row) for row in [cls(), *rows]), strict=True)))

    def part(self, name: str) -> tuple[int, int]:
        """Return what a share counts, and of how many."""
        counted, of = PARTS[name]
        return getattr(self, counted), getattr(self, of)

    def rate(self, name: str) -> float | None:
        """Return a share, None over nothing."""
        return share(*self.part(name))


def sign_by(day: date, calendar: Calendar) -> date:
    """Return the last day on which the minutes of a meeting of that day are signed in time."""
    for _ in range(SIGN_WITHIN):
        day = calendar.next_workday(day)
    return day
