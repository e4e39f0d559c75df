"""A month's streets searched by several workers: the plan of one, whoever takes part or is killed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from govgrid.db import Database
from govgrid.meetings import sharing
from govgrid.meetings.models import PlanPart, PlanRun
from govgrid.meetings.planning import solve as solving
from govgrid.meetings.planning.board import Board
from govgrid.meetings.planning.crew import Crew, Tell
from govgrid.meetings.planning.parcel import found_of, part_of, wrapped
from govgrid.meetings.planning.parts import Found, Limits, Part
from govgrid.meetings.planning.solve import solve
from govgrid.meetings.sharing import LEASE, SharedCrew, help_along, take
from tests import build
from tests.meetings.planning.build import busy_month


def test_a_part_and_its_plan_survive_the_way() -> None:
    month = busy_month(6)
    board = Board(month)
    part = board.among(list(month.meetings)[:3], board.diary({"M004": 3 * 1440}), Limits(1, 1), {})
    assert part_of(wrapped(part)) == part
    found = Found({"M001": 5}, 3, 2, 0.5, done=True)
    assert found_of(wrapped(found)) == found


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_workers_share_the_streets_and_a_killed_ones_is_taken_over(
    database: Database, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    month, helped = busy_month(), []
    alone = solve(month, seconds=30)
    monkeypatch.setattr(solving, "FEW", 0)
    monkeypatch.setattr(sharing, "cores", lambda: 1)
    right_here = partial(Crew, processes=0)
    monkeypatch.setattr(sharing, "Crew", lambda processes, **crew: right_here(**crew))

    class Beside(SharedCrew):
        """Before it begins, another worker takes a street and dies, a third one searches one."""

        def _shared(self, parts: Sequence[Part], tell: Tell) -> Iterator[tuple[int, Part]]:
            with database.writing() as db:
                assert take(db, at - LEASE - timedelta(seconds=1), 1)
            with database.writing() as db:
                held = take(db, at, 1)
            assert held
            with database.writing() as db:  # whoever holds it is asked for no second time
                assert held[0].id not in {one.id for one in take(db, at - LEASE * 2, 1)}
            helped.append(help_along(database, at))
            with database.writing() as db:
                db.get_one(PlanPart, held[0].id).leased_until = None
            yield from super()._shared(parts, tell)

    with database.writing() as db:
        city = build.small_city(db)
        run = PlanRun(
            area_id=city.street.id, paths=[city.street.path], month=date(2026, 12, 1), seconds=30,
            adjust={}, account_id=1, asked_by="排会人", asked_at=at, progress={},
        )  # fmt: skip
        db.add(run)
        db.flush()
        number = run.id

    def crew_of(**crew: Any) -> Crew:
        return Beside(database, number, lambda: at, **{**crew, "processes": 0})

    shared = solve(month, seconds=30, crew_of=crew_of)
    assert shared.assign == alone.assign
    assert not shared.cut
    assert helped[0] == 1
    with database.reading() as db:
        assert db.scalar(select(func.count(PlanPart.id))) == 0
