"""`plan`, as an office types it: dry, written, written again; refused."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from govgrid.cli.gathered import cli
from govgrid.db import Database
from govgrid.errors import Conflict, Invalid, NotFound
from govgrid.grid.models import Area
from govgrid.journal import Entry
from govgrid.meetings.models import (
    AgendaItem,
    Attendee,
    Meeting,
    PlanRun,
    Reply,
    Stage,
    Unit,
    Venue,
)
from govgrid.settings import Settings
from tests import build
from tests.meetings.month import crowd, faults

# The command's clock is the real one.
MONTH = f"{(datetime.now(UTC).replace(day=1) + timedelta(days=40)):%Y-%m}"


@pytest.fixture(autouse=True)
def _here(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVGRID_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("GOVGRID_SECRET", settings.secret)
    with database.writing() as db:
        city = build.small_city(db)
        crowd(db, city.street, city.police)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def planned(*arguments: str) -> dict[str, Any]:
    answer = run("plan", MONTH, "--json", "--seconds", "20", *arguments)
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_a_dry_plan_is_whole_and_writes_nothing(database: Database) -> None:
    answer = planned("--area", "510107001")
    assert answer["month"] == MONTH
    assert len({m["unit"] for m in answer["meetings"]}) == len(answer["meetings"]) == 9
    assert (answer["unplanned"], faults(answer)) == ([], [])
    assert {m["id"] for m in answer["meetings"]} == {None}
    assert answer["bound"] <= answer["score"]["total"] < 1000
    again = planned("--area", "510107001")
    assert again["meetings"] == answer["meetings"]
    with database.reading() as db:
        assert [db.scalar(select(func.count()).select_from(t)) for t in (Meeting, Unit, Venue)] == [
            0
        ] * 3


def test_a_written_plan_stands_and_is_planned_around(database: Database) -> None:
    first = planned("--area", "510107001001", "--apply")
    assert len(first["meetings"]) == 2
    whole = planned("--apply", "--confirm")
    assert faults(whole) == []
    kept = {m["unit"]: m for m in whole["meetings"]}
    assert all(kept[m["unit"]]["start"] == m["start"] for m in first["meetings"])
    assert len(whole["meetings"]) == 9
    with database.reading() as db:
        stages = dict(db.execute(select(Meeting.stage, func.count()).group_by(Meeting.stage)).all())
        assert stages == {Stage.PLANNED: 2, Stage.CONFIRMED: 7}
        own = select(Meeting.title).join(Unit).where(Unit.compound_id.is_(None))
        assert all("社区" in title for title in db.scalars(own))
        assert set(db.scalars(select(Venue.name))) >= {"锦江社区会议室", "新社区1会议室"}
        items = select(func.count()).select_from(AgendaItem)
        assert db.scalar(items) == 28  # three each, and the old courtyard's coverage
        accepted = (
            select(func.count()).select_from(Attendee).where(Attendee.reply == Reply.ACCEPTED)
        )
        assert db.scalar(accepted) == 7  # the convenors of what is confirmed
        lines = select(func.count()).select_from(Entry).where(Entry.verb == "schedule")
        assert db.scalar(lines) == 9
    again = planned("--apply")
    assert {(m["id"], m["start"]) for m in again["meetings"]} == {
        (m["id"], m["start"]) for m in whole["meetings"]
    }
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Meeting)) == 9


def test_a_unit_without_people_is_named(database: Database) -> None:
    answer = planned("--area", "510107002")
    (one,) = answer["unplanned"]
    assert one["unit"] == "510107002001"
    assert "没有必到人员" in one["reasons"][0]["text"]


def test_what_somebody_plans_right_now_is_not_written_over(database: Database) -> None:
    with database.writing() as db:
        street = db.scalars(select(Area).where(Area.code == "510107001")).one()
        db.add(
            PlanRun(
                area_id=street.id, paths=[street.path], month=date.fromisoformat(f"{MONTH}-01"),
                seconds=10, adjust={}, account_id=0, asked_by="孙联络", asked_at=datetime.now(UTC),
                progress={},
            )
        )  # fmt: skip
    refused = run("plan", MONTH, "--area", "510107001001", "--apply")
    assert isinstance(refused.exception, Conflict)
    assert "孙联络" in str(refused.exception)
    assert planned("--area", "510107001001")["meetings"]  # to look at is free


def test_wrong_words_are_refused() -> None:
    assert isinstance(run("plan", "December").exception, Invalid)
    assert isinstance(run("plan", "2020-01").exception, Invalid)
    assert isinstance(run("plan", MONTH, "--area", "999").exception, NotFound)
    assert run("plan", MONTH, "--confirm").exit_code == 2
    assert run("plan", MONTH, "--seconds", "0").exit_code == 2
