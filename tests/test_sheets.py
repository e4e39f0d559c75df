"""Import sheets: cells read, headings found, wrong and hostile files refused, out and back."""

import io
import resource
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from govgrid.errors import Invalid
from govgrid.grid.models import Level
from govgrid.sheets import (
    Column,
    Outcome,
    Sheet,
    code,
    day,
    decimal,
    listed,
    moment,
    number,
    read_sheet,
    refused,
    text,
    whole,
    word,
    write_csv,
    write_sheet,
    yes_no,
)
from govgrid.sheets.writing import write_template
from tests.books import altered, workbook

# Date cells carry no zone.
MORNING = datetime(2026, 10, 8, 9, 30)  # noqa: DTZ001
COLUMNS = (
    Column("代码", "code", code(), required=True),
    Column("名称", "name", text(20), required=True),
    Column("层级", "level", word(Level), note="见说明"),
    Column("面积(㎡)", "size", number(0)),
    Column("户数", "households", whole(0)),
    Column("金额", "fee", decimal(2)),
    Column("日期", "on", day),
    Column("时间", "at", moment),
    Column("达标", "met", yes_no),
    Column("清单", "list", listed(code())),
)
HEAD = "代码,名称"
SHEET_PART = "xl/worksheets/sheet1.xml"


def written(columns: Sequence[Column], rows: Iterable[Mapping[str, object]], title: str) -> bytes:
    stream = io.BytesIO()
    write_sheet(stream, columns, rows, title)
    return stream.getvalue()


def plain_book() -> bytes:
    return written(COLUMNS[:2], [{"code": "1", "name": "甲"}], "表")


def read(data: bytes | str, name: str = "x.csv") -> Sheet:
    return read_sheet(data.encode() if isinstance(data, str) else data, name, COLUMNS)


def reason(data: bytes | str, name: str = "x.csv") -> str:
    with pytest.raises(Invalid) as caught:
        read(data, name)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_of_offices(encoding: str) -> None:
    sheet = read("名称 ,代码*,备注\n　锦江社区　,5101,x\n\n,,\n甲,乙,丙\n".encode(encoding))
    assert [(row.number, row.values["code"], row.values["name"]) for row in sheet.rows] == [
        (2, "5101", "锦江社区"),
        (5, "乙", "甲"),
    ]
    assert sheet.ignored == ["备注"]
    assert sheet.count == 2


def test_headings_may_stand_below_a_title_and_carry_units() -> None:
    sheet = read("小区登记表\n\n代码,名称,面积（平方米）\n1,甲,3.5\n")
    assert [(row.number, row.values["size"]) for row in sheet.rows] == [(4, 3.5)]


def test_an_absent_column_is_not_an_empty_one() -> None:
    sheet = read("代码,名称,户数\n1,甲,\n")
    assert (sheet.has("households"), sheet.has("size")) == (True, False)
    assert sheet.rows[0].values["households"] is None
    assert sheet.rows[0].values["size"] is None
    assert sheet.rows[0].texts == {"code": "1", "name": "甲"}


def test_every_wrong_cell_is_listed_and_its_row_set_aside() -> None:
    sheet = read("代码,名称,层级,户数\n1,,乡,x\n2,乙,社区,3\n")
    assert [(e.row, e.column, e.value) for e in sheet.errors] == [
        (2, "名称", ""), (2, "层级", "乡"), (2, "户数", "x"),
    ]  # fmt: skip
    assert [row.values["code"] for row in sheet.rows] == ["2"]
    outcome = refused("areas", sheet)
    assert (outcome.rows, outcome.created, len(outcome.errors)) == (2, 0, 3)
    assert outcome.json()["errors"][0] == {  # type: ignore[index]  # JSON
        "row": 2, "column": "名称", "value": "", "reason": "不能为空。",
    }  # fmt: skip


def test_an_importer_adds_refusals_of_its_own() -> None:
    sheet = read(f"{HEAD}\n1,甲\n")
    sheet.refuse(sheet.rows[0], "code", Invalid("与第 %(row)s 行重复。", row=2))
    assert str(sheet.errors[0].reason) == "与第 2 行重复。"
    assert (sheet.errors[0].column, sheet.errors[0].value) == ("代码", "1")


