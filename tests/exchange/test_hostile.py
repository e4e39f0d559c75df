"""Hostile and clumsy files: each a clear refusal, within bounded memory and time."""

import io
import multiprocessing
import resource
import zipfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from govgrid.db import Database
from govgrid.errors import Invalid
from govgrid.kinds import KINDS
from govgrid.sheets import MOST_ERRORS, Outcome, read_sheet
from tests import build
from tests.books import altered, workbook
from tests.build import City

AREAS = "代码,名称,层级,上级代码"
OFFICERS = "人员编号,姓名,职务,任职对象,任职起,任职止"
MIB = 2**20
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FIRST, SECOND = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
MOST_MEMORY, MOST_SECONDS = 256 * MIB, 10

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["govgrid.kinds", "govgrid.sheets"])


def read_alone(file: Path, answer: Connection) -> None:
    """Read one file in a process of its own, whose CPU time is limited; send what was told."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(before.ru_utime) + 1 + MOST_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    try:
        sheet = read_sheet(file.read_bytes(), file.name, KINDS["areas"].columns)
        told = f"read {sheet.count}"
    except Invalid as refusal:
        told = str(refusal)
    after = resource.getrusage(resource.RUSAGE_SELF)
    answer.send((told, (after.ru_maxrss - before.ru_maxrss) * 1024))


def plain(*rows: list[object]) -> bytes:
    def fill(made: Workbook) -> None:
        sheet = made.add_worksheet()
        for number, row in enumerate([AREAS.split(","), *rows]):
            sheet.write_row(number, 0, row)

    return workbook(fill)


def package(parts: dict[str, bytes]) -> bytes:
    """Return a workbook with these parts in the place of its own."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(plain(["5101", "市", "市", ""]))) as given,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in given.namelist():
            if name not in parts:
                made.writestr(name, given.read(name))
        for name, content in parts.items():
            made.writestr(name, content)
    return stream.getvalue()


def gigabyte() -> bytes:
    """Return a workbook of a few megabytes whose sheet unpacks to a gigabyte."""
    stream = io.BytesIO(package({}))
    with (
        zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
        made.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(1024):
            part.write(bytes(MIB))
    return stream.getvalue()


def lines(count: int) -> bytes:
    head = f"{AREAS}\n5101,锦里市,市,\n".encode()
    return head + b"".join(b"51%06d,x,y,5101\n" % number for number in range(count))


def entities() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]><sst>&l9;</sst>'
    return package({"xl/sharedStrings.xml": text.encode()})


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a bomb of a gigabyte": ("x.xlsx", gigabyte, "展开后超过"),
    "entities within entities": ("x.xlsx", entities, "损坏"),
    "an entity from outside": ("x.xlsx", lambda: package({
        "xl/sharedStrings.xml": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst/>',
    }), "损坏"),
    "a million rows": ("x.csv", lambda: lines(1_000_000), "表格过大"),
    "fifty thousand wrong rows": ("x.csv", lambda: lines(50_000), "read 50001"),
    "another encoding": ("x.csv", lambda: AREAS.encode("utf-16"), "UTF-16"),
    "bytes of no encoding": ("x.csv", lambda: AREAS.encode() + b"\n\xff\xff", "编码"),
    "the wrong table": ("x.xlsx", lambda: workbook(lambda b: b.add_worksheet().write_row(0, 0, ["甲", "乙"])), "没有找到表头"),
    "an empty book": ("x.xlsx", lambda: workbook(lambda b: b.add_worksheet()), "没有"),
    "a nest of quotes": ("x.csv", lambda: f'{AREAS}\n"'.encode() + b'"' * 999_999, "引号"),
    "one endless line": ("x.csv", lambda: AREAS.encode() + b",x" * 10_000_000, "表格过大"),
    "a stack of archives": ("x.xlsx", lambda: package({f"p{n}.xml": b"<x/>" for n in range(600)}), "损坏"),
}  # fmt: skip


@pytest.mark.security
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_bounds(name: str, tmp_path: Path) -> None:
    called, make, told = HOSTILE[name]
    file = tmp_path / called
    file.write_bytes(make())
    answer, end = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=read_alone, args=(file, end))
    process.start()
    end.close()
    said, memory = answer.recv()
    process.join()
    assert told in said
    assert memory < MOST_MEMORY, memory // MIB


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        db.expunge_all()
    return made


def load(database: Database, kind: str, data: bytes | str, at: datetime, name: str) -> Outcome:
    given = data if isinstance(data, bytes) else data.encode()
    with database.reading() as db:
        return KINDS[kind].load(db, None, given, name, at=at)


def wrong(outcome: Outcome) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in outcome.errors]


def test_formula_cells_count_as_what_was_computed(database: Database, at: datetime) -> None:
    def fill(made: Workbook) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, AREAS.split(","))
        sheet.write_formula(1, 0, "=5100+1", None, "5101")
        sheet.write_formula(1, 1, '=HYPERLINK("http://x.example")', None, "锦里市")
        sheet.write_string(1, 2, "市")
        sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 1, ["武阳区", "区县", "5101"])

    outcome = load(database, "areas", workbook(fill), at, "x.xlsx")
    assert wrong(outcome) == [(3, "代码")]


