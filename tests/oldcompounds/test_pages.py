"""The pages: who sees them, what they say, what a post does."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

import anyio
import httpx2
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.models import Area, Compound, Officer
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.pages import make_routes, panel
from govgrid.oldcompounds.queries import SILENT, history
from tests import build
from tests.build import City
from tests.cases.site import OneVisitor, panel_route

pytestmark = pytest.mark.one_engine

Files = dict[str, tuple[str, bytes]]

FORM: dict[str, Any] = {
    "mode": "custodial",
    "operator": "锦江社区居委会",
    "since": "2026-12-01",
    "seen": "0",
}


@dataclass(frozen=True)
class Person:
    """One visitor of the site, with the browser's cookies."""

    app: Starlette

    @classmethod
    def of(
        cls,
        database: Database,
        at: datetime,
        holder: Officer | None = None,
        role: Role = Role.SECRETARY,
        place: Area | Compound | None = None,
    ) -> Self:
        with database.reading() as db:
            actor = build.actor(db, holder, role, place) if holder and place else None
        app = Starlette(routes=[*make_routes(SILENT), panel_route(panel)])
        app.state.house = OneVisitor(database.settings, database, at, actor)
        return cls(app)

    def get(self, path: str) -> httpx2.Response:
        return anyio.run(self._ask, path, None)

    def post(
        self, path: str, of_page: str = "", scan: tuple[str, bytes] | None = None, **form: Any
    ) -> httpx2.Response:
        """Post the form that stands on a page, at the same address unless one is given."""
        files = {"scan": scan} if scan else None
        return anyio.run(self._ask, path, form, of_page, files)

    async def _ask(
        self, path: str, form: dict[str, str] | None, of_page: str = "", files: Files | None = None
    ) -> httpx2.Response:
        transport = httpx2.ASGITransport(self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
            page = await http.get(of_page or path)
            if form is None:
                return page
            token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
            return await http.post(path, data={"csrf": token, **form}, files=files)


@pytest.fixture
def secretary(database: Database, city: City, at: datetime) -> Person:
    return Person.of(database, at, city.secretary, Role.SECRETARY, city.community)


@pytest.fixture
def housing(database: Database, city: City, at: datetime) -> Person:
    return Person.of(database, at, city.housing, Role.HOUSING_OFFICER, city.district)


def test_the_start_leads_to_the_only_area(secretary: Person) -> None:
    answer = secretary.get("/coverage")
    assert (answer.status_code, answer.headers["location"]) == (303, "/coverage/510107001001")


def test_a_project_manager_is_led_to_the_own_compound(
    database: Database, city: City, at: datetime
) -> None:
    manager = Person.of(database, at, city.manager, Role.PROJECT_MANAGER, city.compound)
    assert manager.get("/coverage").headers["location"] == "/compounds/XQ-JH/coverage"
    page = manager.get("/compounds/XQ-JH/coverage")
    assert page.status_code == 200
    assert "从未登记管理方式" in page.text
    assert 'id="record"' not in page.text
    assert manager.get("/compounds/XQ-JQ12/coverage").status_code == 404
    assert manager.get("/coverage/510107001001").status_code == 404


def test_a_stranger_is_sent_to_sign_in(database: Database, city: City, at: datetime) -> None:
    stranger = Person.of(database, at)
    for path in ("/coverage", "/coverage/510107", "/compounds/XQ-A/coverage"):
        assert stranger.get(path).headers["location"].startswith("/sign-in")


def test_other_areas_do_not_exist_for_a_secretary(secretary: Person) -> None:
    assert secretary.get("/coverage/510107001001").status_code == 200
    for path in (
        "/coverage/510107001002",
        "/coverage/510107001",
        "/compounds/XQ-B/coverage",
        "/compounds/XQ-404/coverage",
    ):
        assert secretary.get(path).status_code == 404


def test_a_district_shows_rates_and_its_streets(housing: Person) -> None:
    text = housing.get("/coverage/510107").text
    assert text.count("<h1") == 1
    assert "2 / 4 个小区" in text
    assert text.index("江桥街道") < text.index("望江街道")
    assert text.index("青石院") < text.index("棕南新居") < text.index("江桥街12号院")
    assert "还有 7 天到期" in text
    assert "到期未续" in text


def test_an_area_on_another_day(housing: Person) -> None:
    text = housing.get("/coverage/510107?as_of=2026-12-01").text
    assert "1 / 4 个小区" in text
    assert "/coverage/510107001?as_of=2026-12-01" in text


@pytest.mark.parametrize("query", ["as_of=昨天", "as_of=2026-02-30", "as_of=9999-12-31", "show=x"])
def test_a_wrong_query_is_said(housing: Person, query: str) -> None:
    answer = housing.get(f"/coverage/510107?{query}")
    assert answer.status_code == 422
    assert "error-text" in answer.text


def test_a_list_filtered_and_an_empty_one(housing: Person) -> None:
    ending = housing.get("/coverage/510107?show=ending").text
    assert "江桥街12号院" in ending
    assert "青石院" not in ending
    assert "没有符合条件的小区" in housing.get("/coverage/510107?show=custodial").text


def test_an_area_without_old_compounds_says_what_to_do(
    database: Database, city: City, at: datetime
) -> None:
    member = Person.of(database, at, city.members[0], Role.MICRO_GRID_MEMBER, city.micro_grids[0])
    assert "这里还没有老旧小区" in member.get(f"/coverage/{city.micro_grids[0].code}").text


def test_recording_a_change(database: Database, city: City, secretary: Person) -> None:
    answer = secretary.post("/compounds/XQ-JQ12/coverage", **FORM, collection_percent="92.5")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/compounds/XQ-JQ12/coverage",
    )
    with database.reading() as db:
        new = history(db, city.courtyard.id)[0]
    assert (new.mode, new.since, str(new.collection_rate)) == (
        Mode.CUSTODIAL,
        date(2026, 12, 1),
        "0.9250",
    )
    text = secretary.get("/compounds/XQ-JQ12/coverage").text
    assert "锦江社区居委会" in text
    assert "尚未开始" in text


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"seen": "9"}, 409, "刚刚被其他人登记"),
        ({"mode": ""}, 422, "“管理方式”不能为空"),
        ({"mode": "x"}, 422, "“管理方式”不在可选范围内"),
        ({"operator": ""}, 422, "请填写管理单位"),
        ({"mode": "professional"}, 422, "不是物业企业"),
        ({"since": "2025-01-01"}, 422, "起始日期须晚于 2025-01-01"),
        ({"since": "2026-12-15"}, 422, "有 14 天无人管理"),
        ({"until": "2026-11-01"}, 422, "截止日期早于起始日期"),
        ({"until": "9999-01-01"}, 422, "不合常理"),
        ({"fee": "30"}, 422, "请同时填写收费单位"),
        ({"collection_percent": "101"}, 422, "不能大于 100"),
        ({"package": "ZT"}, 422, "整体承接须有协议"),
        ({"csrf": "forged"}, 403, "页面已过期"),
    ],
)
def test_a_wrong_change_is_said_and_changes_nothing(
    database: Database,
    secretary: Person,
    changed: dict[str, Any],
    status: int,
    words: str,
) -> None:
    answer = secretary.post("/compounds/XQ-JQ12/coverage", **{**FORM, **changed})
    assert answer.status_code == status
    assert words in answer.text
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Coverage)) == 4


