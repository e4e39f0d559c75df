"""Settings and rooms through the pages: who may, what is refused where, and what it comes to."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from govgrid.access import Role
from govgrid.meetings.models import AreaSettings, Kind, Part, Reminder, Unit, Venue, VenueClosure
from govgrid.meetings.queries.people import due_at_unit
from govgrid.meetings.queries.seen import load_meeting
from govgrid.meetings.queries.settings import setup_of_unit
from govgrid.meetings.queries.units import who_meets
from tests.journeys.conftest import Person, Site, site
from tests.journeys.test_month import plan

__all__ = ["site"]


STREET, COMMUNITY = "/planning/settings/510107001", "/planning/settings/510107001001"


def save(person: Person, path: str, status: int = 200, **values: Any) -> str:
    page = person.get(path)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    return person.post(path, status=status, version=version[1], **values)


def test_settings_come_down_from_street_to_unit(site: Site) -> None:
    clerk, secretary = site.person("sun"), site.person("zhou")
    save(clerk, STREET, window_to="20", part="street_liaison:none", minutes_long="90")
    told: dict[str, Any] = {
        "reminders_own": "1",
        "reminders": "grid_leader:hours",
        "follow_up": "0",
    }
    page = save(
        secretary, COMMUNITY, minutes_long="75", preferred_own="1", preferred="2-am", **told
    )
    assert "提前两小时：网格长" in re.sub(r"\s", "", page)
    assert "江桥街道" in page  # the window's source
    with site.database.reading() as db:
        number = db.scalar(select(Unit.id).where(Unit.compound_id.is_not(None)))
    save(secretary, f"/units/{number}/settings", evenings="yes", starts="19:00 9:30")
    meeting = plan_at_half_past_nine(site, number)
    with site.database.reading() as db:
        loaded = load_meeting(db, meeting)
        setup = setup_of_unit(db, loaded.unit)
        assert (setup.window_to, setup.minutes_long, setup.starts) == (20, 75, (570, 1140))
        assert setup.preferred == ((2, "am"),)
        assert setup.reminders == {(Role.GRID_LEADER, Reminder.HOURS)}
        assert (setup.follow_up, setup.due_days) == (0, 3)
        assert (loaded.end - loaded.start).total_seconds() == 75 * 60
        assert Role.LIAISON not in {a.role for a in loaded.attendees}
        assert {a.required for a in loaded.attendees} == {True}
        roles = [d.role for d in due_at_unit(db, loaded.unit, loaded.month)]
        assert roles[:2] == [Role.SECRETARY, Role.GRID_LEADER]


def plan_at_half_past_nine(site: Site, unit: int | None) -> int:
    secretary = site.person("zhou")
    path = f"/units/{unit}/schedule/2026-12"
    shown = secretary.get(path)
    assert "09:00" not in shown
    room = re.search(r'<option value="(\d+)"', shown)
    assert room
    page = secretary.post(path, start="2026-12-08T09:30:00+08:00", venue=room[1])
    found = re.search(r"/meetings/(\d+)/confirm", page)
    assert found
    return int(found[1])


def test_contradictions_are_refused_with_their_place_and_change_nothing(site: Site) -> None:
    clerk, secretary = site.person("sun"), site.person("zhou")
    save(secretary, COMMUNITY, window_from="15", window_to="25")
    said = save(clerk, STREET, status=422, window_from="26", window_to="20")
    assert "江桥街道" in said
    # Right by itself, wrong for the community below that opens no evenings.
    save(secretary, COMMUNITY, starts="19:00", evenings="yes")
    with site.database.reading() as db:
        before = db.scalar(select(AreaSettings.version))
    said = save(secretary, COMMUNITY, status=422, starts="19:00", evenings="no")
    assert "锦江社区" in said
    said = save(clerk, STREET, status=422, window_from="1", window_to="3")
    assert "没有可以开会的日子" in said or "不能成立" in said
    save(secretary, COMMUNITY, status=422, starts="9点")
    save(secretary, COMMUNITY, status=422, minutes_long="5")
    save(secretary, COMMUNITY, status=422, part="king:required")
    save(secretary, COMMUNITY, status=422, reminders_own="1", reminders="king:day")
    save(secretary, COMMUNITY, status=422, venue_id="99")
    with site.database.reading() as db:
        assert db.scalar(select(AreaSettings.version)) == before
        assert db.scalars(select(AreaSettings.kind)).all() == [Kind.JOINT]


@pytest.mark.one_engine
def test_a_stale_save_is_refused_and_a_neighbour_sees_nothing(site: Site) -> None:
    secretary = site.person("zhou")
    save(secretary, COMMUNITY, quorum="60")
    secretary.post(COMMUNITY, status=409, version="0", quorum="70")
    site.person("lin").get(COMMUNITY, status=404)
    site.person("wu").get(COMMUNITY, status=404)
    secretary.get(STREET, status=404)
    secretary.get("/planning/settings/510107001001001", status=404)  # a grid has none


@pytest.mark.one_engine
def test_likeness_in_a_circle_is_refused(site: Site) -> None:
    clerk = site.person("sun")
    with site.database.reading() as db:
        meets = {m.community.code: m.community.id for m in who_meets(db, "/5101/510107/510107001/")}
    ours, theirs = meets["510107001001"], meets["510107001002"]
    save(clerk, COMMUNITY, like=theirs)
    said = save(clerk, "/planning/settings/510107001002", status=422, like=ours)
    assert "青竹社区 → 锦江社区 → 青竹社区" in said


@pytest.mark.one_engine
def test_what_meets_is_registered_by_the_settings(site: Site) -> None:
    clerk = site.person("sun")
    with site.database.reading() as db:
        found = {m.key: m.unit_id for m in who_meets(db, "/5101/510107/510107001/")}
    assert set(found) == {"510107001001", "510107001002", "XQ-JH", "XQ-JQ12"}
    assert [key for key, unit in found.items() if unit is None] == ["XQ-JQ12", "510107001002"]
    clerk.post(STREET + "/units")
    save(clerk, STREET, kind="owners", scope="compound")
    assert "还有 2 个" in clerk.get(STREET)
    clerk.post(STREET + "/units")
    with site.database.reading() as db:
        kinds = db.scalars(select(Unit.kind).where(Unit.compound_id.is_not(None))).all()
    assert sorted(kinds) == [Kind.JOINT, Kind.JOINT, Kind.OWNERS, Kind.OWNERS]
    assert "没有登记为会议单元" not in clerk.get(STREET)


@pytest.mark.one_engine
def test_an_owners_meeting_has_people_and_items_of_its_own(site: Site) -> None:
    clerk = site.person("sun")
    save(clerk, STREET, kind="owners", scope="compound")
    clerk.post(STREET + "/units")
    with site.database.reading() as db:
        found = select(Unit.id).where(Unit.kind == Kind.OWNERS)
        owners = {m.unit_id: m for m in who_meets(db, "/5101/510107/510107001/")}
        number = next(n for n in db.scalars(found) if owners[n].key == "XQ-JH/owners")
    page = clerk.get(f"/units/{number}/schedule/2026-12")
    room = re.search(r'<option value="(\d+)"', page)
    assert room
    start = "2026-12-05T19:00:00+08:00"  # a Saturday evening
    made = clerk.post(f"/units/{number}/schedule/2026-12", start=start, venue=room[1])
    assert "锦和苑2026年12月业主恳谈会" in made
    assert "听取业主意见和建议" in made
    with site.database.reading() as db:
        meeting = load_meeting(db, int(re.findall(r"/meetings/(\d+)/confirm", made)[0]))
        assert meeting.convenor.name == "钱经理"
        assert {a.role for a in meeting.attendees} == {Role.PROJECT_MANAGER, Role.GRID_LEADER}
        leader = next(a for a in meeting.attendees if a.role is Role.GRID_LEADER)
        assert (leader.required, setup_of_unit(db, meeting.unit).part(Role.POLICE)) == (
            False,
            Part.NONE,
        )


@pytest.mark.one_engine
def test_rooms_are_kept_and_closed(site: Site) -> None:
    secretary = site.person("zhou")
    rooms = "/planning/venues/510107001001"
    said = secretary.post(rooms, status=422, name="新会议室", capacity="0")
    assert "可容纳人数" in said
    secretary.post(rooms, status=422, name="新会议室", longitude="104.04")
    secretary.post(rooms, status=409, name="锦江社区会议室")
    secretary.post(
        rooms, name="新会议室", capacity="20", longitude="104.04", latitude="30.64", crs="gcj02"
    )
    with site.database.reading() as db:
        room = db.scalars(select(Venue).where(Venue.name == "新会议室")).one()
        assert room.longitude is not None
        assert abs(room.longitude - 104.0375) < 0.001  # moved by some 300 m
        first = db.scalars(select(Venue.id).order_by(Venue.id)).first()
    page = f"/venues/{first}"
    closed: dict[str, Any] = {
        "from_day": "2026-12-08",
        "to_day": "2026-12-08",
        "reason": "漏水维修",
    }
    secretary.post(page + "/closures", status=422, **{**closed, "to_day": "2026-12-07"})
    assert "漏水维修" in secretary.post(page + "/closures", **closed)
    with site.database.reading() as db:
        unit = db.scalar(select(Unit.id).where(Unit.compound_id.is_not(None)))
        closure = db.scalar(select(VenueClosure.id))
    slot = f"/units/{unit}/schedule/2026-12?start=2026-12-08T09%3A00%3A00%2B08%3A00"
    assert "会议室停用：漏水维修" in secretary.get(slot)
    secretary.post(
        f"/units/{unit}/schedule/2026-12",
        status=409,
        start="2026-12-08T09:00:00+08:00",
        venue=first,
    )
    site.person("lin").get(page, status=404)
    secretary.post(f"{page}/closures/{closure}/delete")
    assert plan(site)
