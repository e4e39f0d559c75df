"""The board, the map, the list of what is watched, papers, corrections by hand, acts."""

import io
import json
from datetime import date, datetime

import pikepdf
import pytest
from sqlalchemy import func, select

from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.models import Compound
from govgrid.journal import Entry
from govgrid.oldcompounds.imports import load
from govgrid.oldcompounds.models import Act, Coverage, Mode, Scan, Version
from govgrid.oldcompounds.queries import history
from govgrid.press.press import Press
from govgrid.sheets import Column, read_sheet, text
from tests.build import City
from tests.oldcompounds.test_pages import FORM, Person

pytestmark = pytest.mark.one_engine


@pytest.fixture
def liaison(database: Database, city: City, at: datetime) -> Person:
    return Person.of(database, at, city.liaison, Role.LIAISON, city.street)


@pytest.fixture
def housing(database: Database, city: City, at: datetime) -> Person:
    return Person.of(database, at, city.housing, Role.HOUSING_OFFICER, city.district)


def test_the_board_of_a_district(housing: Person) -> None:
    shown = housing.get("/coverage/510107/board").text
    assert shown.count("<h1") == 1
    assert "2 / 4 个小区" in shown
    assert shown.index("江桥街道") < shown.index("望江街道")
    assert shown.index("青石院") < shown.index("棕南新居")  # of the gaps, most households first
    assert '<td class="num" data-label="已有天数">511</td>' in " ".join(shown.split())
    assert shown.count('<th scope="row">2026-') == 11
    later = housing.get("/coverage/510107/board?as_of=2026-12-01").text
    assert "1 / 4 个小区" in later
    assert housing.get("/coverage/510107/board?as_of=x").status_code == 422


def test_the_ledger_and_the_report(
    database: Database, housing: Person, press: Press, city: City
) -> None:
    housing.app.state.press = press
    sheet = housing.post("/coverage/510107/ledger.xlsx", of_page="/coverage/510107/board")
    columns = [Column(h, h, text(99)) for h in ("小区编号", "管理方式", "备注")]
    rows = [tuple(row.values.values()) for row in read_sheet(sheet.content, "a.xlsx", columns).rows]
    assert rows == [
        ("XQ-A", "无管理", "到期未续"),
        ("XQ-C", "无管理", "从未登记"),
        ("XQ-JQ12", "专业化物业", "90 天内到期"),
        ("XQ-B", "居民自管", None),
    ]
    paper = housing.post("/coverage/510107/report.pdf", of_page="/coverage/510107/board")
    with pikepdf.open(io.BytesIO(paper.content)) as pdf:
        assert len(pdf.pages) >= 1
        assert pdf.docinfo["/Title"] == f"{city.district.name}老旧小区物业管理覆盖情况报告"
    with database.reading() as db:
        files = [e.detail["file"] for e in db.scalars(select(Entry).order_by(Entry.id))]
    assert files == ["ledger-510107-20261123.xlsx", "coverage-510107-20261123.pdf"]


def test_the_map(database: Database, housing: Person, city: City) -> None:
    with database.writing() as db:
        home = db.get_one(Compound, city.courtyard.id)
        home.longitude, home.latitude = 104.08, 30.63
    assert "data-coverage-map" in housing.get("/coverage/510107/map").text
    found = json.loads(housing.get("/coverage/510107/map.json").text)
    assert (len(found["months"]), found["months"][-1], found["unplaced"]) == (60, "2026-11", 3)
    (one,) = found["compounds"]
    assert (one["code"], one["runs"].count("p"), len(one["runs"])) == ("XQ-JQ12", 23, 60)
    assert housing.get("/coverage/5101/map").status_code == 404


def test_what_is_watched(housing: Person) -> None:
    shown = housing.get("/coverage/510107/watch").text
    assert "安居物业服务有限公司的管理协议将于2026年11月30日到期" in shown
    assert "尚无业委会成员任职" in shown
    only = housing.get("/coverage/510107/watch?concern=no_committee").text
    assert "管理协议将于" not in only
    assert housing.get("/coverage/510107/watch?concern=x").status_code == 422