SUM = b'<c r="D5"><f>1+1</f><v>99</v></c>'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<v>99</v>", b""),
        (b"<v>99</v>", b"<v/>"),
        (b"<v>99</v>", b"<v xml:space='preserve'>\n </v>"),
        (b"<f>1+1</f><v>99</v>", b"<f t='shared' si='0' />"),
        (SUM, b'<c r="D5" t="str" s=\'0\'>\n<f>1&lt;1</f>\n</c>'),
        (SUM, b'<x:c r="D5" xmlns:x="%s"><x:f>1</x:f><x:v/></x:c>' % MAIN),
    ],
)  # fmt: skip
def test_a_formula_without_a_result_is_refused_by_its_place(
    database: Database, at: datetime, old: bytes, new: bytes
) -> None:
    def fill(made: Workbook) -> None:
        made.add_worksheet("说明").write_formula(0, 0, "=2+2", None, 4)  # of no concern
        sheet = made.add_worksheet("区域")
        sheet.write_row(2, 1, AREAS.split(","))
        sheet.write_row(3, 1, ["5101", "锦里市", "市"])
        sheet.write_row(4, 1, ["510107", "", "区县", "5101"])
        sheet.write_formula(4, 2, "=1+2", None, "武阳区")
        sheet.write_formula(4, 3, "=1+1", None, 99)

    data = altered(workbook(fill), FIRST, b"<v>4</v>", b"")
    (error,) = load(database, "areas", altered(data, SECOND, old, new), at, "x.xlsx").errors
    assert (error.row, error.column, error.value[:1]) == (5, "层级", "=")
    assert "“区域”的单元格 D5 是公式" in str(error.reason)


def test_a_formula_that_came_to_an_empty_text_is_an_empty_cell(
    database: Database, at: datetime
) -> None:
    def fill(made: Workbook) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, AREAS.split(","))
        sheet.write_row(1, 0, ["5101", "锦里市", "市"])
        sheet.write_formula(1, 3, '=""', None, "x")

    data = altered(workbook(fill), FIRST, b"<v>x</v>", b"<v></v>")
    assert load(database, "areas", data, at, "x.xlsx").created == 1


def test_two_sheets_with_the_headings_are_refused(database: Database, at: datetime) -> None:
    def fill(made: Workbook, *, hidden: bool) -> None:
        for title, code in (("十月", "5101"), ("十一月", "5102")):
            sheet = made.add_worksheet(title)
            sheet.write_row(1, 1, AREAS.split(","))
            sheet.write_row(2, 1, [code, "锦里市", "市"])
        if hidden:
            sheet.hide()

    with pytest.raises(Invalid, match=r"“十月”和“十一月”的表头都符合.*请删除或隐藏"):
        load(database, "areas", workbook(partial(fill, hidden=False)), at, "x.xlsx")
    assert load(database, "areas", workbook(partial(fill, hidden=True)), at, "x.xlsx").created == 1


def test_a_tree_that_bites_its_tail_is_refused(
    database: Database, city: City, at: datetime
) -> None:
    rows = "510107001009,甲,社区,510107001009\n510199,乙,区县,510198\n510198,丙,区县,510199\n"
    outcome = load(database, "areas", f"{AREAS}\n{rows}", at, "x.csv")
    assert {row for row, _column in wrong(outcome)} == {2, 3}  # the fourth hangs on a wrong row


def test_codes_under_the_wrong_parent_are_all_listed(
    database: Database, city: City, at: datetime
) -> None:
    rows = "510107002005,甲,社区,510107001\n510107001001009,乙,网格,510107001\n5102,丙,区县,5101\n"
    outcome = load(database, "areas", f"{AREAS}\n{rows}", at, "x.csv")
    assert wrong(outcome) == [(2, "上级代码"), (3, "上级代码"), (4, "代码")]


def test_overlapping_posts_are_refused_row_by_row(
    database: Database, city: City, at: datetime
) -> None:
    rows = (
        "P1,甲,社区书记,510107001001,2026-01-01,2026-06-30\n"
        "P1,甲,社区书记,510107001001,2026-06-30,\n"
        "P2,乙,社区书记,510107001001,2026-01-01,2026-06-30\n"
        "P2,乙,社区书记,510107001001,2026-07-01,\n"
    )
    outcome = load(database, "officers", f"{OFFICERS}\n{rows}", at, "x.csv")
    assert wrong(outcome) == [(2, "任职起"), (3, "任职起")]


def test_errors_are_all_counted_and_the_first_listed(database: Database, at: datetime) -> None:
    outcome = load(database, "areas", lines(MOST_ERRORS + 500), at, "x.csv")
    assert len(outcome.errors) == MOST_ERRORS
    assert outcome.wrong == MOST_ERRORS + 500
    assert outcome.json()["errors_total"] == MOST_ERRORS + 500


@pytest.mark.parametrize("depth", [100, 100_000])
def test_a_deep_json_is_refused(database: Database, at: datetime, depth: int) -> None:
    data = b'{"type":"FeatureCollection","features":' + b"[" * depth + b"]" * depth + b"}"
    for kind in ("boundaries", "workdays"):
        try:
            outcome = load(database, kind, data, at, "x.json")
        except Invalid:
            continue
        assert outcome.errors
