"""Cases that other programs send: once, whole, into their own district only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from govgrid.accounts.models import ApiToken
from govgrid.accounts.rules import Scope
from govgrid.cases.models import Case
from govgrid.db import Database
from govgrid.journal import Entry
from govgrid.web.limits import Limit
from tests.api.conftest import BEARER, add_token
from tests.build import City
from tests.client import Client

pytestmark = pytest.mark.one_engine
PATH = "/api/v1/cases"


def case(**other: Any) -> dict[str, Any]:
    return {
        "number": "12345-1", "source": "hotline", "category": "停车", "compound": "XQ-WJ",
        "received_at": "2026-11-20T09:30:00+08:00", "content": "车位不足", **other,
    }  # fmt: skip


def count(database: Database, table: type = Case) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_case_sent_twice_is_one(client: Client, database: Database) -> None:
    first = client.post(PATH, json=case(), headers=BEARER)
    assert first.status_code == 201, first.text
    assert first.json()["reply_due"] == "2026-11-20T11:30:00+08:00"
    lines = count(database, Entry)
    again = client.post(PATH, json=case(), headers=BEARER)
    assert (again.status_code, again.json()) == (200, first.json())
    assert count(database, Entry) == lines
    other = client.post(PATH, json=case(category="噪音", content="x"), headers=BEARER)
    assert other.status_code == 409
    assert "诉求类别、诉求内容" in other.json()["detail"]
    assert count(database) == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (case(compound="XQ-ELSE"), 422, "compound"),
        (case(compound="XQ-NONE"), 422, "compound"),
        (case(received_at="2030-01-01T00:00:00Z"), 422, "received_at"),
        (case(received_at="0001-01-01T00:00:00+14:00"), 422, "received_at"),
        (case(received_at="2026-11-20T09:30:00"), 422, "received_at"),
        (case(source="radio"), 422, "source"),
        (case(category=" "), 422, "category"),
        (case(category="a\x00b"), 422, "category"),
        (case(content="\u0007"), 422, "content"),
        (case(number="a b"), 422, "number"),
        (case(caller="张三"), 422, "caller"),
        ([], 422, ""),
    ],
)
def test_what_is_wrong_is_named_and_nothing_written(
    client: Client, database: Database, body: Any, status: int, field: str | None
) -> None:
    answer = client.post(PATH, json=body, headers=BEARER)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if field is not None:
        assert field in [one["field"] for one in answer.json()["errors"]]
    assert count(database) == 0


def test_reasons_are_in_the_language_of_the_request(client: Client) -> None:
    def reasons(language: str) -> dict[str, str]:
        client.cookies.set("language", language)
        wrong = case(source="radio", received_at="soon", number="a b", caller="张三")
        del wrong["category"]
        answer = client.post(PATH, json=wrong, headers=BEARER).json()
        return {one["field"]: one["reason"] for one in answer["errors"]}

    chinese, english = reasons("zh_Hans"), reasons("en")
    assert chinese["category"] == "不能缺少。"
    assert chinese["source"].startswith("不在可选范围内，可用：'hotline'")
    assert english["category"] == "It is missing."
    assert "2026-11-20T09:30:00+08:00" in english["received_at"]
    assert english.keys() == {"category", "source", "received_at", "number", "caller"}
    assert all(one.isascii() for one in english.values())


def test_strange_requests_are_told_apart(client: Client, database: Database, city: City) -> None:
    send = {**BEARER, "Content-Type": "application/json"}
    assert client.post(PATH, content=b"{", headers=send).status_code == 400
    assert client.post(PATH, content=b'"\xff"', headers=send).status_code == 400
    assert client.post(PATH, content=b"[" * 100_000, headers=send).status_code == 413
    assert client.post(PATH, content=b"[" * 9_000, headers=send).status_code == 400
    assert client.post(PATH, content=b"x", headers=BEARER).status_code == 415
    put = client.put(PATH, json=case(), headers=BEARER)
    assert (put.status_code, put.headers["allow"]) == (405, "POST")
    assert put.headers["content-type"] == "application/problem+json"
    nobody = client.post(PATH, json=case(), headers={"Authorization": "Bearer gg_none"})
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    missing = client.get("/api/v1/nothing", headers=BEARER)
    assert (missing.status_code, missing.json()["status"]) == (404, 404)
    assert count(database) == 0


def test_a_scope_opens_only_itself_and_a_token_ends(
    client: Client, database: Database, city: City, at: datetime
) -> None:
    number = add_token(database, city.district, "gg_reader", Scope.RATES_READ, at=at)
    reader = {"Authorization": "Bearer gg_reader"}
    assert client.post(PATH, json=case(), headers=reader).status_code == 403
    assert client.get("/api/v1/rates?month=2026-11", headers=reader).status_code == 200
    outside = client.get("/api/v1/rates?month=2026-11&area=510105", headers=reader)
    assert outside.status_code == 404
    with database.writing() as db:
        db.get_one(ApiToken, number).revoked_at = at
    assert client.get("/api/v1/rates?month=2026-11", headers=reader).status_code == 401


def test_many_requests_of_one_token_wait(client: Client) -> None:
    client.app._app.state.api_limit = Limit(2, timedelta(minutes=1))  # type: ignore[attr-defined]
    answers = [client.get("/api/v1/coverage", headers=BEARER) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "60"
