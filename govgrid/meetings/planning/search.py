"""The search of one part: CP-SAT with one worker, so that the same input finds the same plan."""

import math
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

from ortools.sat.python import cp_model

from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.costs import liaisons_of
from govgrid.meetings.planning.model import Model, Value
from govgrid.meetings.planning.parts import Better, Found, Part, least_cost

FEW = 150  # meetings of one liaison; with more, visits one by one are too many
SHORTEST = 0.01  # seconds; the solver takes 0 for no limit


class Search:
    """One part's search; `stop` may be called from another thread."""

    def __init__(self, part: Part, better: Better | None = None) -> None:
        self.part = part
        self._better = better
        self._solver: cp_model.CpSolver | None = None
        self._stopped = threading.Event()
        self._until = monotonic() + part.limits.seconds
        self._work = 0.0
        self._done = True
        self._proven = self._refuted = False
        self._blurred: frozenset[str] = frozenset()

    def stop(self) -> None:
        self._stopped.set()
        if solver := self._solver:
            solver.stop_search()

    def run(self) -> Found:
        """Search until proof, or to the end of the part's limits."""
        if found := self._free_of_cost():
            return found
        model = Model(self.part)
        if self.part.whole:
            return self._hold_all(model)
        fewest = self._fewest_moves(model) if self.part.stay else None
        hint = fewest.assign if fewest else self.part.hint
        found = self._cheapest(model, hint) or _unproven(self.part, hint if fewest else {})
        least = fewest.bound if fewest else 0
        exactly: set[str] = set()
        while self._proven and found.objective > found.bound and (new := self._blurred - exactly):
            exactly |= new
            model = Model(self.part, exactly)
            if fewest:
                model.cp.add(model.moves() <= fewest.objective)
            found = self._cheapest(model, found.assign, found) or found
        return replace(found, work=self._work, done=self._done, fewest=least)

    def _cheapest(
        self, model: Model, hint: Mapping[str, int], known: Found | None = None
    ) -> Found | None:
        """Return the cheapest plan that is known now; its bound holds, too."""
        if hint:
            model.hint(hint)
        model.minimize_cost()
        watch = _Watch(model, self._better, known)
        found = self._solve(model, watch)
        self._blurred = watch.blurred & self._few()
        if found is None or watch.best is None:
            return known
        return replace(watch.best, bound=max(watch.best.bound, found.bound))

    def _few(self) -> set[str]:
        """Return the liaisons whose visits can be told one by one."""
        meetings = self.part.instance.meetings.values()
        invited = Counter(person for meeting in meetings for person in liaisons_of(meeting))
        return {person for person, count in invited.items() if count <= FEW}

    def _free_of_cost(self) -> Found | None:
        """Return the hint where no plan can be better: each of its meetings is at its cheapest."""
        part = self.part
        if part.stay or part.load or part.hint.keys() != part.instance.meetings.keys():
            return None
        instance, least = part.instance, least_cost(part.instance, part.choices)
        cost = Board(instance).cost(part.hint)
        return Found(part.hint, cost, least, 0, done=True) if cost == least else None

    def _hold_all(self, model: Model) -> Found:
        for out in model.left_out.values():
            model.cp.add(out == 0)
        return self._solve(model) or replace(_unproven(self.part, {}), impossible=self._refuted)

    def _fewest_moves(self, model: Model) -> Found | None:
        """Find how few must move, and hold the model to it."""
        model.hint(self.part.hint or self.part.stay)
        moves = model.moves()
        model.cp.minimize(moves)
        found = self._solve(model)
        if found:
            model.cp.add(moves <= found.objective)
        return found

    def _solve(self, model: Model, watch: "_Watch | None" = None) -> Found | None:
        solver = self._solver = cp_model.CpSolver()
        limits, given = self.part.limits, solver.parameters
        given.num_workers = 1
        given.linearization_level = 2
        given.random_seed = limits.seed
        given.max_deterministic_time = max(SHORTEST, limits.work - self._work)
        given.max_time_in_seconds = max(SHORTEST, self._until - monotonic())
        if self._stopped.is_set():
            given.max_time_in_seconds = SHORTEST
        if watch:
            solver.best_bound_callback = watch.raise_bound
        status = solver.solve(model.cp, watch)
        self._work += solver.deterministic_time
        self._proven = status == cp_model.OPTIMAL
        self._refuted = status == cp_model.INFEASIBLE
        self._done &= self._proven or self._refuted or self._work >= limits.work
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        held = _held(model, solver.boolean_value)
        bound = _whole(solver.best_objective_bound)
        return Found(held, round(solver.objective_value), bound, 0, done=True)


def _held(model: Model, value: Value) -> dict[str, int]:
    return {id_: start for (id_, start), var in model.held.items() if value(var)}


def _unproven(part: Part, assign: Mapping[str, int]) -> Found:
    """Return what is known when the time was too short for a better plan than this one."""
    cost = Board(part.instance).cost(assign)
    return Found(assign, cost, least_cost(part.instance, part.choices), 0, done=False)


def _whole(bound: float) -> int:
    """Return the bound as the whole number that every objective is."""
    return math.ceil(bound - 1e-6)


class _Watch(cp_model.CpSolverSolutionCallback):
    """Reads each better plan and bound out of the running search.

    The model's objective is too low where it says that liaisons come who cannot; what the plan
    really costs is told.
    """

    def __init__(self, model: Model, better: Better | None, best: Found | None) -> None:
        super().__init__()
        self.best = best
        self.blurred: frozenset[str] = frozenset()
        """Of whom the last plan's objective told too much."""
        self._model = model
        self._better = better

    def on_solution_callback(self) -> None:
        held = _held(self._model, self.boolean_value)
        missing = self._model.missing(held, self.boolean_value)
        self.blurred = frozenset(missing)
        weight = self._model.part.instance.weights.liaison_missed
        cost = round(self.objective_value) + weight * sum(missing.values())
        if self.best is None or cost < self.best.objective:
            bound = _whole(self.best_objective_bound)
            bound = max(bound, self.best.bound) if self.best else bound
            self._tell(Found(held, cost, bound, 0, done=False))

    def raise_bound(self, bound: float) -> None:
        """Tell of what is newly proven of the last plan."""
        if self.best and _whole(bound) > self.best.bound:
            self._tell(replace(self.best, bound=_whole(bound)))

    def _tell(self, found: Found) -> None:
        self.best = found
        if self._better:
            self._better(found)
