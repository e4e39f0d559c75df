"""The pages of entry, residents, comparison, late ones and plans; the posters."""

import io
import re
from collections.abc import Iterator
from datetime import datetime

import pikepdf
import pytest
from sqlalchemy import select

from govgrid.access import Actor, Role
from govgrid.app import create_app
from govgrid.db import Database
from govgrid.grid.models import Area, Compound, Officer
from govgrid.outbox.models import Letter
from govgrid.press.press import Press
from govgrid.showcase.models import ShowcaseForm, ShowcaseVersion
from govgrid.showcase.pages import routes
from govgrid.web import csrf
from tests import build
from tests.build import City
from tests.client import Client
from tests.conftest import SECRET
from tests.showcase.site import Desk, photo, published

pytestmark = pytest.mark.one_engine

HERE = "/compounds/XQ-JH/showcase/2026-10"
ENTRY = f"{HERE}/entry"


def desk(
    database: Database, at: datetime, role: Role, officer: Officer, place: Area | Compound
) -> Desk:
    with database.reading() as db:
        actor: Actor = build.actor(db, officer, role, place)
    return Desk(database, at, actor, routes)


@pytest.fixture
def manager(database: Database, city: City, at: datetime) -> Desk:
    return desk(database, at, Role.PROJECT_MANAGER, city.manager, city.compound)


@pytest.fixture
def resident(database: Database, at: datetime) -> Desk:
    return Desk(database, at, None, routes)


