"""Accounts through their pages: an administrator's first day, an invited person's, my sign-ins."""

import re
from datetime import timedelta

import pyotp
import pytest

from govgrid.access import Office
from govgrid.accounts.actions import add_administrator
from tests.journeys.conftest import PASSWORD, Person, Site, site

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


def appointed(site: Site, office: Office) -> tuple[Person, str]:
    """Return an administrator who has set up the second factor, and its secret."""
    with site.database.writing() as db:
        add_administrator(db, office, "管理员", office.value, PASSWORD, at=site.at)
    person = site.person()
    person.post("/sign-in", login=office.value, password=PASSWORD)
    waiting = person.client.cookies["session"]
    assert person.client.get("/accounts", follow_redirects=False).status_code == 303
    page = person.get("/sign-in/code")
    secret = re.findall(r"<code[^>]*>([A-Z2-7]{32})</code>", page)[0]
    offer = re.findall(r'name="offer" value="([^"]+)"', page)[0]
    person.post("/sign-in/code", 422, offer=offer, code="000000")
    code = pyotp.TOTP(secret).at(site.at)
    shown = person.post("/sign-in/code", offer=offer, code=code)
    assert len(re.findall(r"<code>\w{6}(?:-\w{6}){3}</code>", shown)) == 10
    assert person.client.cookies["session"] != waiting
    return person, secret


def test_an_administrators_first_and_second_sign_in(site: Site) -> None:
    person, secret = appointed(site, Office.SECURITY)
    assert "shuji" not in person.get("/")
    assert "zhou" in person.get("/accounts")
    for path in ("/months", "/cases", "/coverage", "/grid", "/me", "/accounts/invite"):
        person.get(path, 404)
    person.post("/sign-out")
    site.set_clock(site.at + timedelta(seconds=30))
    person.post("/sign-in", login="security", password=PASSWORD)
    assert secret not in person.get("/sign-in/code")
    person.post("/sign-in/code", code=pyotp.TOTP(secret).at(site.at))
    person.get("/accounts")


def test_whoever_is_invited_sets_a_password_and_enters(site: Site) -> None:
    keeper, _secret = appointed(site, Office.SYSTEM)
    listed = keeper.get("/accounts/invite?text=李")
    code = re.findall(r'name="officer" value="([^"]+)"', listed)[0]
    shown = keeper.post("/accounts/invite", officer=code, login="li.wei")
    link = re.findall(r"http://testserver(/welcome/[\w-]+)", shown)[0]
    person = site.person()
    assert "li.wei" in person.get(link)
    person.post(link, 422, new=PASSWORD, again="something-else-1")
    person.post(link, new=PASSWORD, again=PASSWORD)
    person.get(link, 404)
    assert "李微" in person.sign_in("li.wei").get("/")


def test_my_sign_ins_end_where_i_say(site: Site) -> None:
    here, there, third = (site.person("zhou") for _ in range(3))
    page = here.get("/me/sign-ins")
    marks = re.findall(r"/me/sign-ins/(\w+)/end", page)
    assert len(marks) == 2
    here.post(f"/me/sign-ins/{marks[0]}/end")
    here.post(f"/me/sign-ins/{marks[0]}/end", 404)
    other = site.person("lin")
    other.post(f"/me/sign-ins/{marks[1]}/end", 404)
    here.post("/me/sign-ins/end-others")
    for ended in (there, third):
        assert ended.client.get("/password", follow_redirects=False).status_code == 303
    here.get("/password")
    other.get("/password")


def test_a_sign_in_of_long_ago_changes_no_factor(site: Site) -> None:
    here, there = site.person("zhou"), site.person("zhou")
    site.set_clock(site.at + timedelta(minutes=11))
    for path in ("/me/sign-ins/end-others", "/me/factor/codes", "/me/factor"):
        asked = here.client.post(
            path, data={"csrf": here.token, "code": "1"}, follow_redirects=False
        )
        assert asked.headers["location"] == "/sign-in?again=1&next=/me/sign-ins", path
    assert "请先重新登录以确认身份" in here.get("/me/factor")
    there.get("/password")
    before = here.client.cookies["session"]
    here.sign_in("zhou")
    assert here.client.cookies["session"] != before
    here.post("/me/sign-ins/end-others")
    assert there.client.get("/password", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("office", Office)
def test_administrators_see_nothing_of_the_offices_work(site: Site, office: Office) -> None:
    person, _secret = appointed(site, office)
    for path in ("/meetings/1", "/cases/1", "/grid/510107001001", "/compounds/XQ-JH", "/print"):
        person.get(path, 404)
