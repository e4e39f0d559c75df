"""Plan a month: `solve` finds a plan or repairs one, within a time and for a seed."""

from collections.abc import Callable
from time import monotonic

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.crew import Crew, Stop, cores
from govgrid.meetings.planning.explain import explained
from govgrid.meetings.planning.instance import Base, Instance, Plan
from govgrid.meetings.planning.month import Month
from govgrid.meetings.planning.repair import Repair
from govgrid.meetings.planning.telling import Tell, Teller
from govgrid.meetings.planning.wording import Wording

FEW = 150  # meetings that are planned right here: processes cost more than they bring
PACE = 0.35  # deterministic seconds that a core does in a second, also when it is shared
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
    crew_of: Callable[..., Crew] = Crew,
) -> Plan:
    """Return the best plan found in that many seconds of the clock; the rest carry a reason.

    With `base` the plan is repaired: confirmed meetings stay, of the others the fewest move, and
    the objective comes after that. `stop` is asked many times a second and ends the search with
    the best plan so far. `crew_of` makes the crew that searches where processes are worth it.
    """
    board, teller = Board(instance), Teller(len(instance.meetings), progress)
    begun, stop = monotonic(), stop or (lambda: False)
    until = begun + seconds - min(0.2 * seconds, ENDING * len(instance.meetings))
    processes = 0 if base or len(instance.meetings) <= FEW else cores()
    made = crew_of if processes else Crew
    with made(processes=processes, until=until, stop=stop) as crew:
        work = PACE * seconds * crew.size
        search = (
            Repair(board, crew, teller, base, work=work, seed=seed)
            if base
            else Month(board, crew, teller, work=work, seed=seed)
        )
        search.run()
    teller.end(search.bound)
    with Crew(processes=0, until=begun + seconds, stop=stop) as crew:
        wording = Wording(instance, {})
        unplanned = explained(board, search.best, crew, base=base, wording=wording, ways=False)
    return Plan(
        assign=search.best,
        attend=board.attendance(search.best),
        unplanned=unplanned,
        bound=search.bound,
        objective=board.cost(search.best),
        seconds=round(search.spent, 3),
        cut=search.cut,
    )
