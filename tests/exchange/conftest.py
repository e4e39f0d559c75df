"""A running installation, with uploads and a worker that takes one step at a time."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from govgrid.access import Role
from govgrid.accounts.models import Account
from govgrid.exchange.jobs import work_off
from govgrid.grid.models import Area, Officer
from govgrid.kinds import KINDS
from tests import build
from tests.journeys.conftest import Person, Site, site

__all__ = ["site"]


@dataclass
class Clerk:
    """A person who uploads files and has the worker work them off."""

    site: Site
    person: Person

    def upload(self, kind: str, name: str, data: bytes, status: int = 200, **more: Any) -> str:
        """Upload a file; return the address of its batch (of the refusal: its text)."""
        answer = self.person.client.post(
            "/exchange/batches", data={"csrf": self.person.token, "kind": kind, **more}, files={"file": (name, data)}
        )  # fmt: skip
        assert answer.status_code == status, answer.text
        return answer.text if status != 200 else answer.url.path

    def work(self) -> None:
        """Have the worker do all that waits."""
        step = work_off(KINDS)
        while step(self.site.database, self.site.at):
            pass

    def check(self, kind: str, name: str, data: bytes, **more: Any) -> str:
        """Upload and check a file; return the address of its batch."""
        address = self.upload(kind, name, data, **more)
        self.work()
        return address

    def apply(self, address: str) -> str:
        """Confirm the preview shown, and return the page afterwards."""
        page = self.person.get(address)
        digest = page.partition('name="digest" value="')[2][:64]
        self.person.post(f"{address}/apply", digest=digest)
        self.work()
        return self.person.get(address)


@pytest.fixture
def clerk(site: Site) -> Clerk:
    """Return the street's liaison."""
    return Clerk(site, site.person("sun"))


@pytest.fixture
def other(site: Site) -> Clerk:
    """Return the liaison of the whole district."""
    with site.database.writing() as db:
        account = db.scalars(select(Account).where(Account.login == "wu")).one()
        district = db.scalars(select(Area).where(Area.code == "510107")).one()
        build.post(db, db.get_one(Officer, account.officer_id), Role.LIAISON, district)
    return Clerk(site, site.person("wu"))
