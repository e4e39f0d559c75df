"""Say why meetings are not planned, and what would help: `explain`."""

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.conflicts import Conflicts
from govgrid.meetings.planning.crew import Crew, Stop
from govgrid.meetings.planning.instance import Base, Instance, Plan, Reason
from govgrid.meetings.planning.reasons import Reasons
from govgrid.meetings.planning.repair import fixed_by
from govgrid.meetings.planning.ways import Ways
from govgrid.meetings.planning.wording import Wording


def explain(
    instance: Instance,
    plan: Plan,
    *,
    seconds: float = 30,
    base: Base | None = None,
    names: Mapping[str, str] | None = None,
    stop: Stop | None = None,
    ways: bool = True,
) -> dict[str, tuple[Reason, ...]]:
    """Return the reasons of every meeting that is not in the plan, with ways out that were tried.

    `base` is what was repaired: its confirmed meetings do not give way. `names` gives the words
    for ids of people, rooms, compounds or meetings.
    """
    stop = stop or (lambda: False)
    with Crew(processes=0, until=monotonic() + seconds, stop=stop) as crew:
        board, wording = Board(instance), Wording(instance, names or {})
        return explained(board, plan.assign, crew, base=base, wording=wording, ways=ways)


def explained(
    board: Board,
    held: Mapping[str, int],
    crew: Crew,
    *,
    base: Base | None,
    wording: Wording,
    ways: bool,
) -> dict[str, tuple[Reason, ...]]:
    """Return the reasons of every meeting that is not held; `ways` also tries ways out."""
    out = sorted(board.instance.meetings.keys() - held.keys())
    choices = dict(board.choices)
    if base:
        choices.update({id_: (start,) for id_, start in fixed_by(board, base).items()})
    reasons = Reasons(board, held, Conflicts(board, choices, crew), wording)
    found = {id_: reasons.of(id_) for id_ in out}
    if ways and found:
        tried = Ways(board, choices, held, crew, wording)
        for id_, (first, *rest) in found.items():
            found[id_] = (replace(first, ways=tried.out_of(id_, first)), *rest)
    return found