def test_a_grid_leader_sees_but_may_not_record(
    database: Database, city: City, at: datetime
) -> None:
    leader = Person.of(database, at, city.grid_leader, Role.GRID_LEADER, city.grid)
    page = leader.get("/compounds/XQ-JQ12/coverage")
    assert page.status_code == 200
    assert 'name="since"' not in page.text
    assert "登记管理方式" not in leader.get(f"/coverage/{city.grid.code}").text
    assert leader.post("/compounds/XQ-JQ12/coverage", **FORM).status_code == 404


def test_nothing_typed_acts_in_the_page(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        db.get_one(Compound, city.courtyard.id).name = "<script>alert(1)</script>"
    housing = Person.of(database, at, city.housing, Role.HOUSING_OFFICER, city.district)
    for path in ("/coverage/510107", "/compounds/XQ-JQ12/coverage", "/panel/XQ-JQ12"):
        assert "<script>alert" not in housing.get(path).text
        assert "style=" not in housing.get(path).text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("XQ-JQ12", ["专业化物业", "安居物业服务有限公司", "协议 WY-1", "90 天内到期"]),
        ("XQ-A", ["无管理", "2025年7月1日 起无人管理", "共 2 段记录"]),
        ("XQ-C", ["无管理", "从未登记"]),
    ],
)
def test_the_panel_of_a_compound(housing: Person, code: str, words: list[str]) -> None:
    text = housing.get(f"/panel/{code}").text
    assert [word for word in words if word not in text] == []
