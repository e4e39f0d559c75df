"""Tells how far a search has come, not more often than a screen can show."""

from collections.abc import Callable
from time import monotonic

from govgrid.meetings.planning.instance import Progress

OFTEN = 0.2  # seconds
Tell = Callable[[Progress], None]


class Teller:
    """Counts plans and passes on what is new."""

    def __init__(self, meetings: int, tell: Tell | None) -> None:
        self._meetings = meetings
        self._tell = tell
        self._plans = 0
        self._last: Progress | None = None
        self._at = 0.0

    def tell(self, objective: int, bound: int, planned: int) -> None:
        """Tell of a plan: what it costs, what is proven, how many meetings it holds."""
        if self._last is None or objective != self._last.objective:
            self._plans += 1
        out = self._meetings - planned
        told = Progress(self._plans, objective, bound, planned, out)
        first, self._last = self._last is None, told
        if self._tell and (first or monotonic() - self._at >= OFTEN):
            self._at = monotonic()
            self._tell(told)

    def end(self, bound: int) -> None:
        """Tell the last state whatever the time."""
        if self._tell and self._last:
            last = self._last
            self._tell(Progress(last.plans, last.objective, bound, last.planned, last.unplanned))
