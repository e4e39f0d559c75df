"""The independent checker of the exchange form, asked about values of ours."""

import json
from typing import Any

from benchmarks.check_plan import check
from govgrid.meetings.planning.exchange import write_instance, write_plan
from govgrid.meetings.planning.instance import Base, Instance, Plan


def judged(instance: Instance, plan: Plan, base: Base | None = None) -> dict[str, Any]:
    """Return the checker's report."""
    told = base and {
        "assign": dict(base.assign),
        "confirmed": sorted(base.confirmed),
        "forced": sorted(base.forced),
    }
    document = json.loads(write_instance(instance))
    report: dict[str, Any] = check(document, json.loads(write_plan(plan)), told)
    return report
