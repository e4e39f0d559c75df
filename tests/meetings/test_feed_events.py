"""Events kept for feeds: whatever goes into one changes, the feed is as if made anew."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from govgrid import workdays
from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.models import Area, Compound, Officer
from govgrid.meetings import links
from govgrid.meetings.feeds import Feed, Manner
from govgrid.meetings.models import Attendee, FeedEvent, FeedLink, Meeting, Stage, Unit, Venue
from govgrid.meetings.queries.feed_events import Listed, address
from govgrid.meetings.queries.feeds import feed_of
from govgrid.workdays import WorkdayNotice, WorkdayRow
from tests import build, plans
from tests.web.accounts import account

KINDS = ("own", "unit", "area")
START = build.clock("2027-03-09 09:00")  # in a year without a notice
PLAIN = Manner("meetings@example.cn", "zh_Hans", workdays.Imported(None, None))


@pytest.fixture
def laid(database: Database, at: datetime) -> Database:
    """Return the database with two meetings of the unit 锦和苑 and an address of each kind."""
    with database.writing() as db:
        city = build.small_city(db)
        rooms = [Venue(community_id=city.community.id, name=name) for name in ("甲室", "乙室")]
        units = [
            Unit(community_id=city.community.id, compound_id=city.compound.id),
            Unit(community_id=city.next_community.id),
        ]
        db.add_all([*rooms, *units])
        db.flush()
        for number in (1, 2):
            start = START + timedelta(days=28 * number)
            made = Meeting(
                uid=f"uid-{number}", unit_id=units[0].id, community_id=city.community.id,
                month=start.date().replace(day=1), stage=Stage.CONFIRMED, title=f"例会{number}",
                start=start, end=start + timedelta(hours=1), venue_id=rooms[0].id,
                convenor_id=city.secretary.id, invited_at=at,
            )  # fmt: skip
            db.add(made)
            db.flush()
            db.add(
                Attendee(
                    meeting_id=made.id,
                    officer_id=city.secretary.id,
                    role=Role.SECRETARY,
                    nonce="-",
                    link=str(number),
                )
            )
        account(db, city.secretary, at)
        for kind, subject in (
            ("own", {}),
            ("unit", {"unit_id": units[0].id}),
            ("area", {"area_id": city.community.id}),
        ):
            db.add(
                FeedLink(
                    officer_id=city.secretary.id, nonce="-", link=links.lookup(kind), **subject
                )
            )
    return database


def given(database: Database, at: datetime) -> dict[str, tuple[str, bytes]]:
    """Return what each address gives now, ETag and calendar.

    The ETag by the sum alone is the same: there is one once all events are kept.
    """
    answers = {}
    with database.reading() as db:
        for kind in KINDS:
            feed = asked(db, kind, at)
            data, tag = feed.made(database, db)
            again = asked(db, kind, at)
            assert again.tag() == tag
            found = again.kept()
            assert found is not None
            assert sorted(found[0].split()) == sorted(data.split())
            answers[kind] = tag, data.replace(b"\r\n ", b"")
    return answers


def asked(db: Session, kind: str, at: datetime) -> Feed:
    link = feed_of(db, kind, at=at)
    manner = PLAIN._replace(notices=link.address.notices)
    return Feed(link.name, link.subject, manner, at, link.address)


def meeting(**values: Any) -> Callable[[Session], Any]:
    first = select(func.min(Meeting.id)).scalar_subquery()
    return lambda db: db.execute(update(Meeting).where(Meeting.id == first).values(**values))


def every(table: type[Any], **values: Any) -> Callable[[Session], Any]:
    return lambda db: db.execute(update(table).values(**values))


def announce(db: Session) -> None:
    at = START - timedelta(days=60)
    db.add(WorkdayNotice(year=2027, papers=[], sha256="-", loaded_at=at))
    db.flush()
    db.add(WorkdayRow(year=2027, day=date(2027, 1, 1), name="元旦", off=True))


# By what of `Listed` they change; "" changes what is no meeting's own, or which meetings there are.
CHANGES: list[tuple[str, Callable[[Session], Any]]] = [
    ("uid", meeting(uid="uid-3")),
    ("sequence", meeting(sequence=1)),
    ("start", meeting(start=START + timedelta(days=28, minutes=-5))),
    ("end", meeting(end=START + timedelta(days=28, hours=2))),
    ("title", meeting(title="例会，改名")),
    ("stage", meeting(stage=Stage.CANCELLED)),
    ("invited_at", meeting(invited_at=START)),
    ("room", every(Venue, name=Venue.name + "东")),
    ("room", lambda db: meeting(venue_id=db.scalar(select(func.max(Venue.id))))(db)),
    ("address", every(Venue, address="江桥街1号")),
    ("address", every(Venue, address="")),
    ("", every(Venue, address=None)),
    ("convenor", every(Officer, name=Officer.name + "改")),
    ("convenor", lambda db: meeting(convenor_id=db.scalar(select(func.max(Officer.id))))(db)),
    ("", meeting(stage=Stage.PLANNED)),
    ("", meeting(stage=Stage.HELD, invited_at=None)),
    ("", meeting(start=START - timedelta(days=300))),
    ("", meeting(stage=Stage.HELD, invited_at=START, start=START + timedelta(days=28))),
    ("", every(Area, name=Area.name + "新")),
    ("", every(Compound, name=Compound.name + "新")),
    ("", every(Attendee, removed_at=START)),
    ("", every(Attendee, removed_at=None)),
    ("", announce),
    ("", lambda db: [db.execute(delete(table)) for table in (WorkdayRow, WorkdayNotice)]),
]  # fmt: skip


def test_whatever_changes_a_feed_is_as_if_made_anew(laid: Database, at: datetime) -> None:
    assert {name for name, _change in CHANGES} - {""} == set(Listed._fields)
    before = given(laid, at)
    for number, (name, change) in enumerate(CHANGES):
        with laid.writing() as db:
            change(db)
        after = given(laid, at)
        with laid.writing() as db:
            db.execute(delete(FeedEvent))
        assert after == given(laid, at), (number, name)
        for kind in KINDS:
            (tag, data), (old_tag, old) = after[kind], before[kind]
            assert not name or data != old, (number, name, kind)
            assert (tag != old_tag) or (data == old), (number, name, kind)
        before = after


def test_what_is_kept_is_given_until_the_manner_changes(laid: Database, at: datetime) -> None:
    plain = given(laid, at)["area"][1]
    with laid.writing() as db:
        db.execute(update(FeedEvent).values(text=func.replace(FeedEvent.text, "例会", "保存")))
    assert given(laid, at)["area"][1] == plain.replace("例会".encode(), "保存".encode())
    others = (
        PLAIN._replace(mailbox="office@example.cn"),
        PLAIN._replace(locale="en"),
        PLAIN._replace(notices=workdays.Imported("2027", None)),
    )
    with laid.reading() as db:
        link = feed_of(db, "area", at=at)
        for manner in others:
            feed = Feed("联席会议", link.subject, manner, at, link.address)
            assert feed.tag() is None
            data = feed.made(laid, db)[0].replace(b"\r\n ", b"").decode()
            assert "保存" not in data
            assert manner.mailbox in data
            assert ("The day is provisional" in data) is (manner.locale == "en")
            assert ("日期暂定" in data) is (manner.mailbox == "office@example.cn")


def test_a_city_reads_no_table_to_its_end(laid: Database, at: datetime) -> None:
    if laid.sqlite:
        pytest.skip("SQLite is told no sizes")
    asked = dict[str, Any]()
    for text in (True, False):
        with laid.reading(briefly=True) as db:
            engine = db.get_bind()
            event.listen(
                engine,
                "before_cursor_execute",
                lambda _c, _cursor, statement, values, *_: asked.update({statement: values}),
                once=True,
            )
            address(db, links.lookup("area"), at, text=text)
    assert len(asked) == 2
    with laid.engine.connect() as connection:
        plans.tell_sizes(connection)
        found = [plans.scanned(connection, *one) for one in asked.items()]
        connection.rollback()
    assert found == [set(), set()]


def test_events_go_with_their_meeting(laid: Database, at: datetime) -> None:
    given(laid, at)
    with laid.writing() as db:
        db.execute(delete(Attendee))
        db.execute(delete(Meeting))
        assert db.scalar(select(func.count()).select_from(FeedEvent)) == 0


def test_announced_days_are_those_of_the_calendar(database: Database, at: datetime) -> None:
    with database.writing() as db:
        for year, day in ((2029, date(2028, 12, 30)), (2025, date(2025, 1, 1))):
            db.add(WorkdayNotice(year=year, papers=[], sha256="-", loaded_at=at))
            db.flush()
            db.add(WorkdayRow(year=year, day=day, name="元旦", off=True))
            db.add(WorkdayRow(year=year, day=date(year, 1, 2), name="元旦", off=True))
    with database.reading() as db:
        imported = workdays.Imported._make(db.execute(select(*workdays.imported_columns())).one())
        known, quick = workdays.calendar(db), workdays.announced_by(imported)
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(2600)]
        assert [known.announced(day) for day in days] == [quick.announced(day) for day in days]
        assert quick.announced(date(2028, 12, 30))
        assert not quick.announced(date(2028, 12, 29))
