"""A running installation with a small city, and people who use it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from govgrid.accounts.actions import add_account
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.grid.models import Officer
from govgrid.meetings.models import Unit, Venue
from govgrid.outbox.actions import deliver
from govgrid.settings import Settings
from govgrid.web import csrf
from tests import build
from tests.client import Client
from tests.conftest import SECRET
from tests.snapshots import again

PASSWORD = "correct-horse-1"
T = TypeVar("T")


class Person:
    """A browser: signs in, follows pages, posts forms with their token."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def token(self) -> str:
        """Return what forms carry, bound to the cookies; the first one is read off a page."""
        cookies = self.client.cookies
        if "browser" not in cookies:
            self.client.get("/sign-in")
        return csrf.token(SECRET, cookies["browser"], cookies.get("session") or "")

    def sign_in(self, login: str) -> "Person":
        values = {"csrf": self.token, "login": login, "password": PASSWORD}
        answer = self.client.post("/sign-in", data=values, follow_redirects=False)
        assert answer.status_code in {200, 303}, answer.text
        return self

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, status: int = 200, **values: Any) -> str:
        answer = self.client.post(path, data={"csrf": self.token, **values})
        assert answer.status_code == status, answer.text
        return answer.text


class Site:
    """The installation: its clock can be set, its letters delivered."""

    def __init__(self, settings: Settings, database: Database, at: datetime) -> None:
        self.settings, self.database = settings, database
        self.app = create_app(settings, work=False)
        self.state = self.app._app.state  # type: ignore[attr-defined]  # inside the guard
        self.house = self.state.house
        self.set_clock(at)

    def set_clock(self, at: datetime) -> None:
        self.house.now = lambda: at
        self.at = at

    def close(self) -> None:
        self.house.database.close()
        self.state.press.close()

    def person(self, login: str = "") -> Person:
        found = Person(Client(self.app))
        return found.sign_in(login) if login else found

    def again(self, key: str, make: Callable[["Site"], T]) -> T:
        """Do what `make` does to a city in which nothing happened yet, as `tests.snapshots` does."""
        return again(self.settings.database_url, key, lambda: make(self))

    def deliver(self) -> list[Any]:
        while deliver(self.database, self.at, held=True):
            pass
        folder = self.settings.smtp_url.removeprefix("file:")
        return sorted(Path(folder).glob("*.eml"))


def furnish(database: Database, at: datetime) -> None:
    """Put the small city, a room, two units and six accounts into the database."""
    with database.writing() as db:
        city = build.small_city(db)
        room = Venue(community_id=city.community.id, name="锦江社区会议室", address="江桥街1号")
        db.add(room)
        db.flush()
        db.add(Unit(community_id=city.community.id, compound_id=city.compound.id, venue_id=room.id))
        db.add(Unit(community_id=city.community.id, venue_id=room.id))
        for login, officer in (
            ("zhou", city.secretary), ("lin", city.next_secretary), ("wang", city.grid_leader),
            ("sun", city.liaison), ("qian", city.manager), ("wu", city.housing),
        ):  # fmt: skip
            code = db.get_one(Officer, officer.id).code
            add_account(db, None, code, login, PASSWORD, at=at - timedelta(days=1))


@pytest.fixture
def site(settings: Settings, database: Database, at: datetime) -> Iterator[Site]:
    """Return a running installation with the small city in it."""
    again(settings.database_url, "furnished", lambda: furnish(database, at))
    patient = replace(settings, idle=timedelta(days=90), session=timedelta(days=90))
    opened = Site(patient, database, at)
    yield opened
    opened.close()
