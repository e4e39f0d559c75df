"""Pages of the grid: who sees them, the map's drawing, a point; who is due at a meeting."""

from datetime import date, datetime

import pytest

from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.imports import boundaries
from govgrid.grid.pages import make_routes
from govgrid.grid.queries import officers_for_unit
from tests import build
from tests.build import City
from tests.cases.site import Browser, visited
from tests.grid.test_imports import SQUARE, collection

pytestmark = pytest.mark.one_engine


@pytest.fixture
def city(database: Database, at: datetime) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        boundaries.load(db, None, collection(SQUARE), "x.geojson", at=at)
        db.expunge_all()
    return made


@pytest.fixture
def secretary(database: Database, city: City, at: datetime) -> Browser:
    with database.reading() as db:
        actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
    return visited(database, at, actor, make_routes([]))


@pytest.fixture
def neighbour(database: Database, city: City, at: datetime) -> Browser:
    with database.reading() as db:
        actor = build.actor(db, city.next_secretary, Role.SECRETARY, city.next_community)
    return visited(database, at, actor, make_routes([]))


def test_the_start_leads_to_the_only_area(secretary: Browser, city: City) -> None:
    assert secretary.get("/grid").headers["location"] == f"/grid/{city.community.code}"


@pytest.mark.parametrize("tab", ["areas", "officers", "compounds", "nonsense"])
def test_an_area_shows_its_tabs(secretary: Browser, city: City, tab: str) -> None:
    answer = secretary.get(f"/grid/{city.community.code}?tab={tab}&page=99")
    assert answer.status_code == 200
    expected = {"officers": "王网格", "compounds": "锦和苑"}.get(tab, "锦江第一网格")
    assert expected in answer.text


@pytest.mark.parametrize("end", ["", "/map", "/map.json", "/shapes.json", "/layer.json"])
def test_a_neighbour_sees_no_such_area(neighbour: Browser, city: City, end: str) -> None:
    assert neighbour.get(f"/grid/{city.community.code}{end}").status_code == 404
    assert neighbour.get(f"/compounds/{city.compound.code}").status_code == 404


def test_a_point_shows_who_answers_with_phones_only_inside(
    secretary: Browser, neighbour: Browser
) -> None:
    at = "/grid/at?longitude=104.005&latitude=30.605"
    assert "10000000001" in secretary.get(at).text
    masked = neighbour.get(at).text
    assert "王网格" in masked
    assert "10000000001" not in masked
    assert secretary.get("/grid/at?longitude=nan&latitude=1").status_code == 422
    assert "不在任何" in secretary.get("/grid/at?longitude=105&latitude=30").text


def test_who_is_due_at_a_compounds_meeting(database: Database, city: City) -> None:
    on = date(2026, 12, 1)
    with database.reading() as db:
        due = officers_for_unit(db, city.community.id, city.courtyard.id, on)
        assert [h.officer.name for h in due] == ["周书记", "王网格", "张警官", "赵微", "孙联络"]
        due = officers_for_unit(db, city.community.id, None, on)
        assert [h.officer.name for h in due] == [
            "周书记", "王网格", "张警官", "李微", "赵微", "孙联络",
        ]  # fmt: skip
