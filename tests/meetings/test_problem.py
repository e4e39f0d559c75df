"""A month read from the database: who is required, when they are taken, what stands already."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Post, Substitute
from govgrid.meetings.models import AreaSettings, Attendee, Kind, Meeting, Scope, Stage, Unit, Venue
from govgrid.meetings.planning.faults import instance_faults
from govgrid.meetings.planning.instance import DAY, DayKind, Span
from govgrid.meetings.planning.lines import Adjust, Problem, Treat
from govgrid.meetings.planning.problem import problem
from govgrid.meetings.planning.starts import Moments
from tests import build
from tests.build import City, clock
from tests.meetings.month import STREET, crowd, send_away

MONTH = date(2026, 12, 1)


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        db.expunge_all()
    return made


def read(
    db: Session,
    at: datetime,
    treat: Treat = Treat.KEEP,
    adjust: Mapping[str, Adjust] | None = None,
) -> Problem:
    found = problem(db, [STREET], MONTH, at=at, treat=treat, adjust=adjust)
    assert list(instance_faults(found.instance)) == []
    return found


def codes(db: Session, *people: object) -> set[str]:
    return {db.merge(person).code for person in people}  # type: ignore[attr-defined]


def meeting_of(
    db: Session, unit: Unit, room: Venue, start: str, stage: Stage, *people: object
) -> Meeting:
    begin = clock(start)
    made = Meeting(
        uid=f"u{unit.id}{start}", unit_id=unit.id, community_id=unit.community_id, month=MONTH,
        stage=stage, title="已有会议", start=begin, end=begin + timedelta(hours=1),
        venue_id=room.id, convenor_id=people[0].id,  # type: ignore[attr-defined]
    )  # fmt: skip
    db.add(made)
    db.flush()
    db.add_all(
        Attendee(meeting_id=made.id, officer_id=p.id, role=Role.POLICE, nonce=f"{made.id}-{p.id}",  # type: ignore[attr-defined]
                 link=f"{made.id}-{p.id}")  # type: ignore[attr-defined]
        for p in people
    )  # fmt: skip
    db.flush()
    return made


def standing(db: Session, city: City, start: str, stage: Stage = Stage.CONFIRMED) -> Meeting:
    """Let the compound's meeting stand, with the police officer and the secretary."""
    room = Venue(community_id=city.community.id, name="旧会议室", longitude=104.04, latitude=30.6)
    unit = Unit(community_id=city.community.id, compound_id=city.compound.id)
    db.add_all([room, unit])
    db.flush()
    return meeting_of(db, unit, room, start, stage, city.secretary, city.police)


def test_units_people_and_rooms_are_there_without_anybody_registering_them(
    database: Database, city: City, at: datetime
) -> None:
    with database.reading() as db:
        found = read(db, at)
        assert set(found.lines) == {"XQ-JH", "XQ-JQ12", "510107001002"}
        meeting = found.instance.meetings["XQ-JH"]
        assert set(meeting.required) == codes(
            db, city.secretary, city.grid_leader, city.police, city.manager
        )
        assert set(meeting.quorum.people) == codes(db, *city.members)
        assert meeting.quorum.min == 2  # more than half of two
        assert [g.person for g in meeting.optional] == list(codes(db, city.liaison))
        assert meeting.venue == "510107001001/锦江社区会议室"
        assert found.lines["XQ-JH"].room.id is None
        assert found.instance.people[meeting.convenor].role == "community_secretary"
    with database.writing() as db:
        db.add(Venue(community_id=city.community.id, name="老会议室"))
    with database.reading() as db:
        assert read(db, at).instance.meetings["XQ-JH"].venue == "510107001001/老会议室"


