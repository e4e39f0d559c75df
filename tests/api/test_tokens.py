"""The page of tokens: issued once for one's own area, used, revoked; elsewhere there is none."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from govgrid.accounts.models import ApiToken
from govgrid.accounts.rules import Scope
from govgrid.db import Database
from govgrid.grid.models import Officer
from govgrid.journal import Entry
from govgrid.web import csrf
from tests.api.conftest import add_token
from tests.build import City
from tests.client import Client
from tests.conftest import SECRET
from tests.web import accounts

pytestmark = pytest.mark.one_engine


@pytest.fixture
def desk(client: Client, database: Database, city: City, at: datetime) -> Client:
    """Sign the housing officer in."""
    with database.writing() as db:
        officer = db.get_one(Officer, city.housing.id)
        session = accounts.signed_in(db, accounts.account(db, officer, at), at)
    client.cookies.update({"browser": "b", "session": session})
    return client


def post(desk: Client, path: str, **fields: Any) -> Any:
    token = csrf.token(SECRET, "b", desk.cookies["session"])
    return desk.post(path, data={"csrf": token, **fields}, follow_redirects=False)


def ask(desk: Client, token: str) -> int:
    bearer = {"Authorization": f"Bearer {token}"}
    return desk.get("/api/v1/rates?month=2026-11", headers=bearer).status_code


def test_a_token_is_shown_once_opens_and_is_shut(
    desk: Client, database: Database, city: City
) -> None:
    form = {"name": "热线平台", "area": city.street.code, "scopes": ["rates:read"], "days": "30"}
    shown = post(desk, "/tokens", **form)
    assert shown.status_code == 200, shown.text
    text = "gg_" + shown.text.split("gg_", 1)[1].split("<")[0].strip()
    assert ask(desk, text) == 200
    assert text not in desk.get("/tokens").text
    with database.reading() as db:
        made = db.scalars(select(ApiToken).where(ApiToken.name == "热线平台")).one()
        assert (made.area_id, made.scopes) == (city.street.id, ["rates:read"])
    assert post(desk, f"/tokens/{made.id}/revoke").status_code == 303
    assert ask(desk, text) == 401
    assert post(desk, f"/tokens/{made.id}/revoke").status_code == 409
    with database.reading() as db:
        lines = db.scalars(select(Entry).where(Entry.subject == "api_token")).all()
        assert [line.verb for line in lines] == ["add", "revoke"]
        assert text not in str([line.detail for line in lines])


def test_nobody_opens_or_shuts_another_area(
    desk: Client, database: Database, city: City, at: datetime
) -> None:
    form = {"name": "热线平台", "scopes": ["rates:read"], "days": "30"}
    for code in ("510105", "5101", "999"):
        assert post(desk, "/tokens", **form, area=code).status_code == 404
    bad: list[dict[str, Any]] = [
        {"scopes": []},
        {"scopes": ["all"]},
        {"days": "9999"},
        {"name": ""},
    ]
    for wrong in bad:
        answer = post(desk, "/tokens", **{**form, "area": city.street.code, **wrong})
        assert answer.status_code == 422
    number = add_token(database, city.city, "gg_city", *Scope, at=at)
    assert post(desk, f"/tokens/{number}/revoke").status_code == 404
    assert ask(desk, "gg_city") == 200
