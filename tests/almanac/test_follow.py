"""What follows a notice: due times in line, meetings listed until moved, both taken back."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import EVERYWHERE, Actor, Office, Role
from govgrid.almanac.actions import bring, follow_import, take_back
from govgrid.cases.actions.due_times import see_due_changes
from govgrid.cases.models import Case, DueChange
from govgrid.cases.queries.due_times import count_unseen, unseen_page
from govgrid.db import Database
from govgrid.errors import Forbidden
from govgrid.grid.models import Area
from govgrid.journal import Entry
from govgrid.kinds import KINDS
from govgrid.meetings.models import Meeting, Stage
from govgrid.meetings.queries.rest_days import closed, count_hit, hit_meetings, hit_page
from govgrid.workdays import WorkdayChange, actions
from tests import build
from tests.almanac import world
from tests.build import City, clock
from tests.workdays.decrees import NEXT_YEAR, notice

KEEPER = Actor(1, 0, "田系统", (), Office.SYSTEM)


@pytest.fixture
def at() -> datetime:
    """Return a moment after the New Year, with the notice for the year not yet imported."""
    return clock("2027-01-04 09:00")


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    with database.writing() as opened:
        yield opened


@pytest.fixture
def city(db: Session) -> City:
    city = build.small_city(db)
    home = world.unit(db, city.community, city.compound)
    beside = world.unit(db, city.next_community)
    world.meeting(db, city, home, "2027-02-10 09:00")
    world.meeting(db, city, home, "2027-03-10 09:00")
    world.meeting(db, city, beside, "2027-02-09 10:30", Stage.CONFIRMED)
    world.meeting(db, city, world.unit(db, city.far_community), "2027-02-12 14:00")
    for number, received in (
        ("eve", "2026-12-31 10:00"),
        ("saturday", "2027-01-02 10:00"),
        ("made-up", "2027-01-03 10:00"),
        ("monday", "2027-01-04 08:00"),
    ):
        world.case(db, city.compound, number, received)
    return city


def due(db: Session) -> dict[str, str]:
    rows = db.execute(select(Case.number, Case.reply_due, Case.received_at))
    return {number: f"{(due - since) / timedelta(hours=1):g}" for number, due, since in rows}


def load(db: Session, data: bytes, at: datetime) -> int:
    return actions.take_in(db, KEEPER, data, "2027.json", at=at).id


def hit(db: Session, at: datetime, *paths: str) -> list[str]:
    found = db.scalars(hit_meetings(paths or (EVERYWHERE,), closed(db, at)))
    return [one.title[:10] for one in found]


def test_due_times_follow_the_notice_and_are_journalled(
    db: Session, city: City, at: datetime
) -> None:
    assert due(db) == {"eve": "2", "saturday": "4", "made-up": "4", "monday": "2"}
    change = db.get_one(WorkdayChange, load(db, NEXT_YEAR, at))
    followed = bring(db, KEEPER, change, at=at)
    assert [one.number for one in followed.due] == ["eve", "made-up"]
    db.expire_all()
    assert due(db) == {"eve": "4", "saturday": "4", "made-up": "2", "monday": "2"}
    (line,) = [e for e in db.info["journal"] if e.verb == "renew_due_times"]
    assert line.detail["cases"] == 2
    assert line.detail["before"]["eve"].startswith("2026-12-31T04:00")
    assert line.detail["after"]["eve"].startswith("2026-12-31T06:00")


def test_what_was_taken_back_leaves_no_trace_in_due_times(
    db: Session, city: City, at: datetime
) -> None:
    before = due(db)
    change = db.get_one(WorkdayChange, load(db, NEXT_YEAR, at))
    bring(db, KEEPER, change, at=at)
    secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
    assert count_unseen(db, secretary) == 2
    take_back(db, KEEPER, change, at=at)
    assert due(db) == before
    assert count_unseen(db, secretary) == 0, "what is back as it was needs nobody's eye"


def test_moved_due_times_stay_listed_until_somebody_who_convenes_there_saw_them(
    db: Session, city: City, at: datetime
) -> None:
    change = db.get_one(WorkdayChange, load(db, NEXT_YEAR, at))
    bring(db, KEEPER, change, at=at)
    secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
    beside = build.actor(db, city.next_secretary, Role.SECRETARY, city.next_community)
    leader = build.actor(db, city.grid_leader, Role.GRID_LEADER, city.grid)
    liaison = build.actor(db, city.liaison, Role.LIAISON, city.street)
    assert [c.case.number for c in unseen_page(db, liaison)] == ["made-up", "eve"]
    assert [c.before for c in unseen_page(db, secretary)] == [
        clock("2027-01-03 14:00"), clock("2026-12-31 12:00"),
    ]  # fmt: skip
    assert count_unseen(db, beside) == 0
    assert see_due_changes(db, beside, None, at=at) == 0
    with pytest.raises(Forbidden):
        see_due_changes(db, leader, None, at=at)
    one = unseen_page(db, secretary)[0]
    assert see_due_changes(db, secretary, [one.id], at=at) == 1
    assert [c.case.number for c in unseen_page(db, liaison)] == ["eve"]
    assert see_due_changes(db, liaison, None, at=at) == 1
    assert count_unseen(db, secretary) == 0
    seen = db.scalars(select(DueChange.seen_by).order_by(DueChange.id)).all()
    assert seen == ["孙联络", "周书记"]
    lines = [e for e in db.info["journal"] if e.verb == "see_due_times"]
    assert [e.detail["numbers"] for e in lines] == [["made-up"], ["eve"]]


def test_open_meetings_on_new_rest_days_are_listed_until_moved(
    db: Session, city: City, at: datetime
) -> None:
    assert hit(db, at) == []
    change = db.get_one(WorkdayChange, load(db, NEXT_YEAR, at))
    bring(db, KEEPER, change, at=at)
    assert hit(db, at) == ["2027-02-09", "2027-02-10", "2027-02-12"]
    assert hit(db, at, city.community.path) == ["2027-02-10"]
    assert hit(db, clock("2027-02-11 09:00")) == ["2027-02-12"], "what is past is past"
    liaison = build.actor(db, city.liaison, Role.LIAISON, city.street)
    assert count_hit(db, liaison, closed(db, at)) == 2
    assert [m.unit.name for m in hit_page(db, liaison, closed(db, at), limit=1)] == ["青竹社区"]
    moved = db.scalars(select(Meeting).order_by(Meeting.start)).all()
    moved[0].start += timedelta(days=9)
    moved[0].end += timedelta(days=9)
    moved[1].stage = Stage.CANCELLED
    db.flush()
    assert hit(db, at) == ["2027-02-12"]


def test_a_make_up_day_taken_back_hits_what_was_planned_on_it(
    db: Session, city: City, at: datetime
) -> None:
    change = db.get_one(WorkdayChange, load(db, NEXT_YEAR, at))
    bring(db, KEEPER, change, at=at)
    sunday = db.scalars(select(Meeting).where(Meeting.stage == Stage.CONFIRMED)).one()
    sunday.start, sunday.end = clock("2027-02-14 09:00"), clock("2027-02-14 10:00")
    db.flush()
    assert sunday.title[:10] not in hit(db, at)
    bring(
        db,
        KEEPER,
        db.get_one(WorkdayChange, load(db, notice(2027, ("2027-01-01", True)), at)),
        at=at,
    )
    assert hit(db, at) == [sunday.title[:10]]


def test_the_command_line_is_told_names_and_an_administrator_numbers(
    db: Session, city: City, at: datetime
) -> None:
    KINDS["workdays"].load(db, None, NEXT_YEAR, "2027.json", at=at)
    told = [note.message % note.params for note in follow_import(db, None, NEXT_YEAR)]
    cases, meetings = told
    assert cases == "重新计算响应时限的诉求 2 件：eve、made-up"
    assert meetings.startswith(
        "落在休息日、需要改期的会议 3 场：2027-02-09 10:30 联席会议（2027年2月9日 10:30）、"
    )
    after = KINDS["workdays"].follow_up
    assert after is not None
    assert [note.message % note.params for note in after(db, KEEPER, NEXT_YEAR)] == [
        "落在休息日、需要改期的会议：3 场"
    ]


def test_a_long_list_is_journalled_in_lines(
    db: Session, city: City, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govgrid.cases.actions.due_times._A_LINE", 1)
    bring(db, KEEPER, db.get_one(WorkdayChange, load(db, NEXT_YEAR, at)), at=at)
    db.flush()
    lines = [e for e in db.info["journal"] if e.verb == "renew_due_times"]
    assert [list(e.detail["before"]) for e in lines] == [["eve"], ["made-up"]]
    assert isinstance(lines[0], Entry)
    assert db.get(Area, city.city.id) is not None
