"""Plan a month: `solve` finds a plan or repairs one, within a time and for a seed."""

from time import monotonic

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.crew import Crew, Stop, cores
from govgrid.meetings.planning.instance import Base, Instance, Plan, Reason, ReasonKind
from govgrid.meetings.planning.month import Month
from govgrid.meetings.planning.telling import Tell, Teller

FEW = 150  # meetings that are planned right here: processes cost more than they bring
PACE = 0.25  # deterministic seconds that a core does in a second, also when it is shared
ENDING = 0.0005  # seconds for each meeting to put the plan together at the end


def usual_seconds(meetings: int) -> float:
    """Return how long a search may take where nobody says: a minute, five for a city."""
    return max(60.0, 0.03 * meetings)


def solve(
    instance: Instance,
    *,
    seconds: float = 60,
    seed: int = 0,
    base: Base | None = None,
    progress: Tell | None = None,
    stop: Stop | None = None,
) -> Plan:
    """Return the best plan found in that many seconds of the clock; the rest carry a reason.

    With `base` the plan is repaired: confirmed meetings stay, of the others the fewest move, and
    the objective comes after that. `stop` is asked many times a second and ends the search with
    the best plan so far.
    """
    board = Board(instance)
    meetings = len(instance.meetings)
    until = monotonic() + seconds - min(0.2 * seconds, ENDING * meetings)
    processes = 0 if meetings <= FEW else cores()
    teller = Teller(meetings, progress)
    with Crew(processes=processes, until=until, stop=stop or (lambda: False)) as crew:
        month = Month(board, crew, teller, work=PACE * seconds * crew.size, seed=seed)
        month.run()
    attend = board.attendance(month.best)
    teller.end(month.bound)
    return Plan(
        assign=month.best,
        attend=attend,
        unplanned={
            id_: (Reason(ReasonKind.NOT_FOUND),)
            for id_ in instance.meetings
            if id_ not in month.best
        },
        bound=month.bound,
        objective=board.cost(month.best),
        seconds=round(month.spent, 3),
        cut=month.cut,
    )
