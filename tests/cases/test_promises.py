"""Companies' promises and districts' hours: dated, stricter only, shown and counted apart."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.cases.actions.life import Note, take_step
from govgrid.cases.actions.promises import end_promise, make_promise, set_hours
from govgrid.cases.actions.receiving import Received, receive
from govgrid.cases.imports import load
from govgrid.cases.models import Case, Promise, Source, Step
from govgrid.cases.queries import case_seen, rates
from govgrid.cases.queries.due_times import due_moved
from govgrid.cases.queries.promises import promise_seen, promises_page
from govgrid.cases.rules import Pledge
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from govgrid.grid.models import Area
from govgrid.workdays import calendar
from govgrid.workdays.calendar import DayKind
from govgrid.workdays.rules import Turned
from tests import build
from tests.build import City, clock
from tests.cases.sheets import case as row
from tests.cases.sheets import sheet
from tests.cases.site import routes, visited

TODAY = date(2026, 11, 23)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
P321 = Pledge(30, 120, 1)
COMPANY = "锦和物业"


def liaison_of(db: Session, city: City) -> Actor:
    return build.actor(db, city.liaison, Role.LIAISON, db.get_one(Area, city.street.id))


def promised(
    db: Session, city: City, at: datetime, pledge: Pledge = P321, **more: object
) -> Promise:
    place = {"company_name": COMPANY, "compound_code": None, "since": TODAY} | more
    street = db.get_one(Area, city.street.id)
    return make_promise(db, liaison_of(db, city), street, pledge=pledge, at=at, **place)  # type: ignore[arg-type]  # named


def due_of(db: Session, number: str) -> tuple[float, int | None]:
    """Return the minutes for a reply, and those promised."""
    case = db.scalars(select(Case).where(Case.number == number)).one()
    db.refresh(case)
    return (case.reply_due - case.received_at) / MINUTE, case.promised_reply


def test_cases_from_then_on_follow_the_stricter(
    database: Database, city: City, at: datetime
) -> None:
    old, new = row("OLD", "2026-11-22 23:59"), row("NEW", "2026-11-23 00:00")
    other = row("OTHER", "2026-11-23 08:00", 小区编号="XQ-WJ")
    with database.writing() as db:
        promised(db, city, at)
        assert load(db, None, sheet(old, new, other), "a.csv", at=at).errors == []
        db.flush()
        given = Received(Source.OWNERS_GROUP, "停车", city.compound.code, at)
        hand = receive(db, liaison_of(db, city), given, at=at).case
        assert due_of(db, "OLD") == (240, None)
        assert due_of(db, "NEW") == (30, 30)
        assert due_of(db, "OTHER") == (120, None)
        assert due_of(db, hand.number) == (30, 30)
        assert hand.on_site_due == hand.received_at + 120 * MINUTE
        db.flush()
        turned = [Turned(TODAY, DayKind.HOLIDAY, DayKind.WORKDAY)]  # a changed calendar asks again
        assert due_moved(db, turned, calendar(db)) == []


def test_promises_follow_each_other_and_past_ones_are_kept(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        first = promised(db, city, at)
        with pytest.raises(Conflict):
            promised(db, city, at)
        second = promised(db, city, at, Pledge(reply=20), since=TODAY + 3 * DAY)
        one = promised(db, city, at, Pledge(reply=10), compound_code="XQ-JH")
        assert (first.until, second.until, one.until) == (TODAY + 2 * DAY, None, None)
        street = db.get_one(Area, city.street.id)
        rows, total = promises_page(db, liaison_of(db, city), street)
        assert (total, {r.id for r in rows}) == (3, {first.id, second.id, one.id})
        seen = promise_seen(db, liaison_of(db, city), one.id)
        for until in (TODAY - DAY, date(2026, 1, 1)):
            with pytest.raises(Invalid):
                end_promise(db, liaison_of(db, city), seen, seen.version, until, at=at)
        end_promise(db, liaison_of(db, city), seen, seen.version, TODAY, at=at)
        db.flush()
        later = at + DAY
        load(db, None, sheet(row("A", "2026-11-23 08:00")), "a.csv", at=at)
        load(db, None, sheet(row("B", "2026-11-24 08:00")), "b.csv", at=later)
        load(db, None, sheet(row("C", "2026-11-26 08:00")), "c.csv", at=later + 2 * DAY)
        assert [due_of(db, n)[0] for n in "ABC"] == [10, 30, 20]


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("pledge", "more", "refusal"),
    [
        (Pledge(reply=120), {}, Invalid),
        (Pledge(), {}, Invalid),
        (P321, {"since": TODAY - DAY}, Invalid),
        (P321, {"company_name": "别家物业"}, Invalid),
        (P321, {"compound_code": "XQ-WJ"}, Invalid),
    ],
)
def test_what_is_no_promise_is_refused(
    database: Database, city: City, at: datetime, pledge: Pledge, more: dict[str, object],
    refusal: type[Refusal],
) -> None:  # fmt: skip
    with database.writing() as db:
        with pytest.raises(refusal):
            promised(db, city, at, pledge, **more)
        assert db.scalars(select(Promise.id)).all() == []


@pytest.mark.one_engine
def test_who_supervises_elsewhere_neither_sees_nor_sets(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        number = promised(db, city, at).id
        street = db.get_one(Area, city.street.id)
        officer = build.officer(db, "郑联络", Role.LIAISON, city.next_street)
        other = build.actor(db, officer, Role.LIAISON, city.next_street)
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        with pytest.raises(NotFound):
            promise_seen(db, other, number)
        for who in (other, secretary):
            with pytest.raises(Forbidden):
                set_hours(db, who, street, 60, 90, TODAY, at=at)


def test_a_districts_hours_hold_below_until_the_street_sets_its_own(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        district, street = (db.get_one(Area, one.id) for one in (city.district, city.street))
        housing = build.actor(db, city.housing, Role.HOUSING_OFFICER, district)
        set_hours(db, housing, district, 60, 90, TODAY, at=at)
        set_hours(db, liaison_of(db, city), street, 45, 50, TODAY + DAY, at=at)
        with pytest.raises(Invalid):
            set_hours(db, housing, district, 60, 90, TODAY - DAY, at=at)
        db.flush()
        with pytest.raises(Invalid, match="60"):
            promised(db, city, at, Pledge(reply=60))
        for number, received in enumerate(("22 12:00", "23 12:00", "24 12:00", "28 12:00")):
            home = "XQ-JH" if number < 3 else "XQ-WJ"
            sent = sheet(row(f"H{number}", f"2026-11-{received}", 小区编号=home))
            assert load(db, None, sent, "h.csv", at=at + 9 * DAY).errors == []
        assert [due_of(db, f"H{n}")[0] for n in range(4)] == [240, 60, 45, 90]


def test_kept_promises_have_a_rate_of_their_own(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        promised(db, city, at)
        rows = (
            row("K-1", "2026-11-23 08:00", "2026-11-23 08:30"),
            row("K-2", "2026-11-23 08:00", "2026-11-23 08:31"),
            row("K-3", "2026-11-23 08:00", "2026-11-23 09:00", 小区编号="XQ-WJ"),
        )
        assert load(db, None, sheet(*rows), "a.csv", at=at).errors == []
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        note = Note(clock("2026-11-23 08:50"), "已到现场")
        take_step(db, secretary, case_seen(db, secretary, "K-1"), Step.ON_SITE, note, at=at)
    with database.reading() as db:
        november = date(2026, 11, 1)
        total = rates(db, november, city.city.path, "company", as_of=at).total
        counts = total.counts
        assert (counts.replied_in_time, counts.promise_kept, counts.promised) == (2, 1, 2)
        assert (counts.on_site_in_time, counts.on_site_promised) == (1, 2)
        assert "promised" not in total.json()
        near = build.actor(db, city.liaison, Role.LIAISON, db.get_one(Area, city.street.id))
        far = db.get_one(Area, city.next_street.id)
        officer = replace(near, posts=(replace(near.posts[0], area_id=far.id, area_path=far.path),))
    shown = visited(database, at, near, routes)
    assert "承诺响应率" in shown.get("/rates?month=2026-11").text
    case = shown.get("/cases/K-1").text
    assert "承诺 30 分钟响应" in case
    assert "承诺 120 分钟到场" in case
    assert "30 分钟响应，120 分钟到场，每月业主会 1 次" in shown.get("/rates/promises").text
    elsewhere = visited(database, at, officer, routes)
    assert "承诺响应率" not in elsewhere.get("/rates?month=2026-11").text