def typed(page: str) -> dict[str, str]:
    """Return what the form of entry holds, as a browser would send it."""
    form = page[page.index('id="entry"') : page.index('id="photos"')]
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', form, re.DOTALL))
    for name, body in re.findall(
        r"<select[^>]*name=\"([^\"]+)\".*?>(.*?)</select>", form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)"\s+selected', body)
        fields[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', body)[0]
    texts = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    return {**fields, **dict(texts)}


def filled(page: str) -> dict[str, str]:
    """Return the form filled in, so that it adds up."""
    form = typed(page)
    for name in list(form):
        row = name.partition(".")[2]
        if name.startswith("item.") and form[name]:
            form[f"result.{row}"] = f"{form[name]}的情况"
            if f"amount.{row}" in form:
                form[f"amount.{row}"] = "1,000.00" if form[f"flow.{row}"] == "income" else "￥500"
    return {**form, "opening.1": "0", "closing.1": "500.00"}


def test_a_manager_writes_publishes_and_residents_read(manager: Desk, resident: Desk) -> None:
    page = manager.get(ENTRY)
    assert page.count("<h1>") == 1
    assert "还没有公示" in resident.get("/s/XQ-JH")
    form = filled(page) | {"result.0": "=1+1 <script>alert(1)</script> 找 13900001111"}
    assert manager.post(ENTRY, 303, form, do="save") == ENTRY
    page = manager.get(ENTRY)
    assert typed(page)["result.0"] == "=1+1 &lt;script&gt;alert(1)&lt;/script&gt; 找 13900001111"
    assert "还没有公示" in resident.get("/s/XQ-JH"), "a draft is nobody's"
    again = form | {"version": typed(page)["version"], "do": "publish"}
    told = manager.post(ENTRY, 422, again | {"closing.1": "501"})
    assert "相差 1.00 元" in told
    assert manager.post(ENTRY, 303, again) == HERE
    for shown in (resident.get("/s/XQ-JH"), resident.get("/s/XQ-JH/2026-10")):
        assert "&lt;script&gt;" in shown
        assert "139****1111" in shown
        assert "13900001111" not in shown
        assert "500.00" in shown
        assert 'href="/q/510107?compound=XQ-JH"' in shown
        assert "钱经理" not in shown
        assert shown.count("<h1>") == 1
    assert "这一期还没有公示" in resident.get("/s/XQ-JH/2026-09")
    resident.get("/s/XQ-404", 404)
    assert "第 1 版" in manager.get(HERE)
    assert typed(manager.get(ENTRY.replace("-10", "-11")))["opening.1"] == "500.00"


def test_what_cannot_be_kept_is_named_by_its_field(manager: Desk) -> None:
    form = filled(manager.get(ENTRY)) | {"do": "save"}
    wrong = {
        "amount.7": "十元", "result.1": "长" * 1001, "opening.1": "1.234", "result.5": "没有名称",
        "note": "长" * 401,
    }  # fmt: skip
    told = manager.post(ENTRY, 422, form | wrong)
    assert "5 处" in told
    for text in ("最多两位小数", "“结果”过长", "请填写项目名称", "“更正说明”过长"):
        assert text in told
    for broken in ({"lines": "x"}, {"panels": "99"}, {"kind.0": "z"}, {"version": ""}):
        assert "刷新页面" in manager.post(ENTRY, 422, form | broken)
    manager.client.headers["hx-request"] = "true"
    banner = manager.post(ENTRY, 422, form | {"amount.7": "x", "do": "publish"})
    assert 'data-field="amount.7"' in banner
    assert "<html" not in banner, "the form stays as it was typed"
    stale = manager.post(ENTRY, 409, form | {"version": "7"})
    assert "没有保存" in stale


def test_photos_are_shown_once_published(
    manager: Desk, resident: Desk, database: Database, city: City, at: datetime
) -> None:
    files = [
        ("file", ("a.jpg", photo(), "text/html")),
        ("file", ("b.png", photo((9, 9), "PNG"), "")),
    ]
    assert manager.post(f"{ENTRY}/photos", files=files, panel="晒服务", caption="楼道").endswith(
        "#photos"
    )
    page = manager.get(ENTRY)
    first, second = re.findall(rf'src="({HERE}/photos/\d+)\?size=small"', page)
    answer = manager.client.get(first)
    assert (answer.headers["content-type"], answer.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    public = first.replace(HERE, "/s/XQ-JH")
    resident.get(public, 404)
    police = desk(database, at, Role.POLICE, city.police, city.community)
    police.get(first, 404)
    for bad in (b"<svg/>", b"GIF89a", b""):
        hostile = [("file", ("a.jpg", bad, "image/jpeg"))]
        manager.post(f"{ENTRY}/photos", 422, files=hostile, panel="晒服务")
    manager.post(f"{ENTRY}/photos", 422, panel="晒服务")
    number = second.rpartition("/")[2]
    manager.post(f"{ENTRY}/photos/{number}/remove")
    form = filled(manager.get(ENTRY)) | {"do": "publish"}
    assert manager.post(ENTRY, 303, form) == HERE
    assert f'src="{public}?size=small"' in resident.get("/s/XQ-JH")
    small = resident.client.get(f"{public}?size=small")
    assert (small.status_code, small.headers["cache-control"]) == (200, "public, max-age=3600")
    police.get(first)
    manager.get(second, 404)


def test_only_whoever_may_write_enters_the_form(
    database: Database, city: City, at: datetime
) -> None:
    secretary = desk(database, at, Role.SECRETARY, city.secretary, city.community)
    assert "填报" in secretary.get(ENTRY)
    police = desk(database, at, Role.POLICE, city.police, city.community)
    police.get(ENTRY, 403)
    police.post(ENTRY, 403, do="save")
    assert f'href="{ENTRY}"' not in police.get(HERE)
    neighbour = desk(database, at, Role.SECRETARY, city.next_secretary, city.next_community)
    neighbour.get(ENTRY, 404)
    neighbour.post(ENTRY, 404, do="save")
    Desk(database, at, None, routes).get(ENTRY, 303)
    secretary.get("/compounds/XQ-JH/showcase/2027-01/entry", 422)


def test_a_draft_can_be_given_up(manager: Desk, database: Database) -> None:
    manager.post(ENTRY, 303, filled(manager.get(ENTRY)), do="save")
    assert "尚未公示的草稿" in manager.get(HERE)
    manager.post(f"{ENTRY}/drop")
    manager.post(f"{ENTRY}/drop", 409)
    with database.reading() as db:
        assert db.scalars(select(ShowcaseVersion)).all() == []


def test_a_street_compares_and_asks_the_late(database: Database, city: City, at: datetime) -> None:
    liaison = desk(database, at, Role.LIAISON, city.liaison, city.street)
    page = liaison.get("/showcases")
    assert "锦和苑" in page
    assert "未公示" in page
    liaison.get("/showcases?order=x", 422)
    late = f"/showcases/late?area={city.street.code}"
    assert "催办全部" in liaison.get(late)
    liaison.post(late, 422)
    assert liaison.post(late, compound="XQ-JH") == late
    assert "今天已催" in liaison.get(late)
    liaison.post(late, 409, compound="XQ-JH")
    liaison.post(late, 404, compound="XQ-JQ12")
    liaison.post(late, 422, all="1")
    police = desk(database, at, Role.POLICE, city.police, city.community)
    assert "催办全部" not in police.get("/showcases/late")
    police.post("/showcases/late", 404, compound="XQ-JH")
    manager = desk(database, at, Role.PROJECT_MANAGER, city.manager, city.compound)
    assert "锦和苑" in manager.get("/showcases/late")
    assert "江桥街12号院" not in manager.get("/showcases")
    manager.get(late, 404)
    with database.reading() as db:
        assert len(db.scalars(select(Letter)).all()) == 1
    published(database, city, at)
    assert "没有逾期的小区" in liaison.get(late)


def test_a_district_sets_panels_and_items(database: Database, city: City, at: datetime) -> None:
    housing = desk(database, at, Role.HOUSING_OFFICER, city.housing, city.district)
    here = f"/showcases/plans/{city.district.code}"
    page = housing.get(here)
    assert "秩序维护｜24 小时值守" in page
    form = {
        "version": "0", "months": "3", "due_day": "15", "word.0": "晒服务", "kind.0": "service",
        "items.0": "保洁|每日\n绿化", "word.1": "晒公共收益", "kind.1": "accounts",
        "items.1": "收入:停车费\n支出：维修",
    }  # fmt: skip
    assert housing.post(here, 303, form).startswith("/showcases?")
    with database.reading() as db:
        row = db.scalars(select(ShowcaseForm)).one()
        assert (row.months, row.due_day) == (3, 15)
        assert [one["word"] for one in row.panels] == ["晒服务", "晒公共收益"]
        assert row.panels[0]["items"][0] == {"item": "保洁", "promise": "每日", "flow": None}
        assert row.panels[1]["items"][1] == {"item": "维修", "promise": "", "flow": "spending"}
    housing.post(here, 409, form)
    form["version"] = "1"
    for wrong in (
        {"items.1": "停车费"}, {"items.0": "保洁\n保洁"}, {"word.1": "晒服务"}, {"items.0": ""},
        {"word.0": ""}, {"months": "2"}, {"due_day": "31"}, {"items.1": "收入：支出退回"},
    ):  # fmt: skip
        housing.post(here, 422, form | wrong)
    housing.post(f"{here}/follow", version="1")
    assert "默认设定" in housing.get(here)
    liaison = desk(database, at, Role.LIAISON, city.liaison, city.street)
    liaison.get(here, 404)
    liaison.get(f"/showcases/plans/{city.community.code}", 404)


def test_posters_are_a3_and_a4(
    manager: Desk, database: Database, city: City, at: datetime, press: Press
) -> None:
    manager.app.state.press = press
    manager.post(f"{HERE}/print", 422, what="poster")
    manager.post(f"{HERE}/print", 422, what="x")
    files = [("file", ("a.jpg", photo((900, 600)), "image/jpeg"))]
    manager.post(f"{ENTRY}/photos", files=files, panel="晒服务", caption="门厅 😀")
    published(database, city, at)
    sizes = {}
    for what in ("poster", "code"):
        token = csrf.token(SECRET, "b", "")
        answer = manager.client.post(f"{HERE}/print", data={"csrf": token, "what": what})
        assert answer.headers["content-type"] == "application/pdf", answer.text
        with pikepdf.open(io.BytesIO(answer.content)) as pdf:
            box = [round(float(side)) for side in pdf.pages[0].mediabox]
            sizes[what] = len(pdf.pages), box[2], box[3]
    assert sizes == {"poster": (1, 842, 1191), "code": (1, 595, 842)}


@pytest.fixture
def whole(database: Database, at: datetime) -> Iterator[Client]:
    app = create_app(database.settings, work=False)
    state = app._app.state  # type: ignore[attr-defined]  # inside the guard
    state.house.database.close()
    state.house.database, state.house.now = database, lambda: at
    yield Client(app, base_url="http://testserver", follow_redirects=False)
    state.press.close()


def test_photos_may_be_large_for_whoever_is_signed_in(whole: Client, city: City) -> None:
    def sent(path: str, mebibytes: int) -> int:
        files = [("file", ("a.jpg", b"x" * (mebibytes * 1024 * 1024), "image/jpeg"))]
        return whole.post(path, files=files).status_code

    whole.cookies.set("browser", "b")
    assert sent(f"{ENTRY}/photos", 3) == 413
    whole.cookies.set("session", "somebody")
    assert sent(f"{ENTRY}/photos", 3) == 403  # read whole, of nobody's session
    assert sent(ENTRY, 3) == 413
    assert sent(f"{ENTRY}/photos", 25) == 413
