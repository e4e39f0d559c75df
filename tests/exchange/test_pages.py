"""Import by upload, mapping, preview and confirmation; exports; who may see and do what."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from govgrid.cases.models import Case, Source
from govgrid.exchange.jobs import work_off
from govgrid.exchange.models import Batch, BatchFile, BatchLine, ColumnMap
from govgrid.grid.models import Area, Compound
from govgrid.journal import Entry
from govgrid.kinds import KINDS
from govgrid.sheets import read_sheet
from tests.exchange.conftest import Clerk

pytestmark = pytest.mark.one_engine

ONCE: dict[str, Any] = {"column-0": "number"}
TWICE: dict[str, Any] = {"column-0": "number", "column-1": "number"}
HEAD = "小区编号,小区名称,小区类型,社区代码"
HOTLINE = (
    "工单号,受理渠道,问题分类,小区,来电时间,来电人,是否满意\n"
    "G1,市民热线,停车,XQ-JH,2026-11-20 09:30,某人,好\n"
    "G2,12345,噪音,XQ-JH,2026-11-20 10:30,某人,不满意\n"
).encode()


def compounds(*lines: str) -> bytes:
    return "\n".join((HEAD, *lines)).encode()


def count(clerk: Clerk, model: type) -> int:
    with clerk.site.database.reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def test_a_file_is_checked_shown_confirmed_and_written(clerk: Clerk) -> None:
    data = compounds("XQ-JH,锦和新苑,商品房小区,510107001001", "XQ-N,新苑,老旧院落,510107001002")
    address = clerk.upload("compounds", "小区.csv", data)
    assert "正在检查" in clerk.person.get(address)
    assert "HX-Refresh" not in clerk.person.client.get(f"{address}/progress").headers
    clerk.work()
    assert clerk.person.client.get(f"{address}/progress").headers["HX-Refresh"] == "true"
    page = clerk.person.get(address)
    assert "<del>锦和苑</del> → <ins>锦和新苑</ins>" in page
    assert "XQ-N 新苑" in clerk.person.get(f"{address}?sort=new")
    assert count(clerk, Compound) == 2
    page = clerk.apply(address)
    assert "导入完成" in page
    assert count(clerk, Compound) == 3
    assert (count(clerk, BatchFile), count(clerk, BatchLine)) == (0, 0)
    with clerk.site.database.reading() as db:
        last = db.scalars(select(Entry).where(Entry.verb == "import")).all()[-1]
        assert (last.actor, last.subject, last.detail["created"]) == ("孙联络", "compounds", 1)


def test_a_preview_that_is_out_of_date_is_not_written(clerk: Clerk) -> None:
    address = clerk.check("compounds", "x.csv", compounds("XQ-JH,甲,商品房小区,510107001001"))
    with clerk.site.database.writing() as db:
        db.scalars(select(Compound).where(Compound.code == "XQ-JH")).one().name = "乙"
    page = clerk.apply(address)
    assert "已有变化" in page
    assert "<del>乙</del> → <ins>甲</ins>" in page
    with clerk.site.database.reading() as db:
        assert db.scalar(select(Compound.name).where(Compound.code == "XQ-JH")) == "乙"
    assert "导入完成" in clerk.apply(address)
    with clerk.site.database.reading() as db:
        assert db.scalar(select(Compound.name).where(Compound.code == "XQ-JH")) == "甲"


def test_a_stale_page_confirms_nothing(clerk: Clerk) -> None:
    address = clerk.check("compounds", "x.csv", compounds("XQ-N,甲,商品房小区,510107001001"))
    clerk.person.post(f"{address}/apply", 409, digest="0" * 64)
    assert count(clerk, Compound) == 2


def test_wrong_rows_are_listed_and_given_back_with_reasons(clerk: Clerk) -> None:
    data = compounds(
        "A1,甲,商品房小区,510107001001",
        *(f"B{n},乙,不明,510107001001" for n in range(60)),
        "C1,,商品房小区,510107002001",
    )
    address = clerk.check("compounds", "x.csv", data)
    page = clerk.person.get(address)
    assert "有误 61" in page
    assert "不在可选范围内" in page
    assert "不能为空" in clerk.person.get(f"{address}?sort=wrong&page=2")
    answer = clerk.person.client.get(f"{address}/refused.xlsx")
    sheet = read_sheet(answer.content, "x.xlsx", KINDS["compounds"].columns)
    assert sheet.count == 61
    assert sheet.ignored == ["行号", "原因"]
    assert count(clerk, Compound) == 2


def test_nobody_imports_outside_the_own_area(clerk: Clerk, other: Clerk) -> None:
    data = compounds("XQ-F,远苑,商品房小区,510107002001")
    assert "不在您可以导入的区域内" in clerk.person.get(clerk.check("compounds", "x.csv", data))
    assert "导入完成" in other.apply(other.check("compounds", "x.csv", data))


def test_a_batch_is_seen_by_its_uploader_alone(clerk: Clerk, other: Clerk) -> None:
    address = clerk.check("compounds", "x.csv", compounds("XQ-N,甲,商品房小区,510107001001"))
    for path in (address, f"{address}/progress", f"{address}/refused.xlsx"):
        other.person.get(path, 404)
    for verb in ("apply", "drop", "mapping"):
        other.person.post(f"{address}/{verb}", 404, digest="x")


@pytest.mark.parametrize(
    "path", ["/exchange", "/exchange/sources", "/exchange/templates/areas.xlsx"]
)
def test_those_who_may_not_load_find_no_page(clerk: Clerk, path: str) -> None:
    clerk.person.get(path)
    clerk.site.person("zhou").get(path, 404)


def test_foreign_headings_are_mapped_and_remembered(clerk: Clerk) -> None:
    address = clerk.check("cases", "热线.csv", HOTLINE)
    page = clerk.person.get(address)
    assert "等待列对应" in page
    for place, key in enumerate(("number", "source", "category", "compound", "received_at", "")):
        chosen = page.partition(f'name="column-{place}"')[2].partition("</select>")[0]
        assert f'value="{key}" selected' in " ".join(chosen.split()) or not key
    columns: dict[str, Any] = dict(zip(
        (f"column-{n}" for n in range(7)),
        ("number", "source", "category", "compound", "received_at", "", "satisfied"), strict=True,
    ))  # fmt: skip
    words: dict[str, Any] = {"word-1-0": "12345", "word-6-0": "满意"}
    clerk.person.post(f"{address}/mapping", **columns, **words, name="热线")
    clerk.work()
    assert "导入完成" in clerk.apply(address)
    with clerk.site.database.reading() as db:
        told = db.execute(select(Case.number, Case.source, Case.satisfied).order_by(Case.number))
        assert [tuple(row) for row in told] == [
            ("G1", Source.HOTLINE, True), ("G2", Source.HOTLINE, False),
        ]  # fmt: skip
        source = db.scalars(select(ColumnMap)).one()
    assert "热线" in clerk.person.get("/exchange/sources")
    again = clerk.check("cases", "热线.csv", HOTLINE, source=source.id)
    assert "无需导入" in clerk.person.get(again)


def test_a_column_chosen_twice_is_refused(clerk: Clerk) -> None:
    address = clerk.check("cases", "热线.csv", HOTLINE)
    page = clerk.person.post(f"{address}/mapping", 422, **TWICE)
    assert "对应了两列" in page


def test_a_source_is_kept_by_its_area(clerk: Clerk, other: Clerk) -> None:
    address = other.check("cases", "热线.csv", HOTLINE)
    other.person.post(f"{address}/mapping", name="热线", **ONCE)
    with other.site.database.reading() as db:
        number = db.scalars(select(ColumnMap.id)).one()
    assert "由上级区域维护" in clerk.person.get(f"/exchange/sources/{number}")
    clerk.person.post(f"/exchange/sources/{number}", 409, name="我的")
    clerk.person.post(f"/exchange/sources/{number}/forget", 409)
    other.person.post(f"/exchange/sources/{number}", name="新名", **ONCE)
    other.person.post(f"/exchange/sources/{number}/forget")
    other.person.get(f"/exchange/sources/{number}", 404)


def test_an_export_leaves_from_the_own_area_and_is_journalled(clerk: Clerk) -> None:
    page = clerk.person.post("/exchange/exports", kind="compounds", area="510107001", ending=".csv")
    assert "XQ-JH" in page
    clerk.person.post("/exchange/exports", 404, kind="compounds", area="510107", ending=".csv")
    with clerk.site.database.reading() as db:
        line = db.scalars(select(Entry).where(Entry.verb == "export")).one()
    assert (line.actor, line.subject, line.subject_id, line.detail["rows"]) == (
        "孙联络", "compounds", "510107001", 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "data", "why"),
    [
        ("compounds", "x.exe", b"MZ", "只能上传"),
        ("compounds", "x.xlsx", b"%PDF-1.7", "这不是 .xlsx"),
        ("compounds", "x.csv", b"PK\x03\x04", "不符"),
        ("compounds", "x.csv", b"", "空"),
        ("boundaries", "x.geojson", b"<xml>", "JSON"),
        ("boundaries", "x.csv", b"a,b", "只能上传"),
        ("mystery", "x.csv", b"a,b", "没有这种数据"),
    ],
)
def test_what_cannot_be_such_a_file_is_refused_at_the_door(
    clerk: Clerk, kind: str, name: str, data: bytes, why: str
) -> None:
    assert why in clerk.upload(kind, name, data, 404 if kind == "mystery" else 422)
    assert count(clerk, Batch) == 0


def test_a_file_without_headings_is_refused_by_the_worker(clerk: Clerk) -> None:
    page = clerk.person.get(clerk.check("compounds", "x.csv", b"just text\nand more\n"))
    assert "有误，未导入" in page


def test_a_dropped_batch_is_gone(clerk: Clerk) -> None:
    address = clerk.check("compounds", "x.csv", compounds("XQ-N,甲,商品房小区,510107001001"))
    assert "已放弃" in clerk.person.post(f"{address}/drop")
    assert (count(clerk, Batch), count(clerk, BatchFile), count(clerk, BatchLine)) == (0, 0, 0)


def test_what_nobody_confirms_goes_after_a_week(clerk: Clerk) -> None:
    clerk.check("compounds", "x.csv", compounds("XQ-N,甲,商品房小区,510107001001"))
    work_off(KINDS)(clerk.site.database, clerk.site.at + timedelta(days=6))
    assert count(clerk, Batch) == 1
    work_off(KINDS)(clerk.site.database, clerk.site.at + timedelta(days=8))
    assert (count(clerk, Batch), count(clerk, BatchFile)) == (0, 0)


def test_a_worker_that_died_is_followed_by_another(clerk: Clerk) -> None:
    address = clerk.upload("compounds", "x.csv", compounds("XQ-N,甲,商品房小区,510107001001"))
    with clerk.site.database.writing() as db:
        db.scalars(select(Batch)).one().leased_until = clerk.site.at + timedelta(minutes=10)
    clerk.work()
    assert "正在检查" in clerk.person.get(address)
    clerk.site.at += timedelta(minutes=11)
    clerk.work()
    assert "等待确认" in clerk.person.get(address)


def test_an_import_by_a_shut_account_is_refused(clerk: Clerk) -> None:
    from govgrid.accounts.actions import lock_account  # noqa: PLC0415

    data = "代码,名称,层级,上级代码\n510107001003,新社区,社区,510107001\n".encode()
    clerk.check("areas", "x.csv", data)
    with clerk.site.database.writing() as db:
        batch = db.scalars(select(Batch)).one()
        batch.stage = batch.stage.APPLYING
        lock_account(db, None, "sun", at=clerk.site.at)
    clerk.work()
    with clerk.site.database.reading() as db:
        assert db.scalar(select(Area.id).where(Area.code == "510107001003")) is None
        assert "停用" in str(db.scalars(select(Batch.refusal)).one())


def test_boundaries_and_workdays_come_in_too(clerk: Clerk, other: Clerk) -> None:
    square = (
        '{"type":"Polygon","coordinates":[[[104,30.6],[104.01,30.6],[104.01,30.61],[104,30.6]]]}'
    )
    data = (
        '{"type":"FeatureCollection","features":[{"type":"Feature",'
        f'"properties":{{"code":"510107001001"}},"geometry":{square}}}]}}'
    ).encode()
    address = clerk.check("boundaries", "x.geojson", data, crs="wgs84")
    assert "510107001001 锦江社区" in clerk.person.get(address)
    assert "导入完成" in clerk.apply(address)
    assert "没有注明坐标系" in clerk.person.get(clerk.check("boundaries", "y.geojson", data))
    bow = data.replace(b"[104.01,30.6],[104.01,30.61]", b"[104.01,30.61],[104.01,30.6],[104,30.61]")
    assert "自相交" in clerk.person.get(clerk.check("boundaries", "z.geojson", bow, crs="wgs84"))
    mended = clerk.check("boundaries", "z.geojson", bow, crs="wgs84", repair="1")
    assert "已修复 510107001001" in clerk.person.get(mended)
    days = b'{"year":2026,"papers":[],"days":[{"name":"A","date":"2026-01-01","isOffDay":true}]}'
    assert "适用于全市" in other.person.get(other.check("workdays", "x.json", days))


def test_lists_ask_the_database_no_more_for_more_rows(clerk: Clerk) -> None:
    statements: list[str] = []
    event.listen(
        clerk.site.house.database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )
    counts = set()
    for size in (1, 3, 20):
        lines = [f"XQ-{size}-{n},甲,商品房小区,510107001001" for n in range(size)]
        address = clerk.check(
            "compounds", "x.csv", compounds("XQ-JH,乙,商品房小区,510107001001", *lines)
        )
        for path in ("/exchange", address, f"{address}?sort=new", "/exchange/sources"):
            clerk.person.get(path)
        statements.clear()
        for path in ("/exchange", address, f"{address}?sort=new", "/exchange/sources"):
            clerk.person.get(path)
        counts.add(len(statements))
    assert len(counts) == 1
