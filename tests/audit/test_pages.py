"""The journal's pages: who reads what, filters, pages by key, before and after, export."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from govgrid import journal
from govgrid.access import Actor, Office
from govgrid.accounts.models import Account
from govgrid.audit.queries import SIZE, Wanted, leaf
from govgrid.db import Database
from govgrid.grid.models import Officer
from govgrid.journal import Entry
from tests.journeys.conftest import Site, site
from tests.journeys.test_month import confirmed

__all__ = ["site"]

pytestmark = pytest.mark.one_engine

AUDITOR = Actor(0, 0, "审计员", (), Office.AUDIT)


def actor_of(database: Database, login: str) -> Actor:
    with database.reading() as db:
        account = db.scalar(select(Account).where(Account.login == login))
        assert account
        assert account.officer_id
        return Actor(
            account.id, account.officer_id, db.get_one(Officer, account.officer_id).name, ()
        )


def write(database: Database, login: str, lines: int, verb: str = "write_notes") -> None:
    actor = actor_of(database, login)
    for number in range(lines):
        with database.writing() as db:
            journal.record(db, actor, verb, "meeting", number, before={"notes": "旧"},
                           after={"notes": "新"})  # fmt: skip


def test_a_liaison_reads_what_officers_of_the_street_did(site: Site) -> None:
    meeting = confirmed(site)
    page = site.person("sun").get("/journal")
    assert "确认并发通知" in page
    assert "周书记" in page
    assert "testclient" in page
    filtered = site.person("sun").get("/journal?verb=confirm")
    line = filtered.partition('href="/journal/')[2].partition('"')[0]
    shown = site.person("sun").get(f"/journal/{line}")
    for word in ("变更前", "已排定", "变更后", "已确认", f"/meetings/{meeting}"):
        assert word in shown
    site.person("zhou").get("/journal", status=404)
    site.person("zhou").get(f"/journal/{line}", status=404)


def test_another_area_s_lines_stay_unseen(site: Site) -> None:
    write(site.database, "wu", 1, "send_back")  # of the district, above the street
    assert "没有符合条件的日志" in site.person("sun").get("/journal?verb=send_back")
    assert "退回起草" in site.person("wu").get("/journal?verb=send_back")


def test_pages_go_by_key_and_lose_nothing(site: Site) -> None:
    write(site.database, "zhou", 2 * SIZE + 5)
    with site.database.reading() as db:
        everything = list(db.scalars(select(Entry.id).order_by(Entry.id.desc())))
        read: list[int] = []
        older: int | None = None
        while True:
            found = leaf(db, AUDITOR, Wanted(), before=older)
            read += [e.id for e in found.entries]
            if (older := found.older) is None:
                break
        assert read == everything
        back = leaf(db, AUDITOR, Wanted(), after=everything[-1])
        assert [e.id for e in back.entries] == everything[-SIZE - 1 : -1]
        assert back.newer == everything[-SIZE - 1]
    first = site.person("sun").get("/journal?verb=write_notes")
    assert "更早的" in first
    assert "更新的" not in first
    key = first.partition("before=")[2].partition('"')[0]
    assert "更新的" in site.person("sun").get(f"/journal?verb=write_notes&before={key}")


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(who="周书记", verb="write_notes"), 3),
        (Wanted(who="zhou", verb="write_notes"), 3),
        (Wanted(who="nobody"), 0),
        (Wanted(verb="write_notes", subject_id="1"), 1),
        (Wanted(subject="meeting", since=date(2020, 1, 1), verb="write_notes"), 3),
        (Wanted(verb="write_notes", until=date(2020, 1, 1)), 0),
        (Wanted(verb="write_notes", since=date(2099, 1, 1)), 0),
    ],
)
def test_filters(site: Site, wanted: Wanted, count: int) -> None:
    write(site.database, "zhou", 3)
    with site.database.reading() as db:
        assert len(leaf(db, AUDITOR, wanted).entries) == count


def test_a_day_is_whole_and_local(site: Site) -> None:
    write(site.database, "zhou", 1)
    with site.database.reading() as db:
        entry = db.scalar(select(Entry).where(Entry.verb == "write_notes"))
        assert entry
        day = (entry.at + timedelta(hours=8)).date()
        for since, until, count in ((day, day, 1), (day + timedelta(1), None, 0)):
            wanted = Wanted(verb="write_notes", since=since, until=until)
            assert len(leaf(db, AUDITOR, wanted).entries) == count


def test_a_leaf_asks_once_however_many_lines(site: Site) -> None:
    counts = []
    for lines in (1, 30):
        write(site.database, "zhou", lines)
        asked: list[str] = []
        with site.database.reading() as db:
            event.listen(
                db.connection(), "before_cursor_execute", lambda *given, a=asked: a.append(given[2])
            )
            leaf(db, AUDITOR, Wanted(verb="write_notes", since=date(2020, 1, 1)))
        counts.append(len(asked))
    assert counts == [2, 2]


def test_bad_filters_are_told(site: Site) -> None:
    person = site.person("sun")
    assert "日期" in person.get("/journal?since=yesterday", status=422)
    assert "不能早于" in person.get("/journal?since=2026-02-01&until=2026-01-01", status=422)
    person.get("/journal/999999", status=404)


def test_an_export_is_a_sheet_and_a_line(site: Site) -> None:
    with site.database.writing() as db:
        actor = Actor(actor_of(site.database, "zhou").account_id, 1, "=1+1", ())
        journal.record(db, actor, "write_notes", "meeting", "@x")
    text = site.person("sun").post("/journal/export", format="csv", verb="write_notes")
    (heading, row) = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert heading[2] == "操作人"
    assert row[2] == "'=1+1"
    assert row[6] == "'@x"
    person = site.person("sun")
    assert person.post("/journal/export", format="xlsx", verb="write_notes").startswith("PK")
    assert "导出" in person.get("/journal?verb=export")
    assert "没有符合条件" in person.post("/journal/export", 422, format="csv", who="nobody")