def test_a_correction_and_a_removal_by_hand(
    database: Database, liaison: Person, city: City
) -> None:
    address = "/compounds/XQ-JQ12/coverage/corrections/2025-01-01"
    shown = liaison.get(address).text
    assert 'value="安居物业服务有限公司"' in shown
    form = {
        **FORM, "mode": "professional", "operator": "安居物业服务有限公司", "since": "2025-02-01",
        "until": "2026-11-30", "services": "保洁、门卫；保洁", "of": "2025-01-01",
    }  # fmt: skip
    home = "/compounds/XQ-JQ12/coverage"
    refused = liaison.post(f"{home}/corrections", of_page=address, **form)
    assert (refused.status_code, "更正原因" in refused.text) == (422, True)
    done = liaison.post(f"{home}/corrections", of_page=address, **form, reason="起始日期录错")
    assert done.status_code == 303
    with database.reading() as db:
        (period,) = history(db, city.courtyard.id)
        assert (period.since, period.services) == (date(2025, 2, 1), ["保洁", "门卫"])
        seen = str(period.act_id)
    shown = liaison.get(home).text
    assert "起始日期录错" in shown
    assert "2025年1月1日 至 2026年11月30日" in shown
    assert liaison.get(f"{home}/corrections/2025-01-01").status_code == 404
    gone = liaison.post(
        f"{home}/removals", of_page=f"{home}/corrections/2025-02-01", of="2025-02-01", seen=seen,
        reason="误登",
    )  # fmt: skip
    assert gone.status_code == 303
    with database.reading() as db:
        assert history(db, city.courtyard.id) == []
        assert db.scalar(select(func.count()).select_from(Version)) == 2


def test_a_scan_comes_with_the_form_and_back(
    database: Database, city: City, liaison: Person, housing: Person
) -> None:
    home = "/compounds/XQ-JQ12/coverage"
    wrong = liaison.post(home, scan=("协议.pdf", b"MZ..."), **FORM)
    assert (wrong.status_code, "不是 PDF" in wrong.text) == (422, True)
    right = liaison.post(home, scan=("协议.pdf", b"%PDF-1.7"), **FORM)
    assert right.status_code == 303
    with database.reading() as db:
        kept = db.scalars(select(Scan)).one().sha256
    answer = housing.get(f"{home}/scans/{kept}")
    assert (answer.content, answer.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
    assert housing.get(f"/compounds/XQ-A/coverage/scans/{kept}").status_code == 404


def test_an_import_is_taken_back_by_hand(
    database: Database, city: City, at: datetime, liaison: Person
) -> None:
    head = "小区编号,管理方式,起始日期,截止日期\n"
    with database.writing() as db:
        load(db, None, f"{head}XQ-A,居民自管,2025-07-01,\n".encode(), "错表.csv", at=at)
        act = db.scalars(select(Act.id)).one()
        rows = f"{head}XQ-C,居民自管,2025-07-01,\n".encode()
        load(db, None, rows, "外街.csv", at=at)
    shown = liaison.get("/coverage-acts").text
    assert ("错表.csv" in shown, "外街.csv" in shown) == (True, False)
    path = f"/coverage-acts/{act}/undo"
    assert liaison.post(path, of_page="/coverage-acts").status_code == 422
    assert liaison.post(path, of_page="/coverage-acts", reason="导错文件").status_code == 303
    assert "导错文件" in liaison.get("/coverage-acts").text
    with database.reading() as db:
        last = db.scalars(
            select(Coverage).join(Coverage.compound).where(Compound.code == "XQ-A")
            .order_by(Coverage.since.desc()).limit(1)
        ).one()  # fmt: skip
    assert last.mode is Mode.CUSTODIAL
    foreign = liaison.post(f"/coverage-acts/{act + 1}/undo", of_page="/coverage-acts", reason="试")
    assert foreign.status_code == 404
