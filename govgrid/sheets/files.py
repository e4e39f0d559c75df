"""From the bytes of a sheet file to rows of cells: xlsx and CSV, every size bounded first."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from govgrid.errors import Invalid

MOST_BYTES = 64 * 2**20
MOST_INFLATED = 512 * 2**20
MOST_ROWS = 1_000_000
MOST_CELLS = 20_000_000  # a workbook is laid out as a full rectangle: 32 bytes a cell
MOST_MEMBERS = 500

Cells = list[object]
Table = tuple[str, int, Iterable[Cells]]  # name, number of the first row, rows

_PLACE = re.compile(rb"""\br=["']([A-Za-z]{1,8})([0-9]{1,12})["']""")
_TAIL = 64  # longer than any cell reference, so that none is cut between two pieces


def tables(data: bytes, name: str) -> Iterator[Table]:
    """Yield the tables of a file, first sheet first. Raise `Invalid` for what is no sheet."""
    if len(data) > MOST_BYTES:
        raise Invalid("文件超过 %(most)s MB，请拆分后分批导入。", most=MOST_BYTES // 2**20)
    if not data.strip():
        raise Invalid("文件是空的。")
    ending = name.lower().rpartition(".")[2]
    if ending == "xlsx":
        if not data.startswith(b"PK"):
            raise Invalid(
                "这不是 .xlsx 文件（或设有密码）。请用表格软件打开，另存为 .xlsx 后重试。"
            )
        yield from _workbook(data)
    elif ending in {"csv", "txt"}:
        if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise Invalid("这是表格软件的文件，不是 CSV。请把扩展名改回 .xlsx 后重试。")
        yield name, 1, _lines(_decoded(data))
    else:
        raise Invalid("只能导入 .xlsx 或 .csv 文件，现为“%(name)s”。", name=name[-60:])


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("文件编码是 UTF-16。请另存为“CSV UTF-8”后重试。")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            raise Invalid(
                "文件编码既不是 UTF-8 也不是 GB18030（第 %(line)s 行有无法识别的字节）。"
                "请另存为“CSV UTF-8”后重试。",
                line=data.count(b"\n", 0, error.start) + 1,
            ) from None


def _lines(text: str) -> Iterator[Cells]:
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader):
            if number > MOST_ROWS:
                raise _too_long()
            yield list(cells)
    except csv.Error:
        raise Invalid(
            "CSV 第 %(line)s 行附近的引号不成对，或单元格过长，请检查。", line=reader.line_num
        ) from None


def _workbook(data: bytes) -> Iterator[Table]:
    _check_package(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for meta in book.sheets_metadata:
                if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible:
                    sheet = book.get_sheet_by_name(meta.name)
                    first = sheet.start[0] + 1 if sheet.start else 1
                    rows: Iterator[Cells] = map(list, sheet.iter_rows())
                    yield meta.name, first, rows
    except (CalamineError, OSError):
        raise _broken() from None


def _check_package(data: bytes) -> None:
    """Read every XML part once, so that no size or place can lie to the fast reader."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MOST_MEMBERS or len(names) < len(parts):
                raise _broken()
            if "xl/workbook.xml" not in names:
                raise _broken()
            if sum(part.file_size for part in parts) > MOST_INFLATED:
                raise Invalid("文件展开后超过 %(most)s MB，已拒绝。", most=MOST_INFLATED // 2**20)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(package, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise _broken() from None


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    sheet = "worksheets/" in part.filename
    width = height = 0
    tail = b""
    with package.open(part) as stream:
        while piece := stream.read(4 * 2**20):
            if b"<!DOCTYPE" in tail + piece or b"<!ENTITY" in tail + piece:
                raise _broken()
            if not sheet:
                tail = piece[-_TAIL:]
                continue
            found = _PLACE.findall(tail + piece)
            width = max(
                width, max((_column(letters) for letters in {c for c, _ in found}), default=0)
            )
            height = max(height, max(map(int, {r for _, r in found}), default=0))
            if height > MOST_ROWS + 1 or width * height > MOST_CELLS:
                raise _too_long()
            tail = piece[-_TAIL:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _too_long() -> Invalid:
    return Invalid(
        "表格过大：最多 %(rows)s 行。如果实际行数不多，请删除表格末尾的空行、空列后重试。",
        rows=MOST_ROWS,
    )


def _broken() -> Invalid:
    return Invalid("文件已损坏或不是表格，无法读取。请用表格软件打开，另存为 .xlsx 后重试。")
