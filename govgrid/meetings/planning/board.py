"""What every step of planning one instance shares: its moments, its roads, its free starts."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from govgrid.meetings.planning.attendance import attendance
from govgrid.meetings.planning.clashes import Roads
from govgrid.meetings.planning.costs import score
from govgrid.meetings.planning.diary import Diary, counted_elsewhere
from govgrid.meetings.planning.instance import Instance
from govgrid.meetings.planning.parts import Limits, Part, excerpt, load_of
from govgrid.meetings.planning.starts import Moments


class Board:
    """An instance with what is worked out from it once."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.moments = Moments(instance)
        self.roads = Roads(instance)

    @cached_property
    def choices(self) -> Mapping[str, tuple[int, ...]]:
        """The free starts of every meeting, whatever other meetings do."""
        free = self.moments.free
        meetings = self.instance.meetings.items()
        return {id_: tuple(self.moments.starts(free(meeting))) for id_, meeting in meetings}

    @cached_property
    def _counted(self) -> Mapping[str, tuple[str, ...]]:
        return counted_elsewhere(self.instance)

    def diary(self, assign: Mapping[str, int] | None = None) -> Diary:
        diary = Diary(self.instance, self.moments, self.roads, self._counted)
        for id_, start in (assign or {}).items():
            diary.place(id_, start)
        return diary

    def attendance(self, assign: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
        return attendance(self.instance, self.moments, self.roads, assign)

    def cost(self, assign: Mapping[str, int]) -> int:
        """Return the objective when as many guests come as can."""
        return score(self.instance, assign, self.attendance(assign)).total

    def alone(self, ids: Iterable[str], limits: Limits, hint: Mapping[str, int]) -> Part:
        """Return the meetings as a part that need not mind the others."""
        ids = list(ids)
        choices = {id_: self.choices[id_] for id_ in ids}
        return Part(excerpt(self.instance, ids), choices, limits, _within(hint, choices))

    def among(
        self, ids: Iterable[str], diary: Diary, limits: Limits, hint: Mapping[str, int]
    ) -> Part:
        """Return the meetings as a part that leaves alone what stands in the diary."""
        ids = list(ids)
        choices = {id_: self.left(id_, diary) for id_ in ids}
        part = excerpt(self.instance, ids, diary)
        load = load_of(self.instance, diary.starts, ids)
        return Part(part, choices, limits, _within(hint, choices), load)

    def left(self, id_: str, diary: Diary) -> tuple[int, ...]:
        """Return the starts that the placed meetings leave."""
        meeting = self.instance.meetings[id_]
        return tuple(start for start in self.choices[id_] if not diary.clashing(meeting, start))


def _within(hint: Mapping[str, int], choices: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    return {id_: hint[id_] for id_, starts in choices.items() if hint.get(id_) in starts}
