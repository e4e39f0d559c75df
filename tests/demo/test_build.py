"""The demo city goes through the importers and the verbs without a single refusal."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from govgrid import journal
from govgrid.accounts.actions import sign_in
from govgrid.clock import HERE
from govgrid.db import Base, Database
from govgrid.demo import build
from govgrid.demo.coming import add_coming
from govgrid.demo.ways import ADMINISTRATORS, PASSWORD, sign_ins, ways
from govgrid.grid.models import Absence, Area, Boundary, Compound, Officer, Post
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    AgendaKind,
    Attendance,
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    ProposalStage,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.queries import agenda as agendas
from govgrid.meetings.queries.seen import load_meeting
from govgrid.meetings.rules.agenda import Change
from govgrid.outbox.models import Letter
from tests.demo.conftest import TODAY, home_units, silent

AT = datetime.combine(TODAY, time(9), HERE)


def count(database: Database, table: type[Base]) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def signed(database: Database) -> list[tuple[str | None, str | None]]:
    """Return the codes and hashes of the signed records, which hold all that was said."""
    with database.reading() as db:
        found = db.execute(
            select(Minutes.code, Minutes.record_hash).order_by(Minutes.meeting_id, Minutes.number)
        )
        return [(code, digest) for code, digest in found]


def told(database: Database) -> list[tuple[object, ...]]:
    """Return what the meetings say, in their order."""
    with database.reading() as db:
        notes = select(Meeting.title, Meeting.start, AgendaItem.title, AgendaItem.notes)
        found = db.execute(notes.join(AgendaItem.meeting).order_by(Meeting.id, AgendaItem.position))
        return [tuple(row) for row in found]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_other_engine_takes_every_sheet_and_tells_the_same(
    database: Database, city: Database
) -> None:
    build.furnish(database, TODAY, silent)
    build.hold_meetings(database, TODAY, home_units(database), silent)
    assert told(database) == told(city)
    assert signed(database) == signed(city)
    for table in (Area, Boundary, Compound, Officer, Post, Absence, Venue, Unit):
        assert count(database, table) == count(city, table)
    assert count(database, Area) == 10_137
    assert count(database, Boundary) == 6937
    assert count(database, Compound) == 450
    assert count(database, Officer) > 7500
    assert count(database, Post) > count(database, Officer)
    assert count(database, Absence) > 50
    assert count(database, Venue) == 113
    assert count(database, Unit) == 113 + 40 + 2  # the last two are owners' meetings


@pytest.mark.parametrize("place", range(7))
def test_second_import_changes_nothing(city: Database, place: int) -> None:
    _, name, load, made = build.steps(TODAY)[place]
    with city.writing() as db:
        outcome = load(db, None, made(), name, at=AT)
        db.rollback()
    assert outcome.errors == []
    mended = int(name.startswith("coverage"))  # one date, by hand since
    assert (outcome.created, outcome.updated) == (0, mended)
    assert outcome.unchanged == outcome.rows - mended > 0


def test_past_months_are_held_and_signed(city: Database) -> None:
    with city.reading() as db:
        found = db.execute(
            select(Meeting.month, Meeting.stage, Minutes.stage)
            .join(Minutes)
            .where(Minutes.number == 1)
        ).all()
    held = Counter(found)
    units = len(home_units(city))
    for month in (9, 10):
        first = TODAY.replace(month=month, day=1)
        assert held[first, Stage.HELD, MinutesStage.SIGNED] == units  # type: ignore[index]
    assert all(stage is Stage.HELD for _, stage, _ in found)
    assert max(month for month, _, _ in found) < build.coming_month(TODAY)


def test_nothing_lies_in_the_future(city: Database) -> None:
    with city.reading() as db:
        assert (db.scalar(select(func.max(Meeting.end))) or AT) < AT
        assert (db.scalar(select(func.max(Minutes.signed_at))) or AT) < AT
        assert (db.scalar(select(func.max(ActionItem.closed_at))) or AT) < AT


def test_coming_meetings_have_agendas_that_people_worked_on(city: Database) -> None:
    month = build.coming_month(TODAY)
    with city.writing() as db:
        add_coming(db, TODAY, month)
        found = db.scalars(select(Meeting).where(Meeting.month == month).order_by(Meeting.id))
        worked_on, owing = (load_meeting(db, meeting.id) for meeting in found.all())
        assert (worked_on.stage, owing.stage) == (Stage.CONFIRMED, Stage.PLANNED)
        assert set(agendas.marks(db, worked_on).of.values()) == {Change.ADDED, Change.MOVED}
        stages = {one.stage for one in agendas.proposals(db, worked_on)}
        assert stages == set(ProposalStage)
        assert any(agendas.attachments(db, worked_on).values())
        assert agendas.owed(db, owing, at=AT)
        assert {about.partition(":")[0] for about in db.scalars(select(Letter.subject_of))} == {
            "case"
        }
        db.rollback()


def test_past_meetings_send_no_letters(city: Database) -> None:
    with city.reading() as db:  # head offices and experts hear of this month's cases
        assert {about.partition(":")[0] for about in db.scalars(select(Letter.subject_of))} == {
            "case"
        }


def test_nobody_sits_in_two_meetings_at_once(city: Database) -> None:
    with city.reading() as db:
        taken = db.execute(
            select(Attendee.officer_id, Meeting.start)
            .join(Attendee.meeting)
            .where(Attendee.required)
        ).all()
    assert len(set(taken)) == len(taken)


def test_attendance_is_varied(city: Database) -> None:
    with city.reading() as db:
        found = Counter(db.scalars(select(Attendee.attendance)))
    assert set(found) == set(Attendance)
    assert found[Attendance.PRESENT] > 0.7 * found.total()


def test_minutes_tell_of_the_months_cases(city: Database) -> None:
    with city.reading() as db:
        records = db.scalars(select(Minutes.record).where(Minutes.record.is_not(None))).all()
    heard = [i for r in records for i in r["agenda"] if i["kind"] == AgendaKind.CASE.word]  # type: ignore[index, union-attr]
    assert any(len(item["cases"]) > 1 and item["resolutions"] for item in heard)
    texts = {tuple(item["notes"]) for item in heard}
    assert len(texts) > len(heard) / 2
    assert not any("{" in str(record) and "{doer}" in str(record) for record in records)


def test_action_items_are_open_and_closed_and_carried_over(city: Database) -> None:
    with city.reading() as db:
        items = db.scalars(select(ActionItem).options(joinedload(ActionItem.meeting))).all()
        records = db.scalars(select(Minutes.record)).all()
    assert any(item.closed_at for item in items)
    assert any(not item.closed_at for item in items)
    assert any(record and record["carried"] for record in records)
    assert all(item.deadline >= item.meeting.start.date() for item in items)


def test_journal_is_whole(city: Database) -> None:
    with city.reading() as db:
        assert list(journal.prove(db, [])) == []


def test_everybody_shown_can_sign_in(city: Database) -> None:
    for way in ways(TODAY):
        assert sign_in(city, way.login, PASSWORD, at=AT + timedelta(minutes=1))
    with city.reading() as db:
        shown = sign_ins(db, TODAY)
    keepers = [(login, name) for login, _office, name in ADMINISTRATORS]
    officers = [(way.login, way.person.name) for way in ways(TODAY)]
    assert [(s.login, s.name) for s in shown] == officers + keepers
    for login, _name in keepers:
        assert sign_in(city, login, PASSWORD, at=AT + timedelta(minutes=1))
    assert [s.role for s in shown] == [
        "社区书记", "社区书记", "网格长", "微网格员", "社区民警", "项目经理", "街道联络员", "住建干部",
        "公司总部", "系统管理员", "安全管理员", "审计员",
    ]  # fmt: skip
    assert shown[0].area == "洗面桥社区居委会"
