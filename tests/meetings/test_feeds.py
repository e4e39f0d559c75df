"""Calendar addresses: own, of a unit, of an area; what they show, to whom, and until when."""

import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select, update

from govgrid.accounts.models import Account
from govgrid.grid.models import Post
from govgrid.meetings.models import Meeting, Venue
from tests.build import clock
from tests.journeys.conftest import Person, Site, site
from tests.journeys.test_month import confirmed

__all__ = ["site"]


@pytest.fixture
def meeting(site: Site) -> str:
    return confirmed(site)


def addresses(page: str) -> list[str]:
    return re.findall(r"(/feeds/[\w-]+\.ics)", page)


def subscribed(person: Person, kind: str) -> str:
    """Subscribe to the first area or unit on offer; return its address."""
    place = re.findall(rf'value="({kind}-\d+)"', person.get("/me"))[0]
    return addresses(person.post("/me/calendars", place=place))[-1]


def events(person: Person, address: str) -> list[Any]:
    answer = person.client.get(address)
    assert answer.status_code == 200
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def test_an_area_and_a_unit_show_what_their_people_were_invited_to(
    site: Site, meeting: str
) -> None:
    secretary, liaison = site.person("zhou"), site.person("sun")
    found = [
        events(site.person(), subscribed(person, kind))
        for person, kind in ((secretary, "unit"), (secretary, "area"), (liaison, "area"))
    ]
    with site.database.reading() as db:
        uid = db.scalars(select(Meeting.uid)).one()
    assert [[str(one["UID"]) for one in some] for some in found][1:] == [[uid], [uid]]
    event = found[1][0]
    assert event.decoded("DTSTART") == clock("2026-12-08 09:00")
    assert "ATTENDEE" not in event
    assert str(event["LOCATION"]) == "锦江社区会议室 江桥街1号"


def test_a_feed_says_how_often_and_answers_304_until_something_changes(
    site: Site, meeting: str
) -> None:
    address, client = subscribed(site.person("zhou"), "area"), site.person().client
    first = client.get(address)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in first.content
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in first.content
    tag = first.headers["etag"]
    for named in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = client.get(address, headers={"if-none-match": named})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(address, headers={"if-none-match": '"other"'}).status_code == 200
    with site.database.writing() as db:
        db.execute(update(Venue).values(address="江桥街2号"))
    moved = client.get(address, headers={"if-none-match": tag})
    assert moved.status_code == 200
    assert "江桥街2号" in moved.text.replace("\r\n ", "")


def test_a_feed_reaches_three_months_back_and_a_year_ahead(site: Site, meeting: str) -> None:
    address, anyone = subscribed(site.person("zhou"), "area"), site.person()
    start = clock("2026-12-08 09:00")
    for at, shown in (
        (start + timedelta(days=91), 1), (start + timedelta(days=93), 0),
        (start - timedelta(days=365), 1), (start - timedelta(days=367), 0),
    ):  # fmt: skip
        site.set_clock(at)
        assert len(events(anyone, address)) == shown


def test_a_cancelled_meeting_stays_in_the_feed_as_cancelled(site: Site, meeting: str) -> None:
    secretary = site.person("zhou")
    address = subscribed(secretary, "area")
    version = re.findall(r'name="version" value="(\d+)"', secretary.get(f"/meetings/{meeting}"))[0]
    secretary.post(f"/meetings/{meeting}/cancel", reason="停电", version=version)
    (event,) = events(site.person(), address)
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)


def test_renewing_and_revoking_end_the_address_before(site: Site, meeting: str) -> None:
    secretary, anyone = site.person("zhou"), site.person()
    old = subscribed(secretary, "area")
    own = addresses(secretary.post("/me/calendar"))[0]
    number = re.findall(r"/me/calendars/(\d+)/renew", secretary.get("/me"))[0]
    new = addresses(secretary.post(f"/me/calendars/{number}/renew"))[-1]
    anyone.get(old, 404)
    anyone.get(new)
    site.person("lin").post(f"/me/calendars/{number}/revoke", 404)
    secretary.post(f"/me/calendars/{number}/revoke")
    assert "已停用" in anyone.get(new, 404)
    anyone.get(own)


def test_nobody_subscribes_beyond_what_they_see(site: Site, meeting: str) -> None:
    page = site.person("zhou").get("/me")
    foreign = re.findall(r'value="((?:area|unit)-\d+)"', page)
    for place in (*foreign, "area-999999", "unit-999999"):
        site.person("lin").post("/me/calendars", 404, place=place)
    for place in ("area-", "officer-1", "area-1' OR 1", "area-99999999999"):
        site.person("zhou").post("/me/calendars", 422, place=place)
    assert "area-" not in site.person("qian").get("/me")  # the company sees its compound alone
    assert events(site.person(), subscribed(site.person("qian"), "unit"))


def test_an_area_feed_ends_with_the_post_and_with_the_account(site: Site, meeting: str) -> None:
    address, anyone = subscribed(site.person("zhou"), "area"), site.person()
    with site.database.writing() as db:
        officer = select(Account.officer_id).where(Account.login == "zhou").scalar_subquery()
        db.execute(update(Account).where(Account.login == "zhou").values(locked_at=site.at))
    anyone.get(address, 404)
    with site.database.writing() as db:
        db.execute(update(Account).where(Account.login == "zhou").values(locked_at=None))
        gone = site.at.date() - timedelta(days=1)
        db.execute(update(Post).where(Post.officer_id == officer).values(until=gone))
    assert "已停用" in anyone.get(address, 404)
