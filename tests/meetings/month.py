"""A street of several communities to plan, and a check of plans that shares no code with them."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.grid.models import Absence, Area, Level, Officer
from tests import build
from tests.build import City

STREET = "/5101/510107/510107001/"
MONTH = "2026-12"


def crowd(db: Session, city: City, communities: int = 2, compounds: int = 3) -> list[Area]:
    """Add communities to the street that share one police officer, each with compounds."""
    found = []
    for number in range(1, communities + 1):
        code = f"5101070010{number + 10:02d}"
        area = build.area(db, code, f"新社区{number}", Level.COMMUNITY, city.street)
        build.officer(db, f"书记{number}", Role.SECRETARY, area)
        build.post(db, city.police, Role.POLICE, area)
        grid = build.area(db, code + "001", f"新网格{number}", Level.GRID, area)
        build.officer(db, f"网格长{number}", Role.GRID_LEADER, grid)
        micros = tuple(
            build.area(db, f"{code}001{n:03d}", f"微网格{n}", Level.MICRO_GRID, grid)
            for n in (1, 2, 3)
        )
        for micro in micros:
            build.officer(db, f"成员{micro.code[-3:]}", Role.MICRO_GRID_MEMBER, micro)
        for n in range(1, compounds + 1):
            home = build.compound(
                db,
                area,
                f"新小区{number}{n}",
                grid=grid,
                micro_grids=micros,
                code=f"XQ-N{number}{n}",
            )
            build.officer(db, f"经理{number}{n}", Role.PROJECT_MANAGER, home)
        found.append(area)
    return found


def send_away(db: Session, officer: Officer, start: str, end: str, reason: str = "培训") -> Absence:
    """Note when somebody is away."""
    made = Absence(
        officer_id=officer.id, start=build.clock(start), end=build.clock(end), reason=reason
    )
    db.add(made)
    db.flush()
    return made


def faults(answer: dict[str, Any]) -> list[str]:
    """Return what is wrong with the answer of `plan`: overlaps of people and of rooms."""
    held: dict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    wrong = []
    for meeting in answer["meetings"]:
        start, end = (datetime.fromisoformat(meeting[key]) for key in ("start", "end"))
        if start.weekday() > 4:
            wrong.append(f"{meeting['unit']} on a weekend")
        names = {*meeting["required"], *meeting["optional_attending"]}
        for name in (*names, "room:" + meeting["venue"]):
            held[name].append((start, end, meeting["venue"]))
    for name, spans in held.items():
        spans.sort()
        for one, other in pairwise(spans):
            way = timedelta(minutes=0 if one[2] == other[2] or name.startswith("room:") else 10)
            if other[0] < one[1] + way:
                wrong.append(f"{name} at {one[0]} and {other[0]}")
    return wrong
