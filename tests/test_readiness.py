"""What /readyz says of a database that is gone, full, read-only, behind or ahead; how one leaves."""

import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from starlette.testclient import TestClient

from govgrid import readiness, schema
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.readiness import leaving_slowly, unready
from govgrid.settings import Settings
from tests import build

pytestmark = pytest.mark.usefixtures("engines_apart")
PAGE = "/q/510107"


@pytest.fixture
def city(database: Database) -> Database:
    with database.writing() as db:
        build.small_city(db)
    return database


def client(settings: Settings) -> TestClient:
    often = replace(settings, one_click_hourly=1000)
    return TestClient(create_app(often, work=False), raise_server_exceptions=False)


def report(visitor: TestClient, database: Database) -> tuple[int, str]:
    """Report a complaint as a resident does; return the status and what the page says."""
    page = visitor.get(PAGE)
    assert page.status_code == 200
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": token, "compound": "XQ-JH", "category": "电梯故障", "content": "电梯停了" * 100}
    answer = visitor.post(PAGE, data=form, follow_redirects=False)
    return answer.status_code, answer.text


def stand_at(database: Database, revision: str, says: str = "") -> Iterator[None]:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
        if says and not database.sqlite:
            connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{says}'")
    yield
    with database.engine.begin() as connection:
        newest = {"r": schema.newest()}
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), newest)


def test_all_is_well(city: Database) -> None:
    with client(city.settings) as visitor:
        assert visitor.get("/readyz").text == "ok"
        assert report(visitor, city)[0] == 303


def test_a_schema_behind(database: Database) -> None:
    for _ in stand_at(database, "0001"):
        for to_read in (False, True):
            assert "run govgrid migrate" in unready(database, to_read=to_read)
    assert unready(database) == ""


def test_a_newer_schema_that_bears_us_and_one_that_does_not(database: Database) -> None:
    for _ in stand_at(database, "9999", f"borne from {schema.BEARS}"):
        said = unready(database)
        assert ("upgrade this program" in said) == database.sqlite
    for _ in stand_at(database, "9999", "borne from 9998"):
        assert "upgrade this program" in unready(database)


def test_a_database_that_is_gone(settings: Settings) -> None:
    away = "postgresql://govgrid@127.0.0.1:9/none?connect_timeout=1"
    with client(replace(settings, database_url=away)) as visitor:
        answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.text.startswith("database out of reach: ")
    with closing(Database(replace(settings, database_url=away, standby_url=away))) as gone:
        assert unready(gone, to_read=True).startswith("database out of reach")


def test_a_read_only_database_still_answers_readers(city: Database) -> None:
    settings = city.settings
    if city.sqlite:
        with client(settings) as visitor:
            database = _inside(visitor)

            def forbid(connection: Connection) -> None:
                connection.exec_driver_sql("PRAGMA query_only=1")

            event.listen(database.engine, "begin", forbid)
            status, said = report(visitor, city)
    else:
        only = "options=-c%20default_transaction_read_only%3Don"
        address = f"{settings.database_url}&{only}"
        with client(replace(settings, database_url=address)) as visitor:
            status, said = report(visitor, city)
            assert visitor.get("/readyz").text == "database read-only"
            assert visitor.get("/readyz?reads").text == "ok"
    assert status == 503
    assert "数据库暂时只能查询，您的操作没有保存" in said


def test_a_full_disk_still_answers_readers(city: Database) -> None:
    with client(city.settings) as visitor:
        database = _inside(visitor)
        _fill(database)
        said, status = "", 303
        for _ in range(60):  # the pages that are there take some more
            status, said = report(visitor, city)
            if status != 303:
                break
        assert status == 503
        assert "数据库磁盘已满" in said
        assert visitor.get("/readyz").text == "disk of the database full"
        assert visitor.get("/readyz?reads").text == "ok"
        _make_room(database)
        assert report(visitor, city)[0] == 303


def _inside(visitor: TestClient) -> Database:
    """Return the database that the site itself has opened."""
    guarded: Any = visitor.app
    found: Database = guarded._app.state.house.database
    return found


def _pages(database: Database, most: int) -> None:
    """Let each of SQLite's connections hold so many pages at most."""

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={most}")

    event.listen(database.engine, "begin", limit)


def _fill(database: Database) -> None:
    if database.sqlite:
        _pages(database, 1)  # it never falls below what is there
        return
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file: No space left on device'"
            " USING ERRCODE = 'disk_full'; END $$;"
            "CREATE TRIGGER is_full BEFORE INSERT ON journal EXECUTE FUNCTION is_full()"
        )


def _make_room(database: Database) -> None:
    if database.sqlite:
        _pages(database, 2**31 - 1)
        return
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION is_full CASCADE")


def test_a_full_archive_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LEAST", 2**62)
    assert unready(database).startswith("disk of the ")
    assert unready(database, to_read=True) == ""


def test_leaving_takes_its_time_and_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: left.set())
    waits: list[float] = []

    class Timer(threading.Thread):
        def __init__(self, seconds: float, then: object, given: object) -> None:
            waits.append(seconds)
            super().__init__(target=then, args=given)  # type: ignore[arg-type]

        def start(self) -> None:
            assert unready(database, to_read=True) == "stopping"
            super().start()

    monkeypatch.setattr(threading, "Timer", Timer)
    try:
        with leaving_slowly(3):
            signal.raise_signal(signal.SIGTERM)
            assert left.wait(5)
        assert waits == [3]
        assert unready(database) == ""
    finally:
        signal.signal(signal.SIGTERM, before)


def test_later_revisions_only_add() -> None:
    """A revision after `BEARS` that takes away must move it on: old servers still run beside it."""
    folder = Path(__file__).parent.parent / "migrations" / "versions"
    found = [file for file in sorted(folder.glob("0*.py")) if file.name[:4] > schema.BEARS]
    assert found
    for file in found:
        upward = file.read_text("utf-8").split("def downgrade")[0]
        for word in ("drop_column", "drop_table", "rename_table", "new_column_name"):
            assert word not in upward, file.name
