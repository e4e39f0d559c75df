"""Readers may be answered by a standby; who wrote reads the primary; a lost standby is no loss."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from govgrid.app import create_app
from govgrid.db import LAG, Database
from govgrid.settings import Settings
from tests import build, cluster

pytestmark = pytest.mark.usefixtures("engines_apart")
PAGE = "/q/510107"


@pytest.fixture
def city(database: Database) -> Settings:
    with database.writing() as db:
        build.small_city(db)
    return database.settings


@pytest.fixture
def behind(city: Settings, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """Return the site whose standby, a database without any area, is easily told from it."""
    if city.database_url.startswith("sqlite"):
        pytest.skip("SQLite has no standby")
    shared = request.getfixturevalue("postgresql")
    address = cluster.url(shared.home, cluster.make_database(shared.home, shared.template))
    with TestClient(create_app(replace(city, standby_url=address), work=False)) as client:
        yield client


def test_the_standby_answers_readers(behind: TestClient) -> None:
    assert behind.get(PAGE).status_code == 404


def test_who_wrote_reads_the_primary(behind: TestClient) -> None:
    answer = behind.post(PAGE, data={"compound": "x"})
    kept = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("wrote="))
    assert f"Max-Age={LAG}" in kept
    assert behind.get(PAGE).status_code == 200


def test_a_standby_that_is_not_there_is_done_without(city: Settings) -> None:
    if city.database_url.startswith("sqlite"):
        pytest.skip("SQLite has no standby")
    nobody = "postgresql://govgrid@127.0.0.1:9/none?connect_timeout=1"
    with TestClient(create_app(replace(city, standby_url=nobody), work=False)) as client:
        assert client.get(PAGE).status_code == 200


def test_without_a_database_people_are_told_to_wait(city: Settings) -> None:
    if city.database_url.startswith("sqlite"):
        pytest.skip("SQLite is always there")
    nobody = replace(city, database_url="postgresql://govgrid@127.0.0.1:9/none?connect_timeout=1")
    with TestClient(create_app(nobody, work=False)) as client:
        client.cookies.set("session", "somebody")
        for answer in (client.get("/months"), client.post(PAGE, data={"compound": "x"})):
            assert answer.status_code == 503
            assert "数据库暂时无法连接" in answer.text
