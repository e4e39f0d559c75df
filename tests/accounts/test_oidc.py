"""Sign-in by an identity provider: a real one, that says the truth or does not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import select

from govgrid.accounts.models import Account
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.settings import Settings
from tests.accounts.provider import CLIENT, SECRET, State, provider
from tests.client import Client
from tests.journeys.conftest import Site, furnish, site

__all__ = ["site"]

pytestmark = pytest.mark.one_engine

BACK = "http://testserver/sign-in/oidc/back"


class Answer(NamedTuple):
    """What the installation said."""

    status_code: int
    text: str
    location: str


@dataclass(slots=True)
class Gate:
    """An installation that trusts the provider, and a browser in front of it."""

    site: Site
    state: State
    client: Client

    def go(self) -> str:
        """Return the address at which the provider sends the browser back."""
        there = self.client.get("/sign-in/oidc?next=/months", follow_redirects=False)
        assert there.status_code == 303, there.text
        answer = httpx2.get(there.headers["location"], verify=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"].removeprefix("http://testserver")

    def back(self, address: str) -> Answer:
        found = self.client.get(address, follow_redirects=False)
        return Answer(found.status_code, found.text, found.headers.get("location", ""))


@pytest.fixture
def gate(settings: Settings, database: Database) -> Iterator[Gate]:
    now = datetime.now(UTC)
    furnish(database, now)
    with provider(BACK) as state:
        trusting = replace(
            settings, oidc_issuer=state.address, oidc_client=CLIENT, oidc_secret=SECRET,
            oidc_claim="login",
        )  # fmt: skip
        site = Site(trusting, database, now)
        yield Gate(site, state, Client(site.app))
        site.close()


def test_the_provider_lets_in_whom_we_know(gate: Gate) -> None:
    assert "/sign-in/oidc?next=" in gate.client.get("/sign-in").text
    answer = gate.back(gate.go())
    assert (answer.status_code, answer.location) == (303, "/months")
    assert "周书记" in gate.client.get("/").text
    with gate.site.database.reading() as db:
        assert db.scalar(select(Account.subject).where(Account.login == "zhou")) == "s-1"


def test_pkce_state_and_nonce_leave_with_the_browser(gate: Gate) -> None:
    there = gate.client.get("/sign-in/oidc", follow_redirects=False)
    sent = parse_qs(urlsplit(there.headers["location"]).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert all(len(sent[name][0]) >= 43 for name in ("code_challenge", "state", "nonce"))
    again = gate.client.get("/sign-in/oidc", follow_redirects=False)
    other = parse_qs(urlsplit(again.headers["location"]).query)
    assert all(sent[name] != other[name] for name in ("code_challenge", "state", "nonce"))
    assert "HttpOnly" in there.headers["set-cookie"]


def test_a_code_of_another_browser_is_refused(gate: Gate) -> None:
    stolen = gate.go()
    other = Client(gate.site.app)
    assert other.get(stolen, follow_redirects=False).status_code == 422
    other.get("/sign-in/oidc", follow_redirects=False)
    assert other.get(stolen, follow_redirects=False).status_code == 403
    assert "session" not in other.cookies


def test_a_code_works_once(gate: Gate) -> None:
    address = gate.go()
    trip = gate.client.cookies["trip"]
    assert gate.back(address).status_code == 303
    gate.client.cookies.clear()
    gate.client.cookies.set("trip", trip)
    assert gate.back(address).status_code == 403


@pytest.mark.parametrize("fault", ["audience", "nonce", "key"])
def test_a_token_that_does_not_fit_is_refused(gate: Gate, fault: str) -> None:
    address = gate.go()
    if fault == "audience":
        gate.state.audience = "another-client"
    elif fault == "nonce":
        gate.state.nonce = "of-another-trip"
    else:
        gate.state.key = type(gate.state.key).generate_key(2048, {"kid": "k1"})
    assert gate.back(address).status_code == 403
    assert "session" not in gate.client.cookies


def test_a_login_given_to_somebody_else_opens_nothing(gate: Gate) -> None:
    assert gate.back(gate.go()).status_code == 303
    gate.state.claims = {"sub": "s-2", "login": "zhou"}
    assert gate.back(gate.go()).status_code == 403
    gate.state.claims = {"sub": "s-1", "login": "zhou.renamed"}
    assert gate.back(gate.go()).status_code == 303


def test_whom_we_do_not_know_stays_outside(gate: Gate) -> None:
    gate.state.claims = {"sub": "s-9", "login": "nobody"}
    answer = gate.back(gate.go())
    assert answer.status_code == 403
    assert "没有对应的账号" in answer.text


def test_a_silent_provider_is_said(gate: Gate, database: Database) -> None:
    silent = replace(gate.site.settings, oidc_issuer="http://127.0.0.1:9")
    site = Site(silent, database, gate.site.at)
    answer = Client(site.app).get("/sign-in/oidc", follow_redirects=False)
    site.close()
    assert answer.status_code == 503


def test_production_trusts_no_provider_without_tls(settings: Settings) -> None:
    with pytest.raises(Invalid):
        replace(settings, oidc_issuer="http://id.example").for_production()
    replace(settings, oidc_issuer="https://id.example").for_production()


def test_without_the_setting_there_is_no_such_page(site: Site) -> None:
    assert site.person().client.get("/sign-in/oidc").status_code == 404
