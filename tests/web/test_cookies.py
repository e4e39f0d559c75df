"""Cookies and headers over TLS, as browsers get them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from govgrid.web import cookies
from tests.client import Client
from tests.journeys.conftest import PASSWORD, Site, site

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


@pytest.fixture
def secure(site: Site) -> Iterator[Client]:
    opened = Site(replace(site.settings, public_url="https://testserver"), site.database, site.at)
    opened.house.database.close()
    opened.house.database = site.database
    yield Client(opened.app, base_url="https://testserver")
    opened.state.press.close()


def sign_in(client: Client) -> list[str]:
    """Return the cookies that come on the way in."""
    page = client.get("/sign-in")
    token = page.text.partition('name="csrf" value="')[2][:64]
    form = {"csrf": token, "login": "zhou", "password": PASSWORD}
    entered = client.post("/sign-in", data=form, follow_redirects=False)
    assert entered.status_code == 303, entered.text
    return [one for answer in (page, entered) for one in answer.headers.get_list("set-cookie")]


def test_over_tls_every_cookie_is_bound_to_this_host(secure: Client) -> None:
    left = sign_in(secure)
    assert [one.partition("=")[0] for one in left] == ["__Host-browser", "__Host-session"]
    for one in left:
        parts = {part.strip().lower() for part in one.split(";")}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts, one
    assert secure.get("/password").status_code == 200


def test_a_cookie_that_another_host_planted_is_none_of_ours(secure: Client) -> None:
    sign_in(secure)
    session = secure.cookies["__Host-session"]
    planted = {"cookie": f"session={session}"}
    secure.cookies.clear()
    assert secure.get("/password", headers=planted, follow_redirects=False).status_code == 303


def test_a_cookie_for_one_path_cannot_be_bound_to_the_host_alone() -> None:
    one = cookies.outward(b"seat=x; HttpOnly; Path=/entrance/7; SameSite=lax")
    assert one == b"__Secure-seat=x; HttpOnly; Path=/entrance/7; SameSite=lax; Secure"
    assert cookies.inward(b"__Secure-seat=x; seat=y; __Host-a=b=c; d") == b"seat=x; a=b=c"


def test_over_tls_browsers_are_told_to_stay(secure: Client) -> None:
    heads = secure.get("/no-such-page").headers
    assert heads["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert heads["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in heads["Content-Security-Policy"]


def test_signing_out_clears_what_the_browser_kept(secure: Client) -> None:
    sign_in(secure)
    token = secure.get("/password").text.partition('name="csrf" value="')[2][:64]
    left = secure.post("/sign-out", data={"csrf": token}, follow_redirects=False)
    assert left.headers["Clear-Site-Data"] == '"cache"'
    assert secure.get("/password", follow_redirects=False).status_code == 303
