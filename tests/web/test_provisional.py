"""Every page that shows a date of a year without a notice says that it is provisional 暂定."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from govgrid.access import Office, Role
from govgrid.app import create_app
from govgrid.cases.models import DueChange
from govgrid.db import Database
from govgrid.grid.models import Area
from govgrid.meetings.models import Meeting, Stage
from govgrid.settings import Settings
from govgrid.workdays.imports import load
from tests import build
from tests.build import clock
from tests.client import Client
from tests.conftest import SECRET
from tests.web import accounts, tree, world
from tests.web.routes import TAKES_AREA, filled, table, thing_behind
from tests.web.test_query_counts import UNREAD
from tests.web.world import Place, Values
from tests.workdays.decrees import NEXT_YEAR

NOW = clock("2027-01-20 10:00")
FLAG = "暂定"
PLANNED = {  # a meeting's day, a due time, a deadline, an absence stands here
    "/", "/months/{month}", "/print/{month}", "/units/{unit:int}/schedule/{month}",
    "/meetings/{meeting:int}", "/meetings/{meeting:int}/move", "/meetings/{meeting:int}/room",
    "/meetings/{meeting:int}/minutes", "/meetings/{meeting:int}/agenda",
    "/meetings/{meeting:int}/carried",
    "/meetings/{meeting:int}/attendees/{attendee:int}/link", "/meetings/{meeting:int}/calls",
    "/meetings/{meeting:int}/entrance", "/r/{token}", "/v/{code}",
    "/cases", "/cases/{number}", "/compounds/{code}", "/officers/{code}", "/area-changes",
    "/workdays", "/workdays/affected", "/coverage/{code}", "/journal",
}  # fmt: skip
WITHOUT_DAYS = {"/s/{code}", "/s/{code}/{period}"}
"""They name months that were, and no day that could turn out to be a working one."""
QUERIES = {
    "/months/{month}": ("view=calendar",),
    "/workdays": ("year=2027",),
    "/workdays/affected": ("show=cases",),
    "/cases": ("month=2027-01",),
    "/coverage/{code}": ("as_of=2027-01-15",),
}


@dataclass(frozen=True, slots=True)
class Site:
    """The application in January 2027, who asks it, and what lies where they serve."""

    app: object
    database: Database
    clients: list[Client]
    things: dict[str, Values]
    coming: Values
    area: Area


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("provisional")
    (folder / "govgrid.db").write_bytes(sqlite_template.read_bytes())
    settings = Settings(
        database_url=f"sqlite:///{folder / 'govgrid.db'}", secret=SECRET,
        public_url="http://testserver", archive=folder / "archive",
    )  # fmt: skip
    app = create_app(settings, work=False)
    state = app._app.state  # type: ignore[attr-defined]  # inside the guard
    state.house.now = lambda: NOW
    database: Database = state.house.database
    with pytest.MonkeyPatch.context() as patch, database.writing() as db:
        patch.setattr(world, "MONTH", date(2027, 1, 1))
        areas = tree.codes(db)
        founder = world.Founder(db, NOW)
        officers = [
            build.officer(db, "书记", Role.SECRETARY, areas["1.1.1"]),
            build.officer(db, "联络员", Role.LIAISON, areas["1.1"]),
            build.officer(db, "网格长", Role.GRID_LEADER, areas["1.1.1.1"]),
        ]
        place = founder.place(
            areas["1.1.1"], areas["1.1.1"], grid=areas["1.1.1.1"], micro=areas["1.1.1.1.1"],
            invited={Role.GRID_LEADER: officers[2]},
        )  # fmt: skip
        coming = founder.coming(place, officers[2])
        meeting = db.get_one(Meeting, coming["meeting"])
        meeting.month, meeting.stage = date(2027, 2, 1), Stage.CONFIRMED
        for one in db.scalars(select(Meeting)):
            one.title = f"小区{one.month.year}年{one.month.month}月联席会议"
        db.add(
            DueChange(
                change_id=place.things["notice"]["notice"], before=NOW,
                after=NOW + timedelta(hours=2), case_id=1,
            )
        )  # fmt: skip
        people = [accounts.account(db, officer, NOW) for officer in officers]
        people += [
            accounts.administrator(db, office, NOW) for office in (Office.SYSTEM, Office.AUDIT)
        ]
        tokens = [accounts.signed_in(db, one, NOW) for one in people]
        db.expunge_all()
    clients = [
        Client(app, cookies={"browser": "b", "session": token}, follow_redirects=False)
        for token in [*tokens, ""]
    ]
    yield Site(app, database, clients, _things(place), coming, areas["1.1.1"])
    database.close()
    state.press.close()


def _things(place: Place) -> dict[str, Values]:
    return {**place.things, "session": {"mark": "x"}}


def addresses(site: Site) -> Iterator[tuple[str, str]]:
    """Yield path and address of every page, lists with their other views and the coming meeting."""
    for route in table():
        if "GET" not in (route.methods or set()) or route.path in UNREAD:
            continue
        kind = thing_behind(route.path)
        address = filled(route.path, site.things[kind])
        query = f"area={site.area.code}" if route.path in TAKES_AREA else ""
        for more in ("", *QUERIES.get(route.path, ())):
            whole = "&".join(part for part in (query, more) if part)
            yield route.path, f"{address}?{whole}" if whole else address
        if kind == "meeting":
            yield route.path, filled(route.path, {**site.things[kind], **site.coming})


def shown(html: str) -> str:
    """Return what a reader sees or hears of the page, the addresses of its links left out."""
    main = re.sub(r"(?s)<(script|style|template)\b.*?</\1>", " ", html)
    heard = " ".join(re.findall(r'(?:title|aria-label|alt|placeholder)="([^"]*)"', main))
    return unescape(re.sub(r"(?s)<[^>]*>", " ", main)) + heard


@dataclass(frozen=True, eq=False)
class Page:
    """One page as one person sees it."""

    path: str
    address: str
    client: Client

    def read(self) -> str:
        """Return what stands there; nothing where no page answers."""
        answer = self.client.get(self.address)
        html = answer.headers.get("content-type", "").startswith("text/html")
        return shown(answer.text) if answer.status_code == 200 and html else ""


def _first(site: Site, path: str, address: str) -> tuple[Page, str]:
    """Return the page as the first of the people sees it who may."""
    page, text = Page(path, address, site.clients[0]), ""
    for client in site.clients:
        page = Page(path, address, client)
        if text := page.read():
            break
    return page, text


def test_every_page_with_a_date_of_2027_is_flagged_until_the_notice_is_in(site: Site) -> None:
    shown = [_first(site, *one) for one in addresses(site)]
    dated = {page: text for page, text in shown if "2027" in text}
    assert {page.path for page, text in dated.items() if FLAG not in text} == WITHOUT_DAYS
    assert {page.path for page in dated} >= PLANNED
    with site.database.writing() as db:
        load(db, None, NEXT_YEAR, "2027.json", at=NOW)
    assert {page.path for page in dated if FLAG in page.read()} == set()
