"""The directory: who is found by whom, phones, chains, and that every query has an index."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.grid.models import Area, Compound, Level, Officer
from govgrid.grid.pages import make_routes
from govgrid.grid.queries import cards, directory
from govgrid.grid.queries.directory import Hits, find, sight_of
from tests import build
from tests.build import City
from tests.cases.site import Browser, visited

ON = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Town:
    """The small city with a namesake in the far community, and who searches in it."""

    city: City
    secretary: Actor
    leader: Actor
    manager: Actor
    housing: Actor
    liaison: Actor


@pytest.fixture
def town(database: Database) -> Town:
    with database.writing() as db:
        city = build.small_city(db)
        build.officer(db, "王网格", Role.SECRETARY, city.far_community, phone="10000007788")
        build.officer(
            db, "王旧人", Role.POLICE, city.community, since=None, until=date(2025, 12, 31)
        )
        city.compound.address = "锦里市江桥街8号附1号"
        town = Town(
            city,
            build.actor(db, city.secretary, Role.SECRETARY, city.community),
            build.actor(db, city.grid_leader, Role.GRID_LEADER, city.grid),
            build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound),
            build.actor(db, city.housing, Role.HOUSING_OFFICER, city.district),
            build.actor(db, city.liaison, Role.LIAISON, city.street),
        )
        db.flush()
        db.expunge_all()
    return town


@pytest.fixture(params=["few", "many"])
def breadth(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Search from what is seen, then from the keys, as in a wide area."""
    if request.param == "many":
        monkeypatch.setattr(directory, "FEW", -1)
        monkeypatch.setattr(directory, "MANY", -1)
    return str(request.param)


def search(db: Session, actor: Actor, typed: str, limit: int = 100) -> Hits:
    return find(db, sight_of(db, actor), typed, ON, limit)


def names(db: Session, hits: Hits) -> set[str]:
    people = {db.get_one(Officer, number).name for number in hits.officers}
    homes = {db.get_one(Compound, number).name for number in hits.compounds}
    return people | homes | {db.get_one(Area, number).name for number in hits.areas}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("王网格", {"王网格"}), ("wangwg", set()), ("wwg", {"王网格"}), ("WANG WANGGE", {"王网格"}),
        ("网格", {"王网格"}), ("锦和", {"锦和苑"}), ("jhy", {"锦和苑"}), ("和苑", {"锦和苑"}),
        ("江桥街8号", {"锦和苑"}), ("江桥街", {"锦和苑", "江桥街12号院"}), ("XQ-JH", {"锦和苑"}),
        ("锦里市江桥街8号附1号", {"锦和苑"}), ("jinjiang", {"锦江社区"}), ("0001", {"王网格"}),
        ("10000000001", {"王网格"}), ("20000000001", set()), ("王 锦江社区", {"王网格"}),
        ("锦和 钱", {"钱经理"}), ("王旧人", set()), ("望江街道", set()), ("", set()), ("。", set()),
        ("李微 青竹", set()), ("%", set()), ("\x00", set()),
    ],
)  # fmt: skip
def test_a_secretary_finds(
    database: Database, town: Town, breadth: str, typed: str, found: set[str]
) -> None:
    with database.reading() as db:
        seen = names(db, search(db, town.secretary, typed))
    assert {name for name in seen if not name.endswith("网格") or name == "王网格"} == found, (
        breadth
    )


def test_codes_are_found_by_their_begin(database: Database, town: Town, breadth: str) -> None:
    with database.reading() as db:
        hits = search(db, town.secretary, "510107001001001")
        assert names(db, hits) == {"锦江第一网格", "第一微网格", "第二微网格"}
        assert search(db, town.secretary, "510107002") == Hits()
        assert search(db, town.secretary, "510107002001") == Hits()


def test_people_above_are_found_and_their_areas_not(
    database: Database, town: Town, breadth: str
) -> None:
    with database.reading() as db:
        for actor in (town.secretary, town.leader, town.manager):
            assert names(db, search(db, actor, "孙联络")) == {"孙联络"}
            assert names(db, search(db, actor, "邻书记")) == set()
            assert names(db, search(db, actor, "江桥街道")) == set()
        assert names(db, search(db, town.leader, "周书记")) == {"周书记"}
        assert names(db, search(db, town.manager, "李微")) == {"李微"}
        assert names(db, search(db, town.manager, "锦和苑")) == {"锦和苑"}
        assert names(db, search(db, town.manager, "江桥街12号院")) == set()
        assert names(db, search(db, town.leader, "江桥街12号院")) == {"江桥街12号院"}
        assert names(db, search(db, town.leader, "钱经理")) == {"钱经理"}


def test_a_district_finds_both_namesakes_and_a_place_tells_them_apart(
    database: Database, town: Town, breadth: str
) -> None:
    with database.reading() as db:
        both = search(db, town.housing, "王网格").officers
        far = search(db, town.housing, "王网格 棕树").officers
        assert len(both) == 2
        assert len(far) == 1
        assert search(db, town.housing, "7788").officers == far
        assert search(db, town.secretary, "7788").officers == ()


