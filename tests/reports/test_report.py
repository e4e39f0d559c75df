"""The monthly report: paper and workbook say what the queries say, nothing more, always alike."""

import io
from datetime import date, datetime

import pikepdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from govgrid.cases.queries import rates
from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.grid.models import Compound
from govgrid.meetings.queries.figures import figures_of
from govgrid.press.press import Press
from govgrid.reports.content import report_of
from govgrid.reports.papers.page import report_sheet
from govgrid.reports.rules import Chapter, Report, Stamp, change, counted_on
from govgrid.reports.workbook import workbook
from govgrid.sheets.book import Share
from tests.build import clock
from tests.reports.world import AT, OCTOBER, World, area, laid, pages, sheets

STAMP = Stamp("孙联络", AT)
pytestmark = pytest.mark.one_engine


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as db:
        return laid(db)


def made(database: Database, known: object, month: date = OCTOBER, at: datetime = AT) -> Report:
    with database.reading() as db:
        return report_of(db, area(db, known), month, as_of=at)  # type: ignore[arg-type]


def chapter(report: Report, title: str) -> Chapter:
    return next(one for one in report.chapters if one.title == title)


def test_the_chapters_say_what_the_queries_say(database: Database, world: World) -> None:
    report = made(database, world.city.district)
    with database.reading() as db:
        counts = rates(db, OCTOBER, world.city.district.path, as_of=AT).total.counts
        met = figures_of(db, OCTOBER, area(db, world.city.district), as_of=AT).total
    compared, by_area = chapter(report, "四率").tables
    assert compared.rows[0][:4] == ("响应率", Share(2, 4), Share(1, 1), -0.5)
    assert compared.rows[0][4:] == (Share(0, 0), None)
    assert by_area.rows[-1][1:3] == (counts.received, Share(counts.replied_in_time, 4))
    assert [row[0] for row in by_area.rows] == ["江桥街道", "望江街道", "合计"]
    words, worst = chapter(report, "超时").tables
    assert [(row[0], row[1]) for row in words.rows] == [
        ("停车", Share(1, 2)), ("噪音", Share(1, 1)), ("漏水", Share(1, 1)), ("合计", Share(3, 4)),
    ]  # fmt: skip
    assert [(row[0], row[2]) for row in worst.rows] == [
        ("锦和苑", Share(2, 3)),
        ("望江苑", Share(1, 1)),
    ]
    shown = chapter(report, "双晒").tables[0]
    assert shown.rows[-1] == ("合计", Share(1, 2), 1, 1, Share(0, 1), 1)
    meetings = chapter(report, "联席会议").tables[0]
    assert meetings.rows[-1] == (
        "合计",
        *(Share(*met.part(n)) for n in ("held", "on_time", "quorum", "signed")),
    )
    totals, late = chapter(report, "督办事项").tables
    assert totals.rows[-1] == ("合计", 1, Share(0, 0), 1, 1)
    assert late.rows == (
        ("锦和苑", "锦江社区", "回访住户 138****5678", "王网格", date(2026, 11, 3), 20),
    )
    measures, *_rest = chapter(report, "老旧小区覆盖").tables
    assert measures.rows[0][:3] == ("小区（个）", Share(0, 1), Share(1, 1))
    (steps,) = chapter(report, "督导措施").tables
    assert steps.rows[0][:3] == ("江桥街道", "锦和物业", "约谈")
    assert steps.rows[0][4] == "响应率 66.7%（标准 90%）"
    assert "不足 10 件" in chapter(report, "物业企业排名").notes[0]
    assert [row[0] for row in chapter(report, "物业企业排名").tables[1].rows] == [
        "=望江物业",
        "锦和物业",
    ]


