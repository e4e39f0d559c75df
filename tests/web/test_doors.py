"""What stands before every page: tokens, headers, caps, redirects."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from govgrid.accounts.models import SignIn
from tests.client import Client
from tests.journeys.conftest import PASSWORD, Site, site

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


def test_a_post_without_token_is_refused(site: Site) -> None:
    client = site.person().client
    assert client.post("/sign-in", data={"login": "zhou", "password": PASSWORD}).status_code == 403
    assert client.get("/months", follow_redirects=False).status_code == 303


def test_sign_in_never_leads_away(site: Site) -> None:
    person = site.person()
    for target in ("//evil.example", "https://evil.example", "/\\evil.example"):
        page = person.get(f"/sign-in?next={target}")
        assert 'name="next" value="/"' in page


def test_headers_hosts_and_caps(site: Site) -> None:
    client = site.person().client
    answer = client.get("/sign-in")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/sign-in", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/sign-in", headers={"host": "[evil"}).status_code == 400
    missing = client.get("/no-such-page")
    assert missing.status_code == 404
    assert "页面不存在" in missing.text
    assert client.delete("/sign-in").status_code == 405


def test_a_body_past_the_cap_is_refused_in_our_look(site: Site) -> None:
    client = site.person().client
    form = {"content-type": "application/x-www-form-urlencoded"}
    announced = client.post("/sign-in", content=b"x" * 3_000_000, headers=form)
    streamed = client.post("/sign-in", content=iter([b"x" * 1_000_000] * 3), headers=form)
    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert "提交的内容过大" in answer.text
        assert "Content-Security-Policy" in answer.headers


def test_a_post_from_another_site_is_refused(site: Site) -> None:
    client = site.person().client
    token = client.get("/sign-in").text.partition('name="csrf" value="')[2][:64]
    form = {"csrf": token, "login": "zhou", "password": PASSWORD}
    for header in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
    ):
        assert client.post("/sign-in", data=form, headers=header).status_code == 403
    plain = {"sec-fetch-site": "same-origin", "origin": "null"}
    assert client.post("/sign-in", data=form, headers=plain).status_code == 200


def test_a_token_of_another_browser_is_refused(site: Site) -> None:
    token = site.person().client.get("/sign-in").text.partition('name="csrf" value="')[2][:64]
    other = site.person().client
    other.get("/sign-in")
    form = {"csrf": token, "login": "zhou", "password": PASSWORD}
    assert other.post("/sign-in", data=form).status_code == 403


def test_a_refused_post_shows_a_banner_to_htmx(site: Site) -> None:
    client = site.person().client
    token = client.get("/sign-in").text.partition('name="csrf" value="')[2][:64]
    form = {"csrf": token, "login": "zhou"}
    answer = client.post("/sign-in", data=form, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#messages"
    assert '<li data-field="password">' in answer.text
    assert "<html" not in answer.text


def test_a_fault_of_ours_says_nothing_of_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    client = Client(site.app, raise_server_exceptions=False)
    with monkeypatch.context() as patch:
        patch.setattr(site.house, "who", fail)
        answer = client.get("/sign-in")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "ZeroDivision" not in answer.text


def test_strangers_come_back_to_the_page_they_asked_for(site: Site) -> None:
    client = site.person().client
    sent = client.get("/months?month=2026-12", follow_redirects=False)
    assert sent.headers["location"] == "/sign-in?next=/months%3Fmonth%3D2026-12"
    asked = {"hx-request": "true", "hx-current-url": "http://testserver/print?month=2026-12"}
    part = client.get("/months", headers=asked)
    assert (part.status_code, part.headers["HX-Redirect"]) == (
        401,
        "/sign-in?next=/print%3Fmonth%3D2026-12",
    )


def test_the_use_of_a_session_is_noted_once_a_minute(site: Site) -> None:
    person = site.person("zhou")

    def seen() -> datetime:
        with site.database.reading() as db:
            return db.scalars(select(SignIn.seen_at)).one()

    start = site.at
    site.set_clock(start + timedelta(seconds=59))
    person.get("/password")
    assert seen() == start
    site.set_clock(start + timedelta(seconds=60))
    person.get("/password")
    assert seen() == start + timedelta(seconds=60)


def test_signing_out_ends_the_session(site: Site) -> None:
    person = site.person("zhou")
    session = person.client.cookies["session"]
    token = person.get("/password").partition('name="csrf" value="')[2][:64]
    assert person.client.post("/sign-out", data={"csrf": token}).status_code == 200
    person.client.cookies.set("session", session)
    assert person.client.get("/password", follow_redirects=False).status_code == 303


def test_hashed_files_stay_in_the_browser(site: Site) -> None:
    client = site.person().client
    page = client.get("/sign-in").text
    for address in re.findall(r'(?:href|src)="(/(?:static|vendor)/[^"]+)"', page):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "missing" not in address
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/static/app.css").headers["Cache-Control"] == "no-cache"


def test_english_is_a_choice(site: Site) -> None:
    person = site.person()
    assert "登录" in person.get("/sign-in")
    page = person.post("/language", language="en", next="/sign-in")
    assert "Log in" in page
