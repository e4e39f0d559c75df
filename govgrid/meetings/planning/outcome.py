"""What a plan comes to: a place for each unit, and whether it still fits what stands by now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from govgrid.meetings.models import Part
from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.instance import Instance
from govgrid.meetings.planning.lines import Line, Problem
from govgrid.meetings.planning.starts import Moments
from govgrid.meetings.queries.engaged import Room
from govgrid.meetings.queries.roster import Called


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit's meeting with its time, its room and who comes; `guests` are asked and can come."""

    line: Line
    start: datetime
    end: datetime
    due: tuple[Called, ...]
    guests: tuple[Called, ...]

    @property
    def room(self) -> Room:
        return self.line.room

    @property
    def moved(self) -> bool:
        """Tell whether it stood elsewhere or not at all before."""
        sitting = self.line.sitting
        return sitting is None or (sitting.start, sitting.venue_id) != (self.start, self.room.id)


def placed(
    problem: Problem, assign: Mapping[str, int], attend: Mapping[str, tuple[str, ...]]
) -> list[Placed]:
    """Return the area's meetings that have a place, those that stand included, in order of time."""
    found = []
    for key, line in problem.lines.items():
        if line.fixed and line.sitting is not None:
            start, come = line.sitting.start, {c.person.code for c in line.called}
        elif key in assign:
            start, come = problem.ground.moment(assign[key]), set(attend.get(key, ()))
        else:
            continue
        due = tuple(c for c in line.called if c.part is not Part.OPTIONAL)
        guests = tuple(c for c in line.called if c.part is Part.OPTIONAL and c.person.code in come)
        end = start + timedelta(minutes=line.minutes)
        found.append(Placed(line, start, end, due, guests))
    return sorted(found, key=lambda p: (p.start, p.line.key))


def stones(instance: Instance, problem: Problem) -> dict[str, int]:
    """Return the starts of the instance's meetings that can be nowhere else."""
    moments = Moments(instance)
    lines = problem.lines
    return {
        key: starts[0]
        for key, meeting in instance.meetings.items()
        if (key not in lines or lines[key].fixed)
        and (starts := moments.starts(moments.open(meeting)))
    }


def standing(problem: Problem) -> dict[str, int]:
    """Return where meetings stand that a plan may move."""
    return {
        key: problem.ground.minute(line.sitting.start)
        for key, line in problem.lines.items()
        if not line.fixed and line.sitting is not None and key in problem.instance.meetings
    }


def misfits(problem: Problem, assign: Mapping[str, int]) -> Iterator[str]:
    """Yield the keys whose start no longer fits: somebody or the room is taken by now."""
    instance = problem.instance
    diary = Board(instance).diary()
    stay = {key: at for key, at in standing(problem).items() if key not in assign}
    for key, start in {**stones(instance, problem), **stay}.items():
        diary.place(key, start)
    for key, start in sorted(assign.items()):
        meeting = instance.meetings.get(key)
        if meeting is None:
            yield key
            continue
        if key in diary.starts:  # stands already
            if diary.starts[key] != start:
                yield key
            continue
        free = start in diary.moments.starts(diary.moments.free(meeting))
        if not free or diary.clashing(meeting, start):
            yield key
        else:
            diary.place(key, start)
