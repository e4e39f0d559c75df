"""Notice boards: what stands on them, that no vacancy is printed unasked, a street in one PDF."""

import io
import re
from dataclasses import replace
from datetime import date, datetime

import pikepdf
import pytest
import segno
from sqlalchemy import select

from govgrid import archive, journal
from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Invalid, NotFound
from govgrid.grid.actions.boards import ask_for_boards
from govgrid.grid.models import Area, BoardPrint, Officer, PaperSize
from govgrid.grid.papers.board import MOST_MEMBERS, board_sheet, one_click_code, phone_text
from govgrid.grid.papers.desk import print_boards
from govgrid.grid.queries.boards import Board, Contact, Line, boards
from govgrid.press.press import Press
from tests import build
from tests.build import City

pytestmark = pytest.mark.one_engine

ON = date(2026, 11, 23)


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        city = build.small_city(db)
        complete(city)
        db.flush()
        city.compound.company_id = build.organization(db, "锦里安居物业服务有限公司").id
        db.flush()
        db.expunge_all()
    return city


def complete(city: City) -> None:
    """Give the small city's officers phones, so that 锦和苑 lacks nothing but its company."""
    officers = (city.manager, city.grid_leader, city.police, city.housing, *city.members)
    for number, officer in enumerate(officers):
        officer.phone = f"1000000{number:04d}"


def board_of(database: Database, number: int) -> Board:
    with database.reading() as db:
        return boards(db, [number], ON)[0]


def test_a_board_names_everybody_with_duty_phones(database: Database, city: City) -> None:
    board = board_of(database, city.compound.id)
    said = {line.label: [(c.name, c.phone) for c in line.contacts] for line in board.lines}
    assert said == {
        "住建部门": [("吴住建", "10000000003")],
        "物业企业": [("锦里安居物业服务有限公司", None)],
        "项目经理": [("钱经理", "10000000000")],
        "网格长": [("王网格", "10000000001")],
        "社区民警": [("张警官", "10000000002")],
        "微网格员": [("李微", "10000000004"), ("赵微", "10000000005")],
    }
    assert board.whole
    assert (board.district.name, board.street.name) == ("武阳区", "江桥街道")


def test_a_department_stands_by_its_own_name_and_phone(database: Database, city: City) -> None:
    with database.writing() as db:
        department = build.organization(db, "武阳区住建局")
        department.phone = "028-60000000"
        db.get_one(Officer, city.housing.id).organization_id = department.id
    (first, *_) = board_of(database, city.compound.id).lines
    assert first.contacts == (Contact("武阳区住建局", "028-60000000"),)


def test_gaps_are_told_apart(database: Database, city: City) -> None:
    courtyard = board_of(database, city.courtyard.id)
    assert courtyard.vacancies == ("物业企业", "项目经理")
    with database.writing() as db:
        db.get_one(Officer, city.grid_leader.id).phone = None
        db.get_one(Officer, city.police.id).phone = None
    board = board_of(database, city.compound.id)
    assert (board.vacancies, board.without_phone) == ((), ("网格长",))
    assert not board.whole


def html(press: Press, board: Board, at: datetime, size: PaperSize = PaperSize.A4) -> str:
    return board_sheet(press.fonts, board, size, "https://grid.example.cn/", ON, at).html


def test_gaps_are_marked_on_paper(
    database: Database, city: City, press: Press, at: datetime
) -> None:
    page = html(press, board_of(database, city.courtyard.id), at)
    assert len(re.findall(r'class="vacant">暂缺<', page)) == 2
    assert "暂缺" not in html(press, board_of(database, city.compound.id), at)
    assert "2026 年 11 月 23 日" in page


def test_the_code_leads_to_the_district(database: Database, city: City) -> None:
    board = board_of(database, city.compound.id)
    wanted = segno.make_qr("https://grid.example.cn/q/510107", error="m")
    svg = one_click_code("https://grid.example.cn/", board)
    path = re.search(r' d="([^"]+)"', svg)
    expected = re.search(r' d="([^"]+)"', wanted.svg_inline(border=0, omitsize=True))
    assert path
    assert expected
    assert path[1] == expected[1]


