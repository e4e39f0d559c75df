"""Meetings and signed minutes as other programs read them: page by page, by index, own area only."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event

from govgrid.accounts.rules import Scope
from govgrid.db import Database
from govgrid.grid.models import Area, Level
from tests.api.conftest import BEARER, add_token
from tests.build import City
from tests.client import Client
from tests.web.world import Founder, Place

LIST = "/api/v1/meetings?month=2026-11"


@pytest.fixture
def places(database: Database, city: City, at: datetime) -> list[Place]:
    """Hold three signed meetings in the far community."""
    with database.writing() as db:
        founder = Founder(db, at)
        home = db.get_one(Area, city.far_community.id)
        made = [founder.place(home, home) for _ in range(3)]
        db.expunge_all()
    return made


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements of the block."""
    found: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        found.append((statement, given))

    event.listen(engine, "before_cursor_execute", hear)
    yield found
    event.remove(engine, "before_cursor_execute", hear)


def test_pages_follow_each_other_and_ask_as_often(
    client: Client, database: Database, places: list[Place]
) -> None:
    whole = client.get(LIST, headers=BEARER).json()
    assert (len(whole["items"]), whole["next"]) == (3, None)
    assert all(one["minutes_signed_at"] for one in whole["items"])
    found, address = [], f"{LIST}&limit=1"
    counts = set()
    while address:
        with asked(database.engine) as statements:
            page = client.get(address, headers=BEARER).json()
        counts.add(len(statements))
        found += page["items"]
        address = page["next"]
    assert found == whole["items"]
    with asked(database.engine) as statements:
        client.get(LIST, headers=BEARER)
    assert counts == {len(statements)}


def test_no_statement_reads_a_whole_table(
    client: Client, database: Database, places: list[Place]
) -> None:
    with asked(database.engine) as statements:
        assert client.get(f"{LIST}&limit=2", headers=BEARER).status_code == 200
    sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        if not sqlite:  # of a few rows reading all is cheapest; the question is whether it must
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, given in statements:
            if not statement.startswith("SELECT"):
                continue
            head = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
            plan = [row[-1] for row in connection.exec_driver_sql(f"{head} {statement}", given)]
            whole = ("SCAN ",) if sqlite else ("Seq Scan on ",)
            for line in plan:
                read = any(f"{start}{table}" in line for start in whole for table in
                           ("meetings", "minutes", "units", "areas", "compounds", "api_tokens"))  # fmt: skip
                assert not read or "USING" in line, (line, statement)


def test_signed_minutes_come_whole_and_can_be_checked(client: Client, places: list[Place]) -> None:
    values = places[0].things["meeting"]
    answer = client.get(f"/api/v1/meetings/{values['meeting']}/minutes", headers=BEARER).json()
    plain = json.dumps(answer["record"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert answer["record_hash"] == hashlib.sha256(plain.encode()).hexdigest()
    assert answer["check"].endswith(f"/v/{values['code']}")
    paper = client.get(f"/api/v1/meetings/{values['meeting']}/minutes.pdf", headers=BEARER)
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")


@pytest.mark.one_engine
def test_another_district_learns_nothing(
    client: Client, database: Database, city: City, places: list[Place], at: datetime
) -> None:
    with database.reading() as db:
        other = db.query(Area).filter(Area.code == "510105").one()
    assert other.level is Level.DISTRICT
    add_token(database, other, "gg_other", *Scope, at=at)
    foreign = {"Authorization": "Bearer gg_other"}
    number = places[0].things["meeting"]["meeting"]
    assert client.get(LIST, headers=foreign).json()["items"] == []
    for known, unknown in (
        (f"/api/v1/meetings/{number}/minutes", "/api/v1/meetings/99999/minutes"),
        (f"{LIST}&area={city.district.code}", f"{LIST}&area=519999"),
        (f"/api/v1/rates?month=2026-11&area={city.street.code}", "/api/v1/rates?month=2026-11&area=5"),
    ):  # fmt: skip
        first, second = (client.get(path, headers=foreign) for path in (known, unknown))
        assert (first.status_code, second.status_code) == (404, 404)
        assert first.json()["title"] == second.json()["title"]
    case: dict[str, Any] = {
        "number": "Z-1", "source": "hotline", "category": "停车", "compound": "XQ-WJ",
        "received_at": "2026-11-20T09:30:00+08:00",
    }  # fmt: skip
    there = client.post("/api/v1/cases", json=case, headers=foreign)
    nowhere = client.post("/api/v1/cases", json=case | {"compound": "XQ-NO"}, headers=foreign)
    assert (there.status_code, there.json()) == (422, nowhere.json())
