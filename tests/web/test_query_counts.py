"""Every page asks as often for twelve rows as for one, and nothing big from end to end in a city."""

from collections import Counter
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import event

from govgrid.access import Office, Role
from govgrid.app import create_app
from govgrid.cases.models import Case, DueChange, Source
from govgrid.db import Database
from govgrid.grid.models import Area, Level
from govgrid.meetings.models import (
    ActionItem,
    AgendaCase,
    AgendaItem,
    AgendaKind,
    Attendee,
    PlanLine,
    Resolution,
    Unit,
)
from govgrid.oldcompounds.takeover.models import PackageMember
from govgrid.settings import Settings
from govgrid.web.house import rule_of
from tests import build, plans
from tests.client import Client
from tests.conftest import NOW
from tests.test_access_matrix import MAY
from tests.web import accounts, tree, world
from tests.web.mails import lost_letter, waiting_mail
from tests.web.routes import TAKES_AREA, filled, table, thing_behind
from tests.web.world import Founder, Place, Values

SIZES = (1, 12)
# They need an identity provider.
# The third opens by a code that lives a minute: tests/meetings/test_entrance.py holds it. The last
# asks for a token of the operator's: tests/test_metrics.py.
UNREAD = {"/sign-in/oidc", "/sign-in/oidc/back", "/entrance/{meeting:int}/{code}", "/metrics"}
READ_WHOLE = {
    ("/accounts/invite?text=RY", "officers"),  # who begins so, by name or by code
    ("/grid/510101001001", "posts"),  # a subtree's: how wide it is, the planner cannot know
    ("/q/510101", "areas"),
    ("/cases/GD-1/phone", "areas"),
    ("/units/1/schedule/2026-11", "posts"),
    ("/actions", "action_items"),
    ("/archive", "minutes"),
    ("/meetings/1", "agenda_cases"),
    ("/rates/meetings/behind", "areas"),
}
"""Pages that may read a big table whole, by the planner's guess; no other may come."""
Measured = dict[str, dict[int, Counter[str]]]
MORE = {
    "/workdays/affected": ("?show=cases",),
    "/accounts/invite": ("?text=RY",),
    "/plans/{run:int}": ("?view=list", "?view=left"),
    "/grid/{code}": ("?tab=officers", "?tab=compounds"),
}
"""Other views of a page."""


def addresses(place: Place, coming: Values) -> dict[str, list[str]]:
    """Return every page that a secretary reads: lists with each tab, meetings held and coming."""
    found: dict[str, list[str]] = {}
    for route in table():
        if "GET" not in (route.methods or set()) or route.path.endswith(".pdf"):
            continue
        if rule_of(route).name == "with_token":  # no page: tests/api counts its own
            continue
        power = rule_of(route).power
        if power is not None and power.value not in MAY[Role.SECRETARY]:
            continue
        kind = thing_behind(route.path)
        address = filled(route.path, place.things[kind])
        found[route.path] = [address]
        found[route.path] += [address + more for more in MORE.get(route.path, ())]
        if kind == "meeting":
            found[route.path].append(filled(route.path, coming))
        if route.path in TAKES_AREA:
            found[route.path].append(f"{address}?area={place.area.code}")
    return found


def crowd(founder: Founder, place: Place, coming: Values, community: Area, number: int) -> None:
    """Put one more row into each list that belongs to the first place and its meetings."""
    db, meetings = founder.db, (place.things["meeting"]["meeting"], coming["meeting"])
    grid = build.area(db, f"{community.code}9{number:02d}", f"网格{number}", Level.GRID, community)
    leader = build.officer(db, f"网格长{number}", Role.GRID_LEADER, grid, phone="10000000002")
    manager = build.officer(db, f"经理{number}", Role.PROJECT_MANAGER, place.compound)
    case = Case(
        number=f"CROWD-{number}", source=Source.HOTLINE, category="停车",
        compound_id=place.compound.id, received_at=NOW, reply_due=NOW, close_due=NOW,
    )  # fmt: skip
    db.add(case)
    db.flush()
    moved = DueChange(
        change_id=place.things["notice"]["notice"], case_id=case.id, before=NOW, after=NOW
    )
    db.add(moved)
    for meeting in meetings:
        item = AgendaItem(
            meeting_id=meeting, position=number + 1, kind=AgendaKind.CASE, title=f"议题{number}",
            notes="已通报",
        )  # fmt: skip
        db.add(item)
        db.flush()
        action = ActionItem(
            unit_id=place.things["unit"]["unit"], meeting_id=meeting, agenda_item_id=item.id,
            matter="整改", owner_id=leader.id, deadline=world.MONTH,
        )  # fmt: skip
        decided = Resolution(agenda_item_id=item.id, text="通过", case_id=case.id)
        db.add_all([action, decided, AgendaCase(agenda_item_id=item.id, case_id=case.id)])
        founder.attach(item)
        waiting_mail(db, meeting, NOW)
        lost_letter(db, meeting, NOW)
    founder.invite(meetings[1], leader, manager)
    founder.propose(db.get_one(Attendee, coming["attendee"]))
    home = build.compound(db, community, f"同批小区{number}", grid=grid)
    unit = Unit(community_id=community.id, compound_id=home.id)
    member = PackageMember(
        package_id=place.things["packages"]["package"], compound_id=home.id, households=1,
        income=1, cost=1, metres=1, planned=False,
    )  # fmt: skip
    db.add_all([unit, member])
    db.flush()
    db.add(
        PlanLine(
            run_id=place.things["run"]["run"], unit_id=unit.id, minutes_long=60, guests=[],
            venue_id=place.things["venue"]["venue"], start=NOW + timedelta(days=9, hours=number),
            due=[[leader.id, "grid_leader", "required"], [manager.id, "project_manager", "required"]],
            reasons=[], ways=[],
        )
    )  # fmt: skip


