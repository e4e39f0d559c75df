"""The parts of an .xlsx, read once in full, so that none can lie to the fast reader.

calamine lays a sheet out as a full rectangle: one cell far away aborts the process. It also trusts
the sizes that the archive declares. So it gets a package of our own, of parts that were measured.
"""

import io
import re
import secrets
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from govgrid.errors import Invalid

MOST_INFLATED = 256 * 2**20
MOST_ROWS = 300_000  # a whole city has half as many; more would not fit into a gigabyte
MOST_CELLS = 10_000_000  # of the rectangle that holds all cells: 32 bytes each
MOST_PARTS = 500

_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # all that the format allows
_PIECE = 4 * 2**20
_ANY_CELL = re.compile(rb"""<(?:[^\s<>/:"'=]*:)?c[\s/>]""")
_UNPREFIXED = re.compile(rb"<c[\s/>]")
_CELL = re.compile(rb"""<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"[\s/>]""")
_LETTERS, _DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"
# A cell with a formula and, at most, an empty value.
_FORMULA = re.compile(
    rb"""<((?:[^\s<>/:"'=]{1,99}:)?)c(\s[^<>]*)?>\s{0,99}"""
    rb"""<\1f(?:\s[^<>]*)?(?:/>|>([^<]*)</\1f\s{0,99}>)\s{0,99}"""
    rb"""(<\1v(?:\s[^<>]*)?(?:/>|>\s{0,99}</\1v\s{0,99}>)\s{0,99})?</\1c\s{0,99}>"""
)
_TYPE = re.compile(rb"""\bt\s*=\s*(?:"([^"]*)"|'([^']*)')""")
MARK = f"{secrets.token_hex(16)}="  # no text of a file begins so
_PLACE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,10})")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([\w.-]*)["']""")


def repacked(data: bytes) -> tuple[io.BytesIO, bool]:
    """Return the same package, unpacked and measured. Raise `Invalid` where it is none.

    A formula without a result, which the fast reader takes for an empty cell, is a text that
    begins with `MARK`; tell whether there is any.
    """
    marks = 0
    stream = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(stream, "w") as checked:
            for part in _parts(given):
                content = given.read(part)
                _check_markup(content)
                for columns, rows in _extents(content):
                    if rows > MOST_ROWS + 1 or columns * rows > MOST_CELLS:
                        raise too_long()
                if b"f>" in content or b"f/>" in content:
                    content, more = _FORMULA.subn(_marked, content)
                    marks += more
                checked.writestr(part.filename, content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise broken() from None
    except expat.ExpatError:
        raise broken() from None
    stream.seek(0)
    return stream, marks > 0


def _marked(cell: re.Match[bytes]) -> bytes:
    prefix, attributes, formula, value = (part or b"" for part in cell.groups())
    kind = _TYPE.search(attributes)
    if kind and b"str" in kind.groups() and value:
        return cell[0]  # it came to an empty text
    attributes, text = _TYPE.sub(b"", attributes), MARK.encode() + formula
    return b'<%bc%b t="str"><%bv>%b</%bv></%bc>' % (
        prefix,
        attributes,
        prefix,
        text,
        prefix,
        prefix,
    )


def _parts(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    parts = package.infolist()
    names = {part.filename.lower() for part in parts}
    if len(parts) > MOST_PARTS or len(names) < len(parts) or "xl/workbook.xml" not in names:
        raise broken()
    if sum(part.file_size for part in parts) > MOST_INFLATED:
        raise Invalid("文件展开后超过 %(most)s MB，已拒绝。", most=MOST_INFLATED // 2**20)
    if any(part.compress_type not in _PACKED for part in parts):
        raise broken()
    return [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]


def _check_markup(content: bytes) -> None:
    head = content[:200]
    named = _ENCODING.search(head)
    if b"\0" in head or (named and named[1].lower() not in {b"utf-8", b"us-ascii"}):
        raise broken()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise broken()


def _extents(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield columns and rows that the cells reach: quickly, or by a parser where one looks odd."""
    columns: set[bytes] = set()
    height = start = 0
    while start < len(content):
        end = (
            content.rfind(b"<", start + 1, start + _PIECE) if start + _PIECE < len(content) else -1
        )
        piece = content[start : end if end > start else start + _PIECE]
        found = _CELL.findall(piece)
        any_cell = _ANY_CELL if b":c" in piece else _UNPREFIXED
        if len(found) != len(any_cell.findall(piece)):
            yield _parsed(content)
            return
        places = b" ".join(found)
        columns.update(places.translate(None, _DIGITS).split())
        height = max([height, *map(int, set(places.translate(None, _LETTERS).split()))])
        start += len(piece)
    yield max((_number(letters.decode()) for letters in columns), default=0), height


def _parsed(content: bytes) -> tuple[int, int]:
    """Return columns and rows as a parser sees them, rather more than fewer."""
    width = height = row = column = 0

    def element(name: str, attributes: dict[str, str]) -> None:
        nonlocal width, height, row, column
        name = name.rpartition(":")[2]
        if name == "row":
            row, column = max(_whole(attributes.get("r", "0")), row + 1), 0
        elif name == "c":
            place = _PLACE.fullmatch(attributes.get("r", "A1"))
            if place is None:
                raise broken()
            column = max(_number(place[1]), column + 1)
            width, height = max(width, column), max(height, row, _whole(place[2]))

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.Parse(content, True)
    return width, height


def _whole(digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal()):
        raise broken()
    return int(digits)


def _number(name: str) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number


def letters(number: int) -> str:
    """Return the name of the column of that number, from 1."""
    above, last = divmod(number - 1, 26)
    return (letters(above) if above else "") + chr(65 + last)


def too_long() -> Invalid:
    """Return the refusal of a table with too many rows or cells."""
    return Invalid(
        "表格过大：最多 %(rows)s 行。如果实际行数不多，请删除表格末尾的空行、空列后重试。",
        rows=MOST_ROWS,
    )


def broken() -> Invalid:
    """Return the refusal of what no reader could open."""
    return Invalid("文件已损坏或不是表格，无法读取。请用表格软件打开，另存为 .xlsx 后重试。")