@pytest.mark.parametrize(("size", "wide"), [(PaperSize.A4, 595), (PaperSize.A3, 842)])
def test_the_fullest_board_is_one_page_with_its_fonts_inside(
    database: Database, city: City, press: Press, at: datetime, size: PaperSize, wide: int
) -> None:
    board = board_of(database, city.compound.id)
    long = "锦里市安居物业服务有限公司第一分公司武阳区江桥街道锦江社区项目管理部"
    people = tuple(Contact(f"阿卜杜热合曼{n}", f"1000000{n:04d}") for n in range(40))
    lines = tuple(
        Line(line.label, people if line.label == "微网格员" else (Contact(long, "028-60000000"),))
        for line in board.lines
    )
    board.compound.name = "江桥街12号老旧院落第二片区幸福家园一二三四五六期及附属商业楼栋"
    board = replace(board, lines=lines)
    sheet = board_sheet(press.fonts, board, size, "http://testserver", ON, at)
    assert f"另有 {40 - MOST_MEMBERS} 名" in sheet.html
    with pikepdf.open(io.BytesIO(press.print(sheet))) as pdf:
        assert len(pdf.pages) == 1
        assert round(float(pdf.pages[0].mediabox[2])) == wide
        fonts = [font for page in pdf.pages for font in page.resources["/Font"].values()]
        assert len(fonts) == 2
        for font in fonts:
            (inner,) = font["/DescendantFonts"]
            assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].keys())


def test_the_same_board_gives_the_same_bytes(
    database: Database, city: City, press: Press, at: datetime
) -> None:
    board = board_of(database, city.compound.id)
    sheet = board_sheet(press.fonts, board, PaperSize.A4, "http://testserver", ON, at)
    assert press.print(sheet) == press.print(sheet)


def test_a_character_without_a_font_is_named(
    database: Database, city: City, press: Press, at: datetime
) -> None:
    board = board_of(database, city.compound.id)
    board.compound.name = "锦和😀苑"
    with pytest.raises(Invalid, match="😀"):
        html(press, board, at)
    board.compound.name = "<b>锦和</b>"
    assert "<b>" not in html(press, board, at)


@pytest.mark.parametrize(
    ("number", "shown"), [("13800000000", "138 0000 0000"), ("028-60000000", "028-60000000")]
)
def test_a_mobile_number_is_read_in_groups(number: str, shown: str) -> None:
    assert phone_text(number) == shown


@pytest.fixture
def liaison(database: Database, city: City) -> Actor:
    with database.reading() as db:
        return build.actor(db, city.liaison, Role.LIAISON, city.street)


def asked(database: Database, actor: Actor, area: Area, at: datetime, *, gaps: bool) -> int:
    with database.writing() as db:
        where = db.get_one(Area, area.id)
        return ask_for_boards(db, actor, where, PaperSize.A4, with_gaps=gaps, at=at).id


@pytest.mark.parametrize("gaps", [False, True])
def test_a_street_is_bound_as_one_and_gaps_are_never_silent(
    database: Database, city: City, liaison: Actor, press: Press, at: datetime, *, gaps: bool
) -> None:
    number = asked(database, liaison, city.street, at, gaps=gaps)
    step = print_boards(press)
    assert step(database, at) == 2
    assert step(database, at) == 0
    with database.reading() as db:
        job = db.get_one(BoardPrint, number)
        assert (len(job.parts), job.finished_at) == (2 if gaps else 1, at)
        told = [] if gaps else ["锦江社区 江桥街12号院：缺物业企业、项目经理"]
        assert job.skipped == told
        assert job.paper
        data = archive.fetch(database.settings.archive, job.paper)
        (line,) = db.scalars(select(journal.Entry).where(journal.Entry.subject == "boards"))
        assert (line.verb, line.detail["boards"], line.detail["gaps"]) == ("print", 2, gaps)
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
        assert len(pdf.pages) == (2 if gaps else 1)
        (community,) = outline.root
        assert community.title == "锦江社区"
        found = [child.title for child in community.children]
        assert found == ["锦和苑", "江桥街12号院"][: len(pdf.pages)]


def test_a_job_goes_on_where_a_worker_stopped(
    database: Database,
    city: City,
    liaison: Actor,
    press: Press,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("govgrid.grid.papers.desk.BATCH", 1)
    number = asked(database, liaison, city.street, at, gaps=True)
    step = print_boards(press)
    assert step(database, at) == 1
    with database.reading() as db:
        job = db.get_one(BoardPrint, number)
        assert (len(job.parts), len(job.waiting), job.finished_at) == (1, 1, None)
    assert print_boards(press)(database, at) == 1
    with database.reading() as db:
        assert db.get_one(BoardPrint, number).paper


def test_an_area_with_nothing_to_print_ends_with_the_reason(
    database: Database, city: City, liaison: Actor, press: Press, at: datetime
) -> None:
    with database.writing() as db:
        db.get_one(Officer, city.grid_leader.id).phone = None
    number = asked(database, liaison, city.street, at, gaps=False)
    print_boards(press)(database, at)
    with database.reading() as db:
        job = db.get_one(BoardPrint, number)
        assert job.failure
        assert job.paper is None
    with pytest.raises(Invalid, match="没有登记小区"):
        asked(database, liaison, city.next_community, at, gaps=True)
    with pytest.raises(NotFound):
        asked(database, liaison, city.next_street, at, gaps=True)
