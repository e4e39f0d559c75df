"""The pages of cases as different people see them."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import event

from govgrid.access import Actor, Role
from govgrid.cases.imports import load
from govgrid.cases.pages import panel
from govgrid.cases.queries import lists
from govgrid.db import Database
from govgrid.grid.models import Area, Compound, Officer
from tests import build
from tests.build import City
from tests.cases.sheets import case, sheet
from tests.cases.site import Browser, panel_route, routes, visited

pytestmark = pytest.mark.one_engine

Enter = Callable[[Role | None], Browser]


@pytest.fixture
def enter(database: Database, city: City, at: datetime) -> Enter:
    """Return how to visit: as the holder of a role, or as a stranger."""
    rows = (
        case("G-1", "2026-11-20 09:30", 诉求内容="请回电10012345678 <b>急</b>"),
        case("G-2", "2026-11-20 09:30", "2026-11-20 10:00", "2026-11-20 11:00", 满意度="满意"),
        case("G-3", "2026-10-09 09:30", 小区编号="XQ-JQ12"),
        case("G#9?", "2026-11-20 09:30", 小区编号="XQ-WJ"),
    )
    with database.writing() as db:
        assert load(db, None, sheet(*rows), "cases.csv", at=at).created == 4

    def visit(role: Role | None) -> Browser:
        return visited(database, at, actor_of(database, city, role), routes)

    return visit


def actor_of(database: Database, city: City, role: Role | None) -> Actor | None:
    posts: dict[Role, tuple[Officer, Area | Compound]] = {
        Role.SECRETARY: (city.secretary, city.community),
        Role.GRID_LEADER: (city.grid_leader, city.grid),
        Role.MICRO_GRID_MEMBER: (city.members[0], city.micro_grids[0]),
        Role.PROJECT_MANAGER: (city.manager, city.compound),
        Role.HOUSING_OFFICER: (city.housing, city.district),
    }
    if role is None:
        return None
    with database.reading() as db:
        return build.actor(db, posts[role][0], role, posts[role][1])


def numbers(text: str) -> set[str]:
    return {n for n in ("G-1", "G-2", "G-3", "G#9?") if f">{n}</a>" in text}


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.HOUSING_OFFICER, {"G-1", "G-2", "G-3", "G#9?"}),
        (Role.SECRETARY, {"G-1", "G-2", "G-3"}),
        (Role.GRID_LEADER, {"G-1", "G-2", "G-3"}),
        (Role.MICRO_GRID_MEMBER, {"G-1", "G-2"}),
        (Role.PROJECT_MANAGER, {"G-1", "G-2"}),
    ],
)
@pytest.mark.parametrize("few", [lists.FEW, 0], ids=["few", "many"])
def test_each_sees_the_own_cases(
    enter: Enter, role: Role, seen: set[str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "FEW", few)
    client = enter(role)
    answer = client.get("/cases?month=")
    assert answer.status_code == 200
    assert numbers(answer.text) == seen
    assert client.get("/cases/G%239%3F").status_code == (200 if "G#9?" in seen else 404)
    assert client.get("/cases/G-2").status_code == 200


def test_a_stranger_signs_in_first(enter: Enter) -> None:
    for path in ("/cases", "/cases/G-1"):
        answer = enter(None).get(path)
        assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")


def test_the_list_opens_on_this_month_with_its_rates(enter: Enter) -> None:
    text = enter(Role.SECRETARY).get("/cases").text
    assert numbers(text) == {"G-1", "G-2"}
    assert "1 / 2 件按时响应" in text
    assert "50.0%" in text
    assert text.count("<h1>") == 1
    october = enter(Role.SECRETARY).get("/cases?month=2026-10").text
    assert numbers(october) == {"G-3"}
    assert "—" in october, "nobody rated: no satisfaction rate"


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ("open", {"G-1", "G-3"}),
        ("overdue", {"G-1", "G-3"}),
        ("closed", {"G-2"}),
        ("closed_late", set()),
        ("replied_late", {"G-1", "G-3"}),
        ("dissatisfied", set()),
        ("outside_remit", set()),
    ],
)
def test_the_list_filters_by_state(enter: Enter, state: str, seen: set[str]) -> None:
    text = enter(Role.SECRETARY).get(f"/cases?month=&state={state}").text
    assert numbers(text) == seen
    assert seen or "没有符合条件的诉求" in text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("state=sleepy", 422),
        ("month=2026-13", 422),
        ("area=510107002001", 404),
        ("compound=XQ-WJ", 404),
        ("compound=XQ-JQ12&month=", 200),
        ("area=510107001001&page=99", 200),
    ],
)
def test_a_wrong_question_is_answered_clearly(enter: Enter, query: str, status: int) -> None:
    assert enter(Role.SECRETARY).get(f"/cases?{query}").status_code == status


def test_a_case_shows_no_number_and_no_markup_of_a_resident(enter: Enter) -> None:
    text = enter(Role.SECRETARY).get("/cases/G-1").text
    assert "10012345678" not in text
    assert "100****5678" in text
    assert "&lt;b&gt;急" in text
    assert "逾期未办结" in text
    assert "2026年11月20日 11:30" in text


def test_the_number_of_queries_does_not_grow_with_the_list(
    enter: Enter, database: Database, city: City, at: datetime
) -> None:
    client = enter(Role.SECRETARY)
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(database.engine, "before_cursor_execute", counted)
    client.get("/cases")
    few, count = count, 0
    event.remove(database.engine, "before_cursor_execute", counted)
    rows = [case(f"M-{n}", "2026-11-20 09:30") for n in range(30)]
    with database.writing() as db:
        load(db, None, sheet(*rows), "cases.csv", at=at)
    event.listen(database.engine, "before_cursor_execute", counted)
    client.get("/cases")
    event.remove(database.engine, "before_cursor_execute", counted)
    assert count == few


@pytest.mark.usefixtures("enter")
def test_the_panel_shows_the_compound_s_month(database: Database, city: City, at: datetime) -> None:
    manager = actor_of(database, city, Role.PROJECT_MANAGER)
    text = visited(database, at, manager, [panel_route(panel)]).get("/panel/XQ-JH").text
    assert text.index(">G-1<") < text.index(">G-2<"), "open ones first"
    assert "2026年11月共受理 2 件" in text
    secretary = actor_of(database, city, Role.SECRETARY)
    text = visited(database, at, secretary, [panel_route(panel)]).get("/panel/XQ-JQ12").text
    assert "2026年11月尚未受理诉求" in text