@pytest.mark.parametrize(
    ("data", "name", "part"),
    [
        ("", "x.csv", "空"),
        ("a,b\n1,2", "x.csv", "没有找到表头"),
        ("代码,层级\n1,市", "x.csv", "缺少必填列：名称"),
        ("代码,名称,代码\n1,甲,2", "x.csv", "出现了两次"),
        ('代码,名称\n"1,甲', "x.csv", "引号"),
        (f"{HEAD}\n{'x' * 200_000},甲", "x.csv", "过长"),
        (f"{HEAD}\n1,甲".encode("utf-16"), "x.csv", "UTF-16"),
        (f"{HEAD}\n1,甲".encode() + b"\n\xff\xff,x", "x.csv", "第 3 行"),
        (b"%PDF-1.7", "x.pdf", ".xlsx 或 .csv"),
        (b"%PDF-1.7", "x.xlsx", "这不是 .xlsx 文件"),
        (b"PK\x03\x04 not a package", "x.xlsx", "损坏"),
        (b"PK\x03\x04", "x.csv", "扩展名"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "x.xlsx", "密码"),
    ],
)
def test_a_wrong_file_is_refused_in_clear_words(data: bytes | str, name: str, part: str) -> None:
    assert part in reason(data, name)


def test_more_than_a_million_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govgrid.sheets.files.MOST_ROWS", 3)
    assert len(read(f"{HEAD}\n1,甲\n2,乙\n3,丙").rows) == 3
    assert "表格过大" in reason(f"{HEAD}\n1,甲\n2,乙\n3,丙\n4,丁")


def test_a_large_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govgrid.sheets.files.MOST_BYTES", 2**20)
    assert "请拆分" in reason(b"x" * (2**20 + 1))


def test_a_workbook_reads_the_first_sheet_with_the_headings() -> None:
    def fill(book: Workbook) -> None:
        book.add_worksheet("说明").write(0, 0, "请先阅读")
        data = book.add_worksheet("数据")
        data.write_row(2, 1, ["代码*", "名称", "日期", "时间", "层级"])
        data.write_row(3, 1, [510107, "武阳区"])
        data.write_datetime(
            3, 3, MORNING.replace(hour=0, minute=0), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        data.write_datetime(3, 4, MORNING, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        book.add_worksheet("隐藏").hide()

    (row,) = read(workbook(fill), "x.XLSX").rows
    assert row.number == 4
    assert row.values["code"] == "510107"
    assert row.values["on"] == date(2026, 10, 8)
    assert row.values["at"] == datetime(2026, 10, 8, 1, 30, tzinfo=UTC)


def test_a_long_code_stored_as_a_number_is_refused_not_rounded() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["代码", "名称"])
        sheet.write_row(1, 0, [510107001001001001, "第一微网格"])

    sheet = read(workbook(fill), "x.xlsx")
    assert not sheet.rows
    assert "文本" in str(sheet.errors[0].reason)


# Spellings of a place far away; each once made the reader allocate half a terabyte.
@pytest.mark.parametrize(
    "place",
    [b'r="XFD1000000"', b"r = 'XFD1000000'", b'r="xfd1000000"', b'\nr="&#88;FD1000000"', b'r="B9000000"'],
)  # fmt: skip
def test_a_cell_far_away_is_refused(place: bytes) -> None:
    data = altered(plain_book(), SHEET_PART, b'r="B2"', place)
    assert "表格过大" in reason(data, "x.xlsx")


def test_a_row_far_away_with_an_unplaced_cell_is_refused() -> None:
    data = altered(plain_book(), SHEET_PART, b'<row r="2"', b'<row r="4294967290"')
    data = altered(data, SHEET_PART, b' r="B2"', b"")
    assert "表格过大" in reason(data, "x.xlsx")


def test_cells_without_a_place_follow_the_last() -> None:
    data = altered(plain_book(), SHEET_PART, b' r="B2"', b"")
    assert read(data, "x.xlsx").rows[0].values["name"] == "甲"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
        (b'encoding="UTF-8"', b'encoding="UTF-16"'),
        (b"<worksheet", b"\0<worksheet"),
        (b'r="B2"', b'r="B2" r="B3"  <c  '),
    ],
)
def test_strange_markup_is_refused(old: bytes, new: bytes) -> None:
    data = altered(plain_book(), SHEET_PART, old, new)
    assert "损坏" in reason(data, "x.xlsx")