def test_times_away_and_closed_days_are_busy(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        send_away(db, city.police, "2026-12-08 00:00", "2026-12-20 00:00")
        send_away(db, city.police, "2026-11-20 00:00", "2026-12-02 12:00")
    with database.reading() as db:
        police = db.merge(city.police).code
        busy = read(db, at).instance.people[police].busy
    assert busy == (Span(0, DAY + 720), Span(7 * DAY, 19 * DAY))


def test_decreed_rest_days_are_closed_even_where_weekends_are_open(
    database: Database, city: City
) -> None:
    at, month = clock("2026-09-20 09:00"), date(2026, 10, 1)
    with database.writing() as db:
        db.add(AreaSettings(area_id=city.street.id, kind=Kind.JOINT, weekends=True))
    with database.reading() as db:
        found = problem(db, [STREET], month, at=at)
        moments = Moments(found.instance)
        free = moments.starts(moments.free(found.instance.meetings["XQ-JH"]))
    days = {start // DAY + 1 for start in free}
    assert not days & set(range(1, 8))  # 1–7 October
    assert {10, 11, 17} <= days  # a make-up Saturday, and ordinary weekends


def test_a_month_under_way_is_planned_from_tomorrow(database: Database, city: City) -> None:
    with database.reading() as db:
        found = read(db, clock("2026-12-10 09:00"))
        assert found.instance.meetings["XQ-JH"].window[0] == 11
        with pytest.raises(Invalid, match="2026-12"):
            read(db, clock("2026-12-31 09:00"))


def test_confirmed_meetings_stay_and_others_give_room(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        standing(db, city, "2026-12-08 09:00")
    with database.reading() as db:
        found = read(db, at)
        assert found.lines["XQ-JH"].fixed
        moments = Moments(found.instance)
        held = found.instance.meetings["XQ-JH"]
        assert moments.starts(moments.free(held)) == [7 * DAY + 540]
        assert set(held.required) == codes(db, city.secretary, city.police)
        again = read(db, at, Treat.AGAIN)
        assert again.lines["XQ-JH"].fixed  # confirmed ones stay then, too
        repair = read(db, at, Treat.REPAIR)
        assert set(repair.lines) == {"XQ-JH"}
        assert repair.base is not None
        assert repair.base.assign == {"XQ-JH": 7 * DAY + 540}
        assert set(repair.base.confirmed) == {"XQ-JH"}


def test_a_meeting_that_stands_may_be_hit_and_still_stands(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        standing(db, city, "2026-12-08 09:20")  # no slot of the grid
        send_away(db, city.police, "2026-12-08 00:00", "2026-12-09 00:00")
    with database.reading() as db:
        found = read(db, at)
        moments = Moments(found.instance)
        assert moments.starts(moments.free(found.instance.meetings["XQ-JH"])) == [7 * DAY + 560]
        repair = read(db, at, Treat.REPAIR)
        moments = Moments(repair.instance)
        free = moments.starts(moments.free(repair.instance.meetings["XQ-JH"]))
        assert 7 * DAY + 560 not in free
        assert 8 * DAY + 540 in free


def test_meetings_elsewhere_hold_their_people(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        room = Venue(
            community_id=city.far_community.id, name="远处", longitude=104.1, latitude=30.6
        )
        unit = Unit(community_id=city.far_community.id)
        db.add_all([room, unit])
        db.flush()
        made = meeting_of(db, unit, room, "2026-12-08 09:00", Stage.PLANNED, city.police)
        # A second one at the same time, as a mistake would have it: it only takes the time.
        twin = Unit(
            community_id=city.far_community.id,
            compound_id=build.compound(db, city.far_community, "远院").id,
        )
        db.add(twin)
        db.flush()
        meeting_of(db, twin, room, "2026-12-08 09:30", Stage.PLANNED, city.police)
        number = made.id
    with database.reading() as db:
        found = read(db, at)
        police = db.merge(city.police).code
        assert found.elsewhere.keys() >= {f"#{number}"}
        assert found.instance.meetings[f"#{number}"].required == (police,)
        assert Span(7 * DAY + 600, 7 * DAY + 630) in found.instance.people[police].busy


def test_a_handover_splits_the_month_and_the_longer_part_is_taken(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        post = db.query(Post).filter_by(officer_id=city.police.id).one()
        post.until = date(2026, 12, 10)
        new = build.officer(db, "新警官", Role.POLICE, city.community, since=date(2026, 12, 11))
        code = new.code
    with database.reading() as db:
        meeting = read(db, at).instance.meetings["XQ-JH"]
        assert meeting.window == (11, 31)
        assert code in meeting.required
        assert db.merge(city.police).code not in meeting.required


def test_a_substitute_comes_while_the_holder_is_away(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        post = db.query(Post).filter_by(officer_id=city.police.id).one()
        other = build.officer(db, "代班警官")
        db.add(
            Substitute(
                post_id=post.id,
                officer_id=other.id,
                since=date(2026, 12, 3),
                until=date(2026, 12, 30),
            )
        )
        send_away(db, city.police, "2026-12-03 00:00", "2026-12-31 00:00")
        code = other.code
    with database.reading() as db:
        meeting = read(db, at).instance.meetings["XQ-JH"]
        assert (meeting.window, code in meeting.required) == ((3, 30), True)


def test_what_gives_way_for_one_unit(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        room = Venue(community_id=city.next_community.id, name="青竹会议室")
        db.add(room)
        db.flush()
        number = room.id
    with database.reading() as db:
        leader, manager = (db.merge(p).code for p in (city.grid_leader, city.manager))
        adjust = Adjust(allow=(DayKind.WEEKEND,), venue_id=number, stand_ins={manager: leader})
        found = read(db, at, adjust={"XQ-JH": adjust, "XQ-JQ12": Adjust(pin=8 * DAY + 555)})
        meeting = found.instance.meetings["XQ-JH"]
        assert meeting.allow == (DayKind.WORK, DayKind.WEEKEND)
        assert meeting.venue.endswith("青竹会议室")
        assert manager in meeting.required  # the leader is due anyway and stands in for nobody
        moments = Moments(found.instance)
        pinned = found.instance.meetings["XQ-JQ12"]
        assert moments.starts(moments.open(pinned)) == [8 * DAY + 555]


def test_what_cannot_be_planned_at_all_says_why(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        db.add(AreaSettings(area_id=city.community.id, kind=Kind.JOINT, window_from=5, window_to=6))
        build.area(db, "510107001003", "空社区", city.community.level, db.merge(city.street))
    with database.reading() as db:
        found = read(db, at)
        refused = {key: str(why) for key, why in found.refused.items()}
        assert set(refused) == {"XQ-JH", "XQ-JQ12", "510107001003"}  # a weekend; nobody there
        assert "窗口" in refused["XQ-JH"]
        assert "没有必到人员" in refused["510107001003"]


def test_owners_meet_beside_the_joint_meeting_with_the_same_manager(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        db.add(AreaSettings(area_id=city.street.id, kind=Kind.OWNERS, scope=Scope.COMPOUND))
    with database.reading() as db:
        found = read(db, at)
        own, joint = (found.instance.meetings[key] for key in ("XQ-JH/owners", "XQ-JH"))
        assert own.required == tuple(codes(db, city.manager))
        assert set(own.required) < set(joint.required)
        assert "XQ-JQ12/owners" in found.refused  # no manager there


def test_more_units_ask_no_more_queries(database: Database, city: City, at: datetime) -> None:
    counts = []
    asked: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda _c, _u, text, *_: asked.append(text)
    )
    for communities in (1, 4):
        with database.writing() as db:
            for area in db.query(Area).filter(Area.name.like("新社区%")):
                area.name = "旧" + area.name
            crowd(db, city, communities) if communities == 1 else _more(db, city)
        with database.reading() as db:
            asked.clear()
            found = read(db, at)
            counts.append((len(asked), len(found.lines)))
    (few, small), (many, large) = counts
    assert large > small
    assert few == many


def _more(db: Session, city: City) -> None:
    area = build.area(db, "510107001077", "大社区", city.community.level, db.merge(city.street))
    build.officer(db, "大书记", Role.SECRETARY, area)
    for n in range(30):
        build.compound(db, area, f"大院{n}")