def test_a_card_shows_posts_chain_and_phone_only_inside(database: Database, town: Town) -> None:
    with database.reading() as db:
        for actor, inside in ((town.secretary, True), (town.leader, False)):
            sight = sight_of(db, actor)
            ids = find(db, sight, "周书记", ON).officers
            (card,) = cards.people(db, actor, sight, ids, ON)
            assert card.inside is inside
            assert [holder.role for holder in card.posts] == [Role.SECRETARY]
        sight = sight_of(db, town.secretary)
        (card,) = cards.people(db, town.secretary, sight, find(db, sight, "李微", ON).officers, ON)
        assert [(s.role, [h.officer.name for h in s.holders]) for s in card.chain] == [
            (Role.MICRO_GRID_MEMBER, ["李微"]),
            (Role.GRID_LEADER, ["王网格"]),
            (Role.SECRETARY, ["周书记"]),
            (Role.POLICE, ["张警官"]),
            (Role.LIAISON, ["孙联络"]),
            (Role.HOUSING_OFFICER, ["吴住建"]),
        ]
        (home,) = cards.homes(db, town.secretary, find(db, sight, "锦和", ON).compounds, ON)
        assert home.chain[0].holders[0].officer.name == "钱经理"


def test_only_posts_in_sight_are_told(database: Database, town: Town) -> None:
    with database.writing() as db:
        manager = db.get_one(Officer, town.city.manager.id)
        far = build.compound(db, db.get_one(Area, town.city.far_community.id), "棕树园")
        build.post(db, manager, Role.PROJECT_MANAGER, far)
    with database.reading() as db:
        for actor, places in ((town.secretary, {"锦和苑"}), (town.housing, {"锦和苑", "棕树园"})):
            sight = sight_of(db, actor)
            (card,) = cards.people(db, actor, sight, find(db, sight, "钱经理", ON).officers, ON)
            assert {holder.place_name for holder in card.posts} == places


@pytest.fixture
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collect what the database is asked."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, params: Any, *_rest: object) -> None:
        asked.append((statement, params))

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def scans(database: Database, statement: str, params: Any) -> list[str]:
    """Return the steps of the statement's plan that read a whole table."""
    with database.engine.connect() as connection:
        if database.sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", params)
            steps = [str(row[3]) for row in plan]
            return [s for s in steps if s.startswith("SCAN") and not s.startswith(_DERIVED)]
        # These tables are so small that PostgreSQL would rather read them whole.
        connection.execute(text("SET enable_seqscan = off"))
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", params)
        return [str(row[0]) for row in plan if "Seq Scan" in str(row[0])]


_DERIVED = ("SCAN (subquery", "SCAN anon", "SCAN CONSTANT", "SCAN LIST")


def test_every_query_of_the_directory_uses_an_index(
    database: Database, town: Town, breadth: str, statements: list[tuple[str, Any]]
) -> None:
    with database.reading() as db:
        for actor in (town.secretary, town.leader, town.manager, town.housing):
            for typed in ("王", "0001", "wang 锦江", "没有", "锦里市江桥街8号附1号" * 3):
                sight = sight_of(db, actor)
                hits = find(db, sight, typed, ON)
                cards.people(db, actor, sight, hits.officers, ON)
                cards.homes(db, actor, hits.compounds, ON)
                cards.places(db, actor, hits.areas, ON)
    asked = {s: p for s, p in statements if s.lstrip().startswith(("SELECT", "WITH"))}
    assert len(asked) > 8
    found = {
        statement: steps
        for statement, p in asked.items()
        if (steps := scans(database, statement, p))
    }
    assert found == {}


def test_a_full_scan_would_be_seen(database: Database, town: Town) -> None:
    assert scans(database, "SELECT name FROM compounds WHERE address <> ''", ())


def browser(database: Database, at: datetime, actor: Actor | None) -> Browser:
    return visited(database, at, actor, make_routes([]))


def test_the_page_shows_a_person_with_posts_phone_and_chain(
    database: Database, town: Town, at: datetime
) -> None:
    own = browser(database, at, town.secretary).get("/directory?q=wwg").text
    assert "10000000001" in own
    assert "锦江第一网格" in own
    assert "孙联络" in own
    assert "人员 1" in own


def test_results_while_typing(database: Database, town: Town, at: datetime) -> None:
    secretary = browser(database, at, town.secretary)
    assert "王网格" in secretary.get("/directory/hits?q=ww").text
    assert "/compounds/XQ-JH" in secretary.get("/directory/hits?q=锦和").text
    assert "没有找到" in secretary.get("/directory/hits?q=nobody").text
    assert secretary.get("/directory/hits?q=").text.strip() == ""
    assert "<script>" not in secretary.get("/directory/hits?q=<script>").text


def test_a_person_above_has_a_masked_phone(database: Database, town: Town, at: datetime) -> None:
    with database.writing() as db:
        db.get_one(Officer, town.city.secretary.id).phone = "10000004321"
    page = browser(database, at, town.leader).get("/directory?q=周书记").text
    assert "100****4321" in page
    assert "10000004321" not in page


def test_many_results_are_paged(database: Database, town: Town, at: datetime) -> None:
    with database.writing() as db:
        street = db.get_one(Area, town.city.street.id)
        for number in range(3, 48):
            build.area(db, f"5101070010{number:02d}", f"新{number}社区", Level.COMMUNITY, street)
    liaison = browser(database, at, town.liaison)
    first = liaison.get("/directory?q=新&kind=areas").text
    assert "共 45 条" in first
    assert first.count('class="panel"') == 20
    assert liaison.get("/directory?q=新&kind=areas&page=3").text.count('class="panel"') == 5


def test_strangers_sign_in_first(database: Database, town: Town, at: datetime) -> None:
    assert browser(database, at, None).get("/directory?q=王").status_code == 303
