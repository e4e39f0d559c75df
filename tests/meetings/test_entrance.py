"""Signing in at the door: the code changes, who scans is known by the link, stale ones are refused."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from govgrid.journal import Entry
from govgrid.meetings.models import Attendance, Attendee, Meeting
from govgrid.meetings.rules.entrance import Fit, code, fit
from tests.build import clock
from tests.conftest import NOW, SECRET
from tests.journeys.conftest import Person, Site, site
from tests.journeys.test_bad_input import link_of
from tests.journeys.test_month import confirmed

__all__ = ["site"]

pytestmark = pytest.mark.one_engine
BEGINS = clock("2026-12-08 09:00")


@pytest.fixture
def meeting(site: Site) -> str:
    return confirmed(site)


@pytest.fixture
def link(site: Site, meeting: str) -> str:
    """Return the grid leader's private link; people come in."""
    found = link_of(site, "wang@example.cn")
    site.set_clock(BEGINS - timedelta(minutes=10))
    return found


def door(site: Site, meeting: str) -> str:
    """Return the eight digits on the screen."""
    page = site.person("zhou").get(f"/meetings/{meeting}/entrance")
    return "".join(re.findall(r'entrance-digits">(\d{4}) (\d{4})<', page)[0])


def came(site: Site) -> dict[str, Attendance]:
    with site.database.reading() as db:
        rows = db.execute(
            select(Attendee.id, Attendee.attendance).where(Attendee.attendance.is_not(None))
        )
        return {str(number): word for number, word in rows if word}


def later(site: Site, seconds: int) -> None:
    site.set_clock(site.at + timedelta(seconds=seconds))


@given(some.integers(0, 10**6), some.integers(0, 10**6))
def test_a_code_fits_its_meeting_and_its_moment_alone(first: int, passed: int) -> None:
    at, then = NOW + timedelta(seconds=first), NOW + timedelta(seconds=first + passed)
    shown, steps = code(SECRET, "a", at), (first + passed) // 30 - first // 30
    expected = Fit.FRESH if steps <= 2 else Fit.STALE if steps <= 242 else Fit.WRONG
    assert re.fullmatch(r"\d{8}", shown)
    assert fit(SECRET, "a", shown, then) is expected
    assert fit(SECRET, "b", shown, at) is Fit.WRONG
    assert fit("another", "a", shown, at) is Fit.WRONG
    if passed > 30:
        assert fit(SECRET, "a", code(SECRET, "a", then), at) is Fit.WRONG  # of the future


def test_who_opened_the_link_scans_and_is_there(site: Site, meeting: str, link: str) -> None:
    leader = site.person()
    leader.get(link)
    scanned = f"/entrance/{meeting}/{door(site, meeting)}"
    assert "签到" in leader.get(scanned)
    assert came(site) == {}  # a GET changes nothing
    assert "签到成功" in leader.post(scanned)
    assert list(came(site).values()) == [Attendance.PRESENT]
    leader.post(scanned)
    with site.database.reading() as db:
        lines = db.scalars(select(Entry).where(Entry.verb == "sign_in_at_door")).all()
        assert [line.detail["after"] for line in lines] == [{"attendance": "present"}]
    assert "已签到 1 人" in site.person("zhou").get(f"/meetings/{meeting}/entrance")


def test_the_digits_on_the_screen_do_without_a_camera(site: Site, meeting: str, link: str) -> None:
    shown = door(site, meeting)
    page = site.person().post(f"{link}/sign-in", code=f" {shown[:4]} {shown[4:]} ")
    assert "签到成功" in page
    assert "考勤：出席" in page


def test_whoever_is_signed_in_needs_no_link(site: Site, meeting: str, link: str) -> None:
    leader = site.person("wang")
    assert "签到成功" in leader.post(f"/entrance/{meeting}/{door(site, meeting)}")
    assert list(came(site).values()) == [Attendance.PRESENT]


def test_a_substitute_sent_signs_in_as_such(site: Site, meeting: str, link: str) -> None:
    site.person().post(link, reply="substitute", substitute="陈明")
    site.person().post(f"{link}/sign-in", code=door(site, meeting))
    assert list(came(site).values()) == [Attendance.SUBSTITUTE]


def test_a_stranger_is_told_what_to_do(site: Site, meeting: str, link: str) -> None:
    scanned, stranger = f"/entrance/{meeting}/{door(site, meeting)}", site.person()
    assert "先打开您的会议链接" in stranger.get(scanned)
    assert "无法识别您的身份" in stranger.post(scanned, 404)
    site.person("lin").post(scanned, 404)
    assert came(site) == {}


def test_wrong_and_stale_codes_are_refused_in_clear_words(
    site: Site, meeting: str, link: str
) -> None:
    leader, shown = site.person(), door(site, meeting)
    leader.get(link)
    wrong = f"{(int(shown) + 1) % 10**8:08d}"
    for path in (f"/entrance/{meeting}/{wrong}", f"/entrance/{meeting}/1"):
        assert "签到码不正确" in leader.get(path, 422)
        assert "签到码不正确" in leader.post(path, 422)
    assert "8 位数字" in leader.post(f"{link}/sign-in", 422, code="abcd")
    leader.get("/entrance/999999/12345678", 404)
    later(site, 120)
    assert "签到码已过期" in leader.get(f"/entrance/{meeting}/{shown}", 409)
    assert "签到码已过期" in leader.post(f"{link}/sign-in", 409, code=shown)
    assert came(site) == {}
    assert door(site, meeting) != shown


def test_the_door_is_open_from_two_hours_before_until_the_end(
    site: Site, meeting: str, link: str
) -> None:
    with site.database.reading() as db:
        uid = db.scalars(select(Meeting.uid)).one()
    for at, said in (
        (BEGINS - timedelta(hours=3), "签到尚未开始"),
        (BEGINS + timedelta(hours=3), "会议已结束"),
    ):
        site.set_clock(at)
        secretary: Person = site.person("zhou")
        page = secretary.get(f"/meetings/{meeting}/entrance")
        assert said in page
        assert "entrance-digits" not in page
        site.person().post(f"{link}/sign-in", 409, code=code(SECRET, uid, at))
    assert came(site) == {}


def test_only_who_convenes_there_shows_the_code(site: Site, meeting: str, link: str) -> None:
    for login in ("lin", "wang", "qian", "wu"):
        site.person(login).get(f"/meetings/{meeting}/entrance", 404)