# On PostgreSQL: here every page is read on it, most tests of pages run on SQLite alone.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_page_asks_more_often_for_more_rows(settings: Settings) -> None:
    app = create_app(settings, work=False)
    state = app._app.state  # type: ignore[attr-defined]  # inside the guard
    state.house.now = lambda: NOW
    database: Database = state.house.database
    statements: list[str] = []
    asked: dict[str, tuple[str, Any]] = {}  # by statement: the page, the values
    page = ""

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append(statement)
        if page:
            asked.setdefault(statement, (page, values))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.writing() as db:
        areas = tree.codes(db)
        community, grid = areas["1.1.1"], areas["1.1.1.1"]
        secretary = build.officer(db, "书记", Role.SECRETARY, community)
        keeper = accounts.administrator(db, Office.SYSTEM, NOW)
        tokens = [
            accounts.signed_in(db, one, NOW)
            for one in (accounts.account(db, secretary, NOW), keeper)
        ]
        db.expunge_all()
    clients = [
        Client(app, cookies={"browser": "b", "session": token}, follow_redirects=False)
        for token in tokens
    ]
    counts: Measured = {}
    first, rows = None, 0
    for size in SIZES:
        with database.writing() as db:
            founder = Founder(db, NOW, rows)
            for number in range(rows, size):
                place = founder.place(community, community, grid=grid)
                first = first or (place, founder.coming(place, secretary))
                if place is not first[0]:
                    founder.coming(place, secretary)
                crowd(founder, *first, community, number)
            db.expunge_all()
        rows = size
        assert first is not None
        for client in clients:
            client.get("/")  # it is noted once a minute that a session is in use
        for address in chain(*addresses(*first).values()):
            for client in clients:
                statements.clear()
                page = address
                if client.get(address).status_code in {200, 303}:
                    counts.setdefault(address, {})[size] = Counter(statements)
                    break
        page = ""
    event.remove(database.engine, "before_cursor_execute", note)
    scans = from_end_to_end(database, asked)
    database.close()
    state.press.close()
    assert first is not None
    assert unread(counts, addresses(*first)) == UNREAD
    wrong = more_often(counts)
    assert not wrong, "\n".join(wrong)
    new = [f"{at} {scans[at]}" for at in scans.keys() - READ_WHOLE]
    assert not new, "\n\n".join(new)
    assert not READ_WHOLE - scans.keys(), "strike what no page reads whole any more"


def from_end_to_end(
    database: Database, asked: dict[str, tuple[str, Any]]
) -> dict[tuple[str, str], str]:
    """Return by page and table which would be read from end to end in a city, and for what."""
    found = {}
    with database.engine.connect() as connection:
        plans.tell_sizes(connection)
        for statement, (page, values) in asked.items():
            if statement.lstrip().startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
                for name in plans.scanned(connection, statement, values):
                    found[page, name] = statement
        connection.rollback()
    return found


def unread(counts: Measured, pages: dict[str, list[str]]) -> set[str]:
    """Return the pages that no address has shown at every size."""
    shown = {address for address, found in counts.items() if len(found) == len(SIZES)}
    return {path for path, found in pages.items() if not shown & set(found)}


def more_often(counts: Measured) -> list[str]:
    """Return the pages whose count grew, with the statement that repeats."""
    return [
        f"{address}: {[one.total() for one in found.values()]}: "
        f"{(found[max(found)] - found[min(found)]).most_common(1)}"
        for address, found in counts.items()
        if len({one.total() for one in found.values()}) > 1
    ]
