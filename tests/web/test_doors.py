"""What stands before every page: tokens, headers, caps, redirects."""

from tests.journeys.conftest import PASSWORD, Site, site

__all__ = ["site"]


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
    assert client.post("/sign-in", content=b"x" * 3_000_000).status_code == 413
    missing = client.get("/no-such-page")
    assert missing.status_code == 404
    assert "页面不存在" in missing.text


def test_english_is_a_choice(site: Site) -> None:
    person = site.person()
    assert "登录" in person.get("/sign-in")
    page = person.post("/language", language="en", next="/sign-in")
    assert "Sign in" in page
