"""Letters, calendars and the paper of a meeting in a year without a notice say so."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.meetings import facts, letters
from govgrid.meetings.models import Minutes, MinutesStage, Stage
from govgrid.meetings.papers.from_record import document_of
from govgrid.meetings.queries.seen import agenda, load_meeting, minutes_of
from govgrid.meetings.record import record_of
from govgrid.outbox.models import Letter
from govgrid.web import language
from govgrid.workdays.imports import load
from tests import build
from tests.almanac import world
from tests.build import clock
from tests.workdays.decrees import NEXT_YEAR

FLAG = "暂定"


@pytest.fixture
def at() -> datetime:
    """Return a moment before the notice for 2027."""
    return clock("2026-11-20 09:00")


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    with database.writing() as opened:
        yield opened


def invited(db: Session, when: str, at: datetime) -> Letter:
    city = build.small_city(db)
    unit = world.unit(db, city.community, city.compound)
    number = world.meeting(db, city, unit, when, Stage.CONFIRMED).id
    db.expunge_all()
    meeting = load_meeting(db, number)
    assert letters.resend(db, meeting, meeting.attendees, agenda(db, meeting), at=at) == 1
    db.flush()
    return db.scalars(select(Letter)).one()


def texts(letter: Letter) -> list[str]:
    calendar = (letter.calendar or b"").replace(b"\r\n ", b"").decode()
    return [letter.plain, letter.html, calendar]


def test_a_letter_says_that_its_day_is_provisional(db: Session, at: datetime) -> None:
    plain, html, calendar = texts(invited(db, "2027-03-10 09:00", at))
    assert "2027年3月10日 周三 09:00—10:00（暂定）" in plain
    assert "2027年放假安排尚未公布" in plain
    assert FLAG in html
    assert "日期暂定：2027年放假安排尚未公布" in calendar
    assert "STATUS:CONFIRMED" in calendar, "the meeting stands; its day may have to move"


def test_it_says_so_in_english_too(db: Session, at: datetime) -> None:
    with language.speaking("en"):
        city = build.small_city(db)
        meeting = world.meeting(db, city, world.unit(db, city.community), "2027-03-10 09:00")
        assert facts.when(meeting) == "10 Mar 2027 Wed 09:00—10:00 (provisional)"


def test_once_the_notice_is_in_it_says_nothing(db: Session, at: datetime) -> None:
    load(db, None, NEXT_YEAR, "2027.json", at=at)
    assert not any(FLAG in text for text in texts(invited(db, "2027-03-10 09:00", at)))


def test_an_announced_year_is_never_provisional(db: Session, at: datetime) -> None:
    assert not any(FLAG in text for text in texts(invited(db, "2026-12-10 09:00", at)))


def record(db: Session, when: str) -> dict[str, object]:
    city = build.small_city(db)
    unit = world.unit(db, city.community, city.compound)
    number = world.meeting(db, city, unit, when, Stage.HELD).id
    db.add(Minutes(meeting_id=number, issue=1, stage=MinutesStage.DRAFT, drafted_by="周书记"))
    db.flush()
    db.expunge_all()
    meeting = load_meeting(db, number)
    minutes = minutes_of(db, meeting)
    assert minutes is not None
    return record_of(db, meeting, minutes)


def test_the_paper_notes_a_year_without_a_notice(db: Session, at: datetime) -> None:
    kept = record(db, "2027-03-10 09:00")
    assert kept["provisional"] == [2027]
    note = document_of(kept, "http://x.example", "m@x.example").note
    assert note == "2027年放假安排尚未公布，文中该年度日期为暂定。"


def test_the_paper_of_an_announced_year_notes_nothing(db: Session, at: datetime) -> None:
    kept = record(db, "2026-11-10 09:00")
    assert "provisional" not in kept
    assert document_of(kept, "http://x.example", "m@x.example").note == ""
