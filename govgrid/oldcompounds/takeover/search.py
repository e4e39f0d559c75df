"""The search for packages with CP-SAT, imported only where one runs.

One worker and deterministic limits: the same compounds and the same seed find the same packages.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from govgrid.oldcompounds.takeover.rules import (
    METRES_PER_YUAN,
    PER_HOUSEHOLD_LEFT,
    Problem,
    greedy,
    score,
)

WORK_PER_SECOND = 0.35  # deterministic seconds that a core does in a second, also when shared

Tell = Callable[[int, int], None]
"""Is told the best total and the bound so far."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best proposal by places, what it costs, and below what no proposal can come."""

    packages: dict[int, list[int]]
    total: int
    bound: int

    @property
    def proven(self) -> bool:
        """Tell whether no proposal can be better."""
        return self.total == self.bound


def propose(problem: Problem, *, seconds: float, seed: int = 0, tell: Tell | None = None) -> Found:
    """Return the best packages found in about that many seconds; never worse than greedy ones."""
    model = _Model(problem)
    first = greedy(problem)
    model.hint(first)
    solver = cp_model.CpSolver()
    given = solver.parameters
    given.num_workers = 1
    given.linearization_level = 2
    given.random_seed = seed
    given.max_deterministic_time = WORK_PER_SECOND * seconds
    status = solver.solve(model.cp, _Watch(tell) if tell else None)
    bound = max(0, math.ceil(solver.best_objective_bound - 1e-6))
    best, total = first, score(problem, first).total
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        found = model.packages(solver)
        if (cost := score(problem, found).total) < total:
            best, total = found, cost
    return Found(best, total, min(bound, total))


class _Model:
    """Booleans `held[i, c]`: the compound at place i lies in the package around place c."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cp = cp_model.CpModel()
        self.centres = [c for c in range(len(problem.homes)) if self._enough(c)]
        self.held = {
            (i, c): self.cp.new_bool_var(f"{i} in {c}")
            for c in self.centres
            for i in problem.near(c)
        }
        self.left = [self.cp.new_bool_var(f"{i} left") for i in range(len(problem.homes))]
        self.loss = {c: self._loss(c) for c in self.centres}
        for i, out in enumerate(self.left):
            mine = [self.held[i, c] for c in self.centres if (i, c) in self.held]
            self.cp.add_exactly_one([*mine, out])
        for c in self.centres:
            self._add_package(c)
        self.cp.minimize(self._total())

    def _enough(self, centre: int) -> bool:
        homes = self.problem.homes
        around = sum(homes[i].households for i in self.problem.near(centre))
        return around >= self.problem.least_households

    def _loss(self, centre: int) -> cp_model.IntVar:
        homes = self.problem.homes
        worst = sum(max(0, -homes[i].balance) for i in self.problem.near(centre))
        return self.cp.new_int_var(0, worst, f"loss {centre}")

    def _add_package(self, centre: int) -> None:
        homes, near = self.problem.homes, self.problem.near(centre)
        own = self.held[centre, centre]
        for i in near:
            if i != centre:
                self.cp.add_implication(self.held[i, centre], own)
        households = sum(homes[i].households * self.held[i, centre] for i in near)
        self.cp.add(households >= self.problem.least_households * own)
        balance = sum(homes[i].balance * self.held[i, centre] for i in near)
        self.cp.add(self.loss[centre] + balance >= 0)

    def _total(self) -> cp_model.LinearExpr:
        homes = self.problem.homes
        terms = [
            (out, METRES_PER_YUAN * PER_HOUSEHOLD_LEFT * homes[i].households)
            for i, out in enumerate(self.left)
        ]
        terms += [(loss, METRES_PER_YUAN) for loss in self.loss.values()]
        terms += [(var, self.problem.metres[key]) for key, var in self.held.items()]
        variables, weights = zip(*terms, strict=True)
        return cp_model.LinearExpr.weighted_sum(variables, weights)

    def hint(self, packages: dict[int, list[int]]) -> None:
        """Start the search from a proposal."""
        inside = {(i, centre) for centre, members in packages.items() for i in members}
        taken = {i for i, _centre in inside}
        for key, var in self.held.items():
            self.cp.add_hint(var, key in inside)
        for i, out in enumerate(self.left):
            self.cp.add_hint(out, i not in taken)
        homes = self.problem.homes
        for centre, loss in self.loss.items():
            balance = sum(homes[i].balance for i in packages.get(centre, ()))
            self.cp.add_hint(loss, max(0, -balance))

    def packages(self, solver: cp_model.CpSolver) -> dict[int, list[int]]:
        """Return the packages of the solution."""
        found: dict[int, list[int]] = {}
        for (i, centre), var in sorted(self.held.items()):
            if solver.boolean_value(var):
                found.setdefault(centre, []).append(i)
        return found


class _Watch(cp_model.CpSolverSolutionCallback):
    """Tells each better proposal."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    def on_solution_callback(self) -> None:
        self._tell(round(self.objective_value), math.ceil(self.best_objective_bound - 1e-6))
