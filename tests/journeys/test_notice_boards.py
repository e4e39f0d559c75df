"""A compound's notice board and a street's, from the page to the paper."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from govgrid import journal
from govgrid.grid.models import Compound, Officer
from govgrid.grid.papers.desk import print_boards
from govgrid.press.press import Press
from tests import build
from tests.journeys.conftest import Site

pytestmark = pytest.mark.one_engine


@pytest.fixture
def open_site(site: Site) -> Site:
    with site.database.writing() as db:
        for number, officer in enumerate(db.scalars(select(Officer).order_by(Officer.id))):
            officer.phone = f"1000000{number:04d}"
        company = build.organization(db, "锦里安居")
        home = db.scalars(select(Compound).where(Compound.code == "XQ-JH")).one()
        home.company_id = company.id
    return site


def posted(person: TestClient, path: str, **values: str) -> tuple[int, str, bytes]:
    token = person.get("/sign-in").text.partition('name="csrf" value="')[2][:64]
    answer = person.post(path, data={"csrf": token, **values})
    return answer.status_code, answer.headers.get("content-type", ""), answer.content


def test_one_board_from_its_page(open_site: Site) -> None:
    zhou = open_site.person("zhou")
    assert "标注“暂缺”后印制" in zhou.get("/compounds/XQ-JQ12/board")
    assert posted(zhou.client, "/compounds/XQ-JQ12/board", size="A4")[0] == 422
    assert posted(zhou.client, "/compounds/XQ-JQ12/board", size="A4", gaps="skip")[0] == 422
    for code, more in (("XQ-JH", {}), ("XQ-JQ12", {"gaps": "mark"})):
        status, kind, data = posted(zhou.client, f"/compounds/{code}/board", size="A3", **more)
        assert (status, kind, data[:4]) == (200, "application/pdf", b"%PDF")
    with open_site.database.reading() as db:
        found = select(journal.Entry).where(journal.Entry.subject == "board")
        lines = db.scalars(found.order_by(journal.Entry.id))
        assert [(e.subject_id, e.detail["gaps"]) for e in lines] == [
            ("XQ-JH", False), ("XQ-JQ12", True),
        ]  # fmt: skip


def test_a_streets_boards_from_asking_to_the_bound_pdf(open_site: Site, press: Press) -> None:
    sun = open_site.person("sun")
    page = sun.get("/grid/510107001/boards")
    assert "共 2 块，其中 1 块缺少人员或电话" in page
    sun.post("/grid/510107001/boards", 422, size="A4")
    waiting = sun.post("/grid/510107001/boards", size="A4", gaps="skip")
    assert "正在印制：0 / 2" in waiting
    assert 'hx-trigger="load delay:1s"' in waiting
    sun.get("/grid/510107001/boards/1/boards.pdf", 503)
    print_boards(press)(open_site.database, open_site.at)
    done = sun.get("/grid/510107001/boards/1")
    assert "已印好 1 块公示牌，1 块未印" in done
    assert "hx-trigger" not in done.partition('id="job"')[2]
    assert sun.client.get("/grid/510107001/boards/1/boards.pdf").content[:4] == b"%PDF"
    sun.get("/grid/510107001001/boards/1", 404)


def test_who_may_not_print_sees_no_boards(open_site: Site) -> None:
    for login in ("wang", "qian", "lin"):
        person = open_site.person(login)
        person.get("/compounds/XQ-JH/board", 404)
        person.get("/grid/510107001/boards", 404)
    open_site.person("zhou").get("/grid/510107001/boards", 404)