@pytest.mark.security
def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    stream = io.BytesIO(plain_book())
    with (
        zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/media/image1.png", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(2**20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "展开后" in reason(stream.getvalue(), "x.xlsx")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_package_that_lies_about_sizes_is_refused() -> None:
    data = bytearray(plain_book())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        part = package.getinfo(SHEET_PART)
    at = data.index(part.file_size.to_bytes(4, "little"), data.index(b"PK\x01\x02"))
    data[at : at + 4] = (10).to_bytes(4, "little")
    assert "损坏" in reason(bytes(data), "x.xlsx")


def test_a_cut_off_package_is_refused() -> None:
    data = plain_book()
    for end in range(0, len(data), len(data) // 20 or 1):
        with pytest.raises(Invalid):
            read(data[:end], "x.xlsx")


@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.xlsx"]))
def test_no_bytes_do_more_than_be_refused(data: bytes, name: str) -> None:
    with pytest.raises(Invalid):
        read(data, name)


ROW = {
    "code": "5101",
    "name": "甲",
    "level": Level.COMMUNITY,
    "size": 12.5,
    "households": 3,
    "fee": Decimal("1.50"),
    "on": date(2026, 10, 8),
    "at": datetime(2026, 10, 8, 1, 30, 15, tzinfo=UTC),
    "met": False,
    "list": ("a", "b"),
}


def test_what_is_written_reads_back_the_same() -> None:
    blank = {"code": "2", "name": "乙"}
    sheet = read(written(COLUMNS, [ROW, blank], "区域[1]"), "x.xlsx")
    assert sheet.rows[0].values == ROW
    assert sheet.rows[1].values == dict.fromkeys(ROW) | blank


@given(
    st.text(
        st.characters(exclude_categories=("C", "Z")) | st.sampled_from("'=+-@"),
        min_size=1,
        max_size=20,
    )
)
@example("_x0041_")
def test_any_text_reads_back_the_same(name: str) -> None:
    rows = [{"code": "1", "name": name}]
    lines = io.BytesIO()
    write_csv(lines, COLUMNS[:2], rows)
    for data, file in ((written(COLUMNS[:2], rows, "表"), "x.xlsx"), (lines.getvalue(), "x.csv")):
        assert read(data, file).rows[0].values["name"] == name


@given(st.just(0.0) | st.floats(1e-9, 1e14))
@example(0.1 + 0.2)
@example(1e-9)
def test_any_number_reads_back_the_same(size: float) -> None:
    rows = [{"code": "1", "name": "甲", "size": size}]
    lines = io.BytesIO()
    write_csv(lines, COLUMNS, rows)
    for data, file in ((written(COLUMNS, rows, "表"), "x.xlsx"), (lines.getvalue(), "x.csv")):
        assert read(data, file).rows[0].values["size"] == size


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("x")', "http://x.cn"])
def test_text_never_leaves_as_a_formula_or_link(name: str) -> None:
    data = written(COLUMNS[:2], [{"code": "1", "name": name}], "表")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        markup = package.read(SHEET_PART)
        assert b"<f>" not in markup
        assert b"<hyperlink" not in markup
        quoted = b'quotePrefix="1"' in package.read("xl/styles.xml")
    assert read(data, "x.xlsx").rows[0].values["name"] == name
    assert quoted is name.startswith(("=", "+", "-", "@"))


def test_a_template_has_headings_notes_and_choices() -> None:
    stream = io.BytesIO()
    write_template(stream, COLUMNS, "区域")
    data = stream.getvalue()
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        assert book.sheet_names == ["区域", "填写说明"]
        assert book.get_sheet_by_name("区域").to_python()[0][:3] == ["代码*", "名称*", "层级"]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert "社区,网格" in package.read(SHEET_PART).decode()
        assert "见说明" in package.read("xl/comments1.xml").decode()
    assert not read(data, "x.xlsx").rows


def test_an_outcome_answers_as_json() -> None:
    outcome = Outcome("areas", 3, created=1, updated=1, unchanged=1, ignored=["备注"])
    assert outcome.json() == {
        "kind": "areas", "rows": 3, "created": 1, "updated": 1, "unchanged": 1,
        "errors": [], "ignored": ["备注"],
    }  # fmt: skip