def test_the_paper_holds_the_figures_and_says_on_every_page_as_of_when(
    database: Database, world: World, press: Press
) -> None:
    report = made(database, world.city.district)
    pdf = press.print(report_sheet(press.fonts, report, STAMP))
    told = pages(pdf)
    assert len(told) > 2
    for number, page in enumerate(told, 1):
        assert "数据截至2026年11月23日09:00" in page
        assert f"第{number}页，共{len(told)}页" in page
        assert "编制孙联络2026年11月23日09:00" in page
    whole = "".join(told)
    for text in ("武阳区2026年10月物业服务与联席会议月报", "50.0%", "2/4", "-50.0", "锦和物业",
                 "138****5678", "近12个月四率", "八、督导措施", "每日一次"):  # fmt: skip
        assert text in whole, text
    assert "李某" not in whole
    assert "13812345678" not in whole
    assert pdf == press.print(report_sheet(press.fonts, report, STAMP))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.Lang == "zh-CN"
        assert {round(float(size)) for size in opened.pages[0].mediabox[2:]} == {595, 842}


def test_the_workbook_holds_real_numbers_and_no_formulas(database: Database, world: World) -> None:
    report = made(database, world.city.district)
    book = workbook([report], STAMP)
    assert book == workbook([report], STAMP)
    found = sheets(book)
    assert list(found) == ["说明", *(one.title for one in report.chapters)]
    front = {str(row[0]): row[1] for row in found["说明"] if row[0]}
    assert (front["导出人"], front["数据截至"]) == ("孙联络", "2026年11月23日 09:00")
    (row,) = (row for row in found["四率"] if row[0] == "响应率" and isinstance(row[1], float))
    assert row[:8] == ["响应率", 0.5, 2, 4, 1, 1, 1, -50]
    (total,) = (row for row in found["联席会议"] if row[0] == "合计")
    assert total[:4] == ["合计", 1, 1, 1]
    (late,) = (row for row in found["督办事项"] if row[0] == "锦和苑")
    assert late[4:6] == [datetime(2026, 11, 3), 20]  # noqa: DTZ001
    opened = load_workbook(io.BytesIO(book))
    (cell,) = (
        c for row in opened["物业企业排名"].iter_rows() for c in row if c.value == "=望江物业"
    )
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    formats = {c.number_format for row in opened["四率"].iter_rows() for c in row if c.value == 0.5}
    assert formats == {"0.0%"}


def test_a_month_without_anything_says_so(database: Database, world: World, press: Press) -> None:
    report = made(database, world.city.next_community)
    assert report.empty
    (page,) = pages(press.print(report_sheet(press.fonts, report, STAMP)))
    assert "本月没有任何记录" in page
    early = made(database, world.city.district, date(2026, 8, 1))
    assert chapter(early, "四率").empty
    assert chapter(early, "联席会议").empty == "本月没有应开的联席会议。"
    assert not early.empty  # the old compounds stand there all the same
    told = "".join(pages(press.print(report_sheet(press.fonts, early, STAMP))))
    assert "本月没有受理诉求，各率无从计算。" in told
    with pytest.raises(Invalid, match="社区、街道、区县"):
        made(database, world.city.grid)


def test_what_no_font_has_is_marked_and_markup_is_text(
    database: Database, world: World, press: Press
) -> None:
    with database.writing() as db:
        name = update(Compound).where(Compound.code == "XQ-WJ").values(name="<b>望江😀苑</b>")
        db.execute(name)
    sheet = report_sheet(press.fonts, made(database, world.city.district), STAMP)
    assert "&lt;b&gt;望江〓苑" in sheet.html
    assert "没有字形" in sheet.html
    assert (
        "没有字形" not in report_sheet(press.fonts, made(database, world.city.street), STAMP).html
    )


def test_plain_rules() -> None:
    assert counted_on(OCTOBER, AT) == date(2026, 10, 31)
    assert counted_on(date(2026, 11, 1), AT) == date(2026, 11, 23)
    assert change(Share(1, 2), Share(0, 0)) is None
    assert change(Share(3, 4), Share(1, 2)) == 0.25
    assert clock("2026-11-23 09:00") == AT
