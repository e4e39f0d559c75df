"""What an operator reads: figures behind a token, a line a request that says nothing personal."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from govgrid import logs
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.outbox.actions import Draft, queue
from govgrid.settings import Settings

TOKEN = "a-token-for-prometheus-only"


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    app = create_app(replace(database.settings, metrics_token=TOKEN), work=False)
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Return what is logged, in JSON."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers[:], root.level)
    monkeypatch.setattr(sys, "stderr", stream)
    logs.set_up("json")
    yield stream
    root.handlers[:], root.level = before
    logs.ACCESS.setLevel(logging.NOTSET)


def figures(client: TestClient) -> dict[str, float]:
    """Return what /metrics tells, by name and labels."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_strangers_find_nothing(client: TestClient, settings: Settings) -> None:
    for token in ("", "Bearer ", f"Bearer {TOKEN}x", TOKEN):
        assert client.get("/metrics", headers={"Authorization": token}).status_code == 404
    with TestClient(create_app(settings, work=False)) as unset:
        assert unset.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_count_by_route_never_by_address(client: TestClient) -> None:
    name = 'govgrid_request_seconds_count{method="GET",route="/feeds/{token}.ics",status="404"}'
    before = figures(client).get(name, 0.0)
    for _ in range(3):
        client.get("/feeds/a-secret-of-somebody.ics")
    client.get("/no-such-page/a-secret-of-somebody")
    after = figures(client)
    assert after[name] == before + 3
    assert not any("secret" in one for one in after)


def test_what_waits_is_told(client: TestClient, database: Database) -> None:
    with database.writing() as db:
        for number in range(2):
            draft = Draft(
                key=f"t:{number}", about="test:1", sender_name="周书记", to_address="a@gov.example",
                to_name="", title="x", plain="x", html="<p>x</p>",
            )  # fmt: skip
            queue(db, draft, at=datetime.now(UTC) - timedelta(minutes=5))
    found = figures(client)
    assert found["govgrid_letters_waiting"] == 2
    assert 290 < found["govgrid_letters_oldest_seconds"] < 400
    assert (found["govgrid_letters_dead"], found["govgrid_plans_waiting"]) == (0, 0)
    assert found["govgrid_schema_newest"] == 1
    assert ("govgrid_replication_lag_seconds" in found) == (not database.sqlite)


def test_a_line_names_request_and_route_not_the_secret(
    client: TestClient, said: io.StringIO
) -> None:
    answer = client.get("/r/a-secret-of-somebody?phone=13800000000")
    told = [json.loads(line) for line in said.getvalue().splitlines()]
    [line] = [one for one in told if one["logger"] == "govgrid.requests"]
    assert line["request"] == answer.headers["x-request-id"]
    assert (line["route"], line["status"], line["method"]) == ("/r/{token}", 404, "GET")
    assert "secret" not in said.getvalue()
    assert "13800000000" not in said.getvalue()
