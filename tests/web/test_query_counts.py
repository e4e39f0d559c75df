"""Every page asks the database as often for thirty rows as for one."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from govgrid.access import Role
from govgrid.app import create_app
from govgrid.cases.models import Case, Source
from govgrid.db import Database
from govgrid.grid.models import Area, Level
from govgrid.meetings.models import ActionItem, AgendaCase, AgendaItem, AgendaKind, Resolution
from govgrid.settings import Settings
from tests import build
from tests.conftest import NOW, SECRET
from tests.test_access_matrix import TAKES_AREA, filled, table, thing_behind
from tests.web import world
from tests.web.world import Founder, Place

SIZES = (1, 3, 30)
TABS = ("?tab=officers", "?tab=compounds")


def addresses(place: Place) -> list[str]:
    """Return every page that a secretary reads, lists with each of their tabs."""
    found = []
    for route in table():
        if "GET" not in (route.methods or set()) or route.path.endswith(".pdf"):
            continue
        address = filled(route.path, place.things[thing_behind(route.path)])
        found.append(address)
        found += [f"{address}?area={place.area.code}"] * (route.path in TAKES_AREA)
        found += [address + tab for tab in TABS if route.path == "/grid/{code}"]
    return found


def crowd(db: Session, place: Place, community: Area, number: int) -> None:
    """Put one more row into each list that belongs to the first place."""
    grid = build.area(db, f"{community.code}9{number:02d}", f"网格{number}", Level.GRID, community)
    leader = build.officer(db, f"网格长{number}", Role.GRID_LEADER, grid, phone="10000000002")
    manager = build.officer(db, f"经理{number}", Role.PROJECT_MANAGER, place.compound)
    meeting = place.things["meeting"]
    item = AgendaItem(
        meeting_id=meeting["meeting"], position=number + 1, kind=AgendaKind.CASE,
        title=f"议题{number}", notes="已通报",
    )  # fmt: skip
    case = Case(
        number=f"CROWD-{number}", source=Source.HOTLINE, category="停车",
        compound_id=place.compound.id, received_at=NOW, reply_due=NOW, close_due=NOW,
    )  # fmt: skip
    db.add_all([item, case])
    db.flush()
    db.add_all(
        [
            AgendaCase(agenda_item_id=item.id, case_id=case.id),
            Resolution(agenda_item_id=item.id, text="通过", case_id=case.id),
            ActionItem(
                unit_id=place.things["unit"]["unit"], meeting_id=meeting["meeting"],
                agenda_item_id=item.id, matter="整改", owner_id=leader.id, deadline=world.MONTH,
            ),
        ]
    )  # fmt: skip
    assert manager.id
    db.flush()


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    path = tmp_path / "govgrid.db"
    path.write_bytes(sqlite_template.read_bytes())
    return Settings(
        database_url=f"sqlite:///{path}", secret=SECRET, public_url="http://testserver",
        archive=tmp_path / "archive",
    )  # fmt: skip


def test_no_page_asks_more_often_for_more_rows(settings: Settings) -> None:
    app = create_app(settings, work=False)
    state = app._app.state  # type: ignore[attr-defined]  # inside the guard
    state.house.now = lambda: NOW
    database: Database = state.house.database
    statements: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )
    with database.writing() as db:
        areas = world.codes(db)
        community, grid = areas["1.1.1"], areas["1.1.1.1"]
        secretary = build.officer(db, "书记", Role.SECRETARY, community)
        session = world.signed_in(db, world.account(db, secretary, NOW), NOW)
        db.expunge_all()
    client = TestClient(app, cookies={"browser": "b", "session": session}, follow_redirects=False)
    counts: dict[str, dict[int, Counter[str]]] = {}
    first, rows = None, 0
    for size in SIZES:
        with database.writing() as db:
            founder = Founder(db, NOW, rows)
            for number in range(rows, size):
                place = founder.place(community, community, grid=grid)
                founder.coming(place, secretary)
                first = first or place
                crowd(db, first, community, number)
            db.expunge_all()
        rows = size
        assert first is not None
        for address in addresses(first):
            client.get(address)
            statements.clear()
            assert client.get(address).status_code in {200, 303, 422, 503}, address
            counts.setdefault(address, {})[size] = Counter(statements)
    database.close()
    state.press.close()
    assert len(counts) > 20
    wrong = more_often(counts)
    assert not wrong, "\n".join(wrong)


def more_often(counts: dict[str, dict[int, Counter[str]]]) -> list[str]:
    """Return the pages whose count grew, with the statement that repeats."""
    return [
        f"{address}: {[found[size].total() for size in SIZES]}: "
        f"{(found[SIZES[-1]] - found[SIZES[0]]).most_common(1)}"
        for address, found in counts.items()
        if len({found[size].total() for size in SIZES}) > 1
    ]
