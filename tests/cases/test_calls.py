"""Letters about cases' due times, and the list that counts down to them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid.access import Role
from govgrid.cases.actions.life import Note, take_step
from govgrid.cases.actions.promises import make_promise
from govgrid.cases.chasing import call_for_cases
from govgrid.cases.imports import load
from govgrid.cases.models import DueKind, Stage, Step
from govgrid.cases.queries import Running, case_seen, count_pressing, running
from govgrid.cases.rules import Leads, Pledge
from govgrid.db import Database
from govgrid.grid.models import Area, Officer
from govgrid.outbox.models import Letter
from tests import build
from tests.build import City
from tests.cases.sheets import case, sheet
from tests.cases.site import routes, visited

# Friday 09:30 in Chengdu: a reply is due at 11:30, the solution on Sunday.
RECEIVED = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
DUE = RECEIVED + timedelta(hours=2)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("stage", "past", "holds"),
    [
        (Stage.SOON, -31, False), (Stage.SOON, -30, True), (Stage.SOON, 0, True),
        (Stage.SOON, 1, False), (Stage.OVER, 0, False), (Stage.OVER, 1, True),
        (Stage.OVER, 60, True), (Stage.LONG, 60, False), (Stage.LONG, 61, True),
    ],
)  # fmt: skip
def test_a_due_time_has_one_stage_at_a_time(stage: Stage, past: int, *, holds: bool) -> None:
    leads = Leads({DueKind.REPLY: 30 * MINUTE}, HOUR)
    after, until = leads.window(DueKind.REPLY, stage, at=DUE + past * MINUTE)
    assert (after < DUE <= until) is holds


def test_each_is_told_once_at_each_stage(database: Database, city: City) -> None:
    with database.writing() as db:
        rows = (
            case("G-1", "2026-11-20 09:30", 诉求内容="王女士家漏水，电话10012345678"),
            case("G-2", "2026-11-20 09:30", "2026-11-20 09:40"),
        )
        load(db, None, sheet(*rows), "cases.csv", at=RECEIVED + HOUR)
        for one in (city.manager, city.grid_leader, city.liaison):
            db.get_one(Officer, one.id).email = f"{one.id}@example.invalid"
    told: list[int] = []
    for moment in (DUE - HOUR, DUE - 20 * MINUTE, DUE, DUE + MINUTE, DUE + 25 * HOUR):
        told += [call_for_cases(database, moment), call_for_cases(database, moment)]
    assert told == [0, 0, 1, 0, 0, 0, 2, 0, 1, 0]
    with database.reading() as db:
        letters = db.scalars(select(Letter).order_by(Letter.id)).all()
    people = [city.manager, city.manager, city.grid_leader, city.liaison]
    assert [letter.to_name for letter in letters] == [one.name for one in people]
    assert all("G-1" in letter.plain and "锦和苑" in letter.plain for letter in letters)
    assert not any(word in letter.plain for letter in letters for word in ("王女士", "1001234"))


def test_a_promised_arrival_calls_as_the_other_due_times_do(database: Database, city: City) -> None:
    made = RECEIVED - HOUR
    with database.writing() as db:
        street = db.get_one(Area, city.street.id)
        liaison = build.actor(db, city.liaison, Role.LIAISON, street)
        make_promise(
            db, liaison, street, "锦和物业", None, Pledge(on_site=180), made.date(), at=made
        )
        rows = (
            case("A-1", "2026-11-20 09:30", "2026-11-20 09:40"),
            case("A-2", "2026-11-20 09:30", "2026-11-20 09:40"),
            case("A-3", "2026-11-20 09:30", "2026-11-20 09:40", 小区编号="XQ-WJ"),
        )
        assert load(db, None, sheet(*rows), "cases.csv", at=RECEIVED + HOUR).errors == []
        there = Note(RECEIVED + HOUR, "已到现场")
        take_step(db, liaison, case_seen(db, liaison, "A-2"), Step.ON_SITE, there, at=there.when)
        for one in (city.manager, city.grid_leader, city.liaison):
            db.get_one(Officer, one.id).email = f"{one.id}@example.invalid"
    due = RECEIVED + 3 * HOUR
    told: list[int] = []
    for moment in (due - HOUR, due - 20 * MINUTE, due, due + MINUTE, due + 25 * HOUR):
        told += [call_for_cases(database, moment), call_for_cases(database, moment)]
    assert told == [0, 0, 1, 0, 0, 0, 2, 0, 1, 0]
    with database.reading() as db:
        letters = db.scalars(select(Letter).order_by(Letter.id)).all()
    assert [one.title for one in letters[:2]] == ["诉求到场即将到期：A-1", "诉求到场已超时：A-1"]
    assert letters[0].not_after == due
    assert "到场时限" in letters[0].plain


@pytest.mark.one_engine
def test_the_nearest_due_time_comes_first(database: Database, city: City) -> None:
    rows = (
        case("G-1", "2026-11-20 09:30"),
        case("G-2", "2026-11-20 09:00", "2026-11-20 09:20"),
        case("G-3", "2026-11-20 06:00"),
        case("G-4", "2026-11-20 09:31"),
        case("G-5", "2026-11-20 09:30", "2026-11-20 09:40", "2026-11-20 09:50"),
        case("G-6", "2026-11-20 09:30", 小区编号="XQ-WJ"),
    )
    at = RECEIVED + HOUR
    with database.writing() as db:
        load(db, None, sheet(*rows), "cases.csv", at=at)
        actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        wanted = Running(None, over=False)
        found = running(db, actor, wanted, at=at, offset=0, limit=2)
        rest = running(db, actor, wanted, at=at, offset=2, limit=2)
        assert [c.number for c in (*found, *rest)] == ["G-1", "G-4", "G-2"]
        late = running(db, actor, Running(None, over=True), at=at, offset=0, limit=9)
        assert [c.number for c in late] == ["G-3"]
        assert count_pressing(db, actor, 61 * MINUTE, at=at) == 2
    browser = visited(database, at, actor, routes)
    text = browser.get("/cases/clock").text
    assert "还剩 1 小时 0 分" in text
    assert text.index(">G-1</a>") < text.index(">G-2</a>")
    assert "已超 2 小时 30 分" in browser.get("/cases/clock?view=over").text
    assert "登记：响应" in browser.get("/cases/G-1").text
