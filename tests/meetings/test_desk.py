"""The print desk: what holds the month up, with whom, and a bound file that one bad paper spoils not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import archive
from govgrid.access import Actor
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area, Compound
from govgrid.meetings.actions import minutes as verbs
from govgrid.meetings.actions.printing import ask_for_print, told_missing, try_again, urge
from govgrid.meetings.models import Minutes, MinutesPrint, PrintState, Reviewer
from govgrid.meetings.papers.desk import LEASE, bind_waiting
from govgrid.meetings.papers.store import print_waiting
from govgrid.meetings.queries import desk as queries
from govgrid.meetings.queries.board import desk
from govgrid.meetings.queries.seen import agenda
from govgrid.meetings.rules.desk import Holdup
from govgrid.outbox.models import Letter
from govgrid.press.press import Press
from tests import build
from tests.build import City
from tests.meetings.held import held, liaison, newest, secretary, signed, unit_of
from tests.meetings.papers.measure import measure

MONTH = date(2026, 11, 1)


@dataclass
class Month:
    """Three signed minutes, one that cannot be printed, and others on their way."""

    db: Session
    city: City

    def rows(self) -> list[queries.Row]:
        city = self.city
        return queries.rows(
            self.db, liaison(self.db, city), city.street, MONTH, MONTH, offset=0, limit=50
        )  # fmt: skip


def home(db: Session, city: City) -> Compound:
    """Return one more compound of the community."""
    return build.compound(db, city.community, "小区")


def laid(db: Session, at: datetime) -> City:
    city = build.small_city(db)
    for place, notes in enumerate(("甲", "乙🙂", "丙")):
        meeting = held(
            db,
            unit_of(db, city.community, home(db, city)),
            city.secretary,
            notes=notes,
            title=f"会议{notes}",
        )
        meeting.start += timedelta(minutes=place)
        signed(db, city, meeting, at)
    return city


@pytest.fixture
def month(database: Database, at: datetime) -> Iterator[Month]:
    with database.writing() as db:
        yield Month(db, laid(db, at))


def test_every_row_says_what_it_waits_for_and_for_whom(month: Month, at: datetime) -> None:
    db, city = month.db, month.city
    zhou, sun = secretary(db, city), liaison(db, city)
    made = {}
    for title in ("起草", "待街道", "待签发", "待召集人"):
        made[title] = held(
            db, unit_of(db, city.community, home(db, city)), city.secretary, title=title
        )  # fmt: skip
    for title, who in (("待街道", zhou), ("待签发", zhou), ("待召集人", sun)):
        meeting = made[title]
        verbs.submit(db, who, meeting, newest(db, meeting), agenda(db, meeting), at=at)
    meeting = made["待签发"]
    verbs.approve(db, sun, meeting, newest(db, meeting), Reviewer.STREET, at=at)
    db.flush()
    unit_of(db, city.next_community, None)
    told = {row.title: (row.holdup, [doer.name for doer in row.doers]) for row in month.rows()}
    assert told["会议甲"] == (None, [])
    assert told["起草"] == (Holdup.UNWRITTEN, ["周书记"])
    assert told["待街道"] == (Holdup.STREET, ["孙联络"])
    assert told["待签发"] == (Holdup.UNSIGNED, ["周书记"])
    assert told["待召集人"] == (Holdup.CONVENOR, ["周书记"])
    bare, count = queries.without_meeting(db, sun, city.street, MONTH, MONTH)
    assert [(r.title, r.doers[0].name, r.holdup) for r in bare] == [
        ("青竹社区", "邻书记", Holdup.UNPLANNED)
    ]
    assert count == 1
    matrix = queries.matrix(db, sun, city.street, queries.months_until(MONTH))
    assert [(c.name, cells[-1].signed, cells[-1].due) for c, cells in matrix] == [
        ("锦江社区", 3, 7), ("青竹社区", 0, 0),
    ]  # fmt: skip


def test_one_press_reaches_everybody_once_a_day(month: Month, at: datetime) -> None:
    db, city = month.db, month.city
    held(db, unit_of(db, city.community, home(db, city)), city.secretary, title="起草一")
    held(db, unit_of(db, city.community, home(db, city)), city.secretary, title="起草二")
    silent = build.officer(db, "无邮箱")
    held(db, unit_of(db, city.community, home(db, city)), silent, title="起草三")
    sun = liaison(db, city)
    for when, letters in ((at, 1), (at + timedelta(hours=2), 1), (at + timedelta(days=1), 2)):
        sent, unreached = urge(db, sun, city.street, MONTH, month.rows(), at=when)
        assert (sent, unreached) == (1, ["无邮箱"])
        db.flush()
        found = db.scalars(select(Letter).where(Letter.thread.startswith("urge:"))).all()
        assert len(found) == letters
    assert found[0].to_name == "周书记"
    assert "起草一：纪要未提交" in found[0].plain
    assert "起草二" in found[0].plain
    with pytest.raises(Forbidden):
        urge(db, secretary(db, city), city.street, MONTH, [], at=at)


def asked(db: Session, sun: Actor, at: datetime) -> MinutesPrint:
    street = db.get_one(Area, sun.posts[0].area_id)
    rows = db.execute(desk(sun, street, MONTH)).all()
    found = queries.rows(db, sun, street, MONTH, MONTH, offset=0, limit=50)
    return ask_for_print(
        db, sun, street, MONTH, [(m, w) for m, w in rows], told_missing(found), at=at
    )  # fmt: skip


def test_a_bad_record_is_named_and_stops_nothing(
    database: Database, at: datetime, press: Press
) -> None:
    with database.writing() as db:
        city = laid(db, at)
        held(db, unit_of(db, city.community, home(db, city)), city.secretary, title="起草中的")
        number = asked(db, liaison(db, city), at).id
    assert bind_waiting(press)(database, at) == 3
    assert bind_waiting(press)(database, at) == 0
    with database.reading() as db:
        job = db.get_one(MinutesPrint, number)
        assert job.state is PrintState.DONE
        assert (len(job.parts), len(job.skipped), job.waiting) == (2, 1, [])
        assert "🙂" in job.skipped[0][1]
        data = archive.fetch(database.settings.archive, job.paper or "")
    with pikepdf.open(BytesIO(data)) as pdf, pdf.open_outline() as outline:
        assert [child.title[:3] for e in outline.root for child in e.children] == [
            "会议甲",
            "会议丙",
        ]
    said = "".join(row.text for row in measure(data)[0].rows())
    assert "未收入本汇编的会议（2场）" in said
    assert "会议乙〓" in said
    assert "起草中的（11月10日），纪要未提交（周书记）" in said


def test_a_worker_that_dies_is_followed_by_another_and_what_failed_is_tried_again(
    database: Database, at: datetime, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govgrid.meetings.papers.desk.BATCH", 2)
    with database.writing() as db:
        sun = liaison(db, laid(db, at))
        for minutes in db.scalars(select(Minutes)):  # all can be printed, one file will be gone
            minutes.record = {**(minutes.record or {}), "title": "会议"}
            for item in minutes.record["agenda"]:  # type: ignore[attr-defined]
                item["notes"] = ["好"]
    while print_waiting(press)(database, at):
        pass
    with database.writing() as db:
        job = asked(db, sun, at)
        number = job.id
        broken = archive.place(
            database.settings.archive, db.get_one(Minutes, job.waiting[0]).paper or ""
        )
    whole = broken.read_bytes()
    broken.write_bytes(b"half")
    step = bind_waiting(press)
    assert step(database, at) == 2
    with database.writing() as db:  # a worker took the rest and died
        db.get_one(MinutesPrint, number).leased_until = at + LEASE
    assert step(database, at) == 0
    assert step(database, at + 2 * LEASE) == 1
    with database.writing() as db:
        job = db.get_one(MinutesPrint, number)
        assert (len(job.parts), len(job.skipped)) == (2, 1)
        broken.write_bytes(whole)
        job = queries.print_seen(db, sun, number)
        try_again(db, sun, job)
    assert step(database, at) == 1
    with database.writing() as db:
        job = queries.print_seen(db, sun, number)
        assert (len(job.parts), job.skipped, job.state) == (3, [], PrintState.DONE)
        with pytest.raises(Conflict):
            try_again(db, sun, job)
        assert queries.prints_of(db, job.area, MONTH) == [job]


def test_nothing_signed_is_nothing_to_print(month: Month, at: datetime) -> None:
    db, city = month.db, month.city
    with pytest.raises(Invalid):
        ask_for_print(db, liaison(db, city), city.street, MONTH, [], [], at=at)
    with pytest.raises(Forbidden):
        ask_for_print(db, secretary(db, city), city.street, MONTH, [], [], at=at)
