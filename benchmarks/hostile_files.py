"""Files made to do harm, each by a few lines: what people and programs may send, at its worst.

`FILES` names each with where it is sent (`ENTRIES` in `hostile.py`), how it is called there, and
how it is made. Those that the tests send as well are made by them.
"""

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from tests.exchange.test_hostile import AREAS, package
from tests.exchange.test_hostile import HOSTILE as SHEETS
from tests.grid.test_busy import calendar
from tests.meetings.test_mail_hostile import HOSTILE as MAILS
from tests.showcase.site import photo
from tests.showcase.test_pictures import HOSTILE as PICTURES

MIB = 2**20
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Hostile(NamedTuple):
    """Where a file goes, its name there, and how it is made."""

    entry: str
    name: str
    make: Callable[[], bytes]


def zipped(*parts: tuple[str | zipfile.ZipInfo, bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", way) as made:
        for name, data in parts:
            made.writestr(name, data)
    return stream.getvalue()


def with_more(*parts: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """Return a sound workbook with more parts in its package."""
    stream = io.BytesIO(package({}))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts:
            made.writestr(name, data)
    return stream.getvalue()


def symlink() -> bytes:
    link = zipfile.ZipInfo("xl/worksheets/sheet2.xml")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return with_more((link, b"/etc/passwd"))


def overlapping(count: int) -> bytes:
    """Return a package whose many parts are all the same bytes of it: 4 MiB each, unpacked."""
    name, packed = b"xl/workbook.xml", zlib.compressobj(9, zlib.DEFLATED, -15)
    data = bytes(4 * MIB)
    body = packed.compress(data) + packed.flush()
    sizes = struct.pack("<III", zlib.crc32(data), len(body), len(data))
    local = b"PK\3\4" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes
    local += struct.pack("<HH", len(name), 0) + name + body
    directory = b""
    for number in range(count):
        called = name if number == 0 else b"xl/p%06d.xml" % number
        directory += b"PK\1\2" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes
        directory += struct.pack("<HHHHHII", len(called), 0, 0, 0, 0, 0, 0) + called
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(local), 0)
    return local + directory + b"PK\5\6" + end


def matryoshka(depth: int) -> bytes:
    data = b"x"
    for _ in range(depth):
        data = zipped(("xl/workbook.xml", data))
    return data


def flags(bit: int) -> bytes:
    """Return a workbook whose parts say that they are encrypted, or packed in a strange way."""
    data = bytearray(package({}))
    at = 0
    while (at := data.find(b"PK\1\2", at)) >= 0:
        data[at + 8] |= bit
        at += 4
    return bytes(data)


def markup(rows: str, head: str = '<?xml version="1.0"?>') -> bytes:
    text = f'{head}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return package({SHEET: text.encode("utf-8", "surrogatepass")})


def cell(place: str, inner: str, kind: str = "") -> str:
    return f'<row><c r="{place}"{kind}>{inner}</c></row>'


def rings(count: int) -> bytes:
    ring = [[104.0, 30.0], [104.1, 30.0], [104.1, 30.1], [104.0, 30.0]]
    return area(json.dumps([ring] * count))


def area(coordinates: str) -> bytes:
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        '{"code":"510107001001"},"geometry":{"type":"Polygon","coordinates":' + coordinates + "}}]}"
    ).encode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes, width: int = 8, height: int = 8) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(3 * width) for _ in range(min(height, 64))))
    end = chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + end


def scans(count: int) -> bytes:
    """Return a progressive JPEG whose last scan is told again and again."""
    stream = io.BytesIO()
    Image.effect_noise((1600, 1200), 80).convert("RGB").save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    at = data.rfind(b"\xff\xda")
    return data[:-2] + data[at:-2] * count + b"\xff\xd9"


def sized(width: int, height: int) -> bytes:
    """Return a JPEG that says it is larger than it is."""
    data = bytearray(photo((64, 48)))
    at = data.find(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def pdf(*objects: bytes) -> bytes:
    numbered = (b"%d 0 obj\n%b\nendobj\n" % (n, one) for n, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + b"".join(numbered) + b"trailer<</Root 1 0 R>>\n%%EOF"


def flate(size: int) -> bytes:
    packed = zlib.compress(bytes(size), 9)
    return b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed)


def rule(text: str) -> bytes:
    return calendar(f"DTSTART:20261201T010000Z\r\nDURATION:PT1H\r\nRRULE:{text}")


def case(text: str) -> bytes:
    return ('{"number": "GD-1", "source": "hotline", "category": ' + text + "}").encode(
        "utf-8", "surrogatepass"
    )


_NEW: dict[str, Hostile] = {
    # packages
    "a link in the package": Hostile("areas", "x.xlsx", symlink),
    "a path out of the package": Hostile("areas", "x.xlsx", lambda: with_more(("../../../tmp/x.xml", b"<x/>"))),
    "parts over one another": Hostile("areas", "x.xlsx", lambda: overlapping(400)),
    "parts over one another beyond count": Hostile("areas", "x.xlsx", lambda: overlapping(60_000)),
    "packages in packages": Hostile("areas", "x.xlsx", lambda: matryoshka(500)),
    "parts said to be encrypted": Hostile("areas", "x.xlsx", lambda: flags(1)),
    "a package cut off": Hostile("areas", "x.xlsx", lambda: package({})[:-200]),
    "a package without end": Hostile("areas", "x.xlsx", lambda: package({}).replace(b"PK\5\6", b"PK\0\0")),
    "a part twice": Hostile("areas", "x.xlsx", lambda: with_more(("XL/WORKBOOK.XML", b"<x/>"))),
    "a document, not a book": Hostile("areas", "x.xlsx", lambda: zipped(("word/document.xml", b"<x/>"))),
    "an old book": Hostile("areas", "x.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)),
    "packed by bzip2": Hostile("areas", "x.xlsx", lambda: zipped(("xl/workbook.xml", bytes(200 * MIB)), way=zipfile.ZIP_BZIP2)),
    # markup of sheets
    "the farthest cell": Hostile("areas", "x.xlsx", lambda: markup(cell("XFD1048576", "<v>1</v>"))),
    "a cell beyond every sheet": Hostile("areas", "x.xlsx", lambda: markup(cell("ZZZ9999999", "<v>1</v>"))),
    "rows without numbers": Hostile("areas", "x.xlsx", lambda: markup("<row/>" * 2_000_000)),
    "cells without places": Hostile("areas", "x.xlsx", lambda: markup("<row>" + "<c/>" * 1_000_000 + "</row>")),
    "markup 200,000 deep": Hostile("areas", "x.xlsx", lambda: markup("<a>" * 200_000 + "</a>" * 200_000)),
    "a tag with 200,000 attributes": Hostile("areas", "x.xlsx", lambda: markup("<row " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>")),
    "markup in utf-7": Hostile("areas", "x.xlsx", lambda: markup("", '<?xml version="1.0" encoding="utf-7"?>')),
    "a string that is not there": Hostile("areas", "x.xlsx", lambda: markup(cell("A1", "<v>99999999</v>", ' t="s"'))),
    "numbers beyond numbers": Hostile("cases", "x.xlsx", lambda: markup(cell("A1", "<v>1e999</v>") + cell("A2", "<v>NaN</v>") + cell("A3", "<v>-1e300</v>", ' s="1"'))),
    "a name of a megabyte": Hostile("areas", "x.xlsx", lambda: package({"xl/workbook.xml": (f'<workbook xmlns="{MAIN}"><sheets><sheet name="' + "x" * MIB + '" sheetId="1"/></sheets></workbook>').encode()})),
    "half a character": Hostile("areas", "x.xlsx", lambda: markup(cell("A1", "<is><t>\ud800</t></is>", ' t="inlineStr"'))),
    "a formula of a megabyte": Hostile("areas", "x.xlsx", lambda: markup(cell("A1", "<f>" + "1+" * 500_000 + "1</f>"))),
    # text
    "nothing but zeros": Hostile("areas", "x.csv", lambda: bytes(8 * MIB)),
    "commas alone": Hostile("areas", "x.csv", lambda: AREAS.encode() + b"\n" + b"," * 3_000_000),
    "line ends alone": Hostile("areas", "x.csv", lambda: AREAS.encode() + b"\n" * 8_000_000),
    "returns alone": Hostile("areas", "x.csv", lambda: AREAS.encode() + b"\r" * 8_000_000),
    "headings without end": Hostile("areas", "x.csv", lambda: ",".join(f"列{n}" for n in range(200_000)).encode()),
    "a code of a megabyte": Hostile("areas", "x.csv", f"{AREAS}\n{'5' * MIB},市,市,".encode),
    "times out of time": Hostile("cases", "x.csv", "工单编号,来源,诉求类别,小区编号,受理时间\nA,12345,停车,XQ-JH,9999-12-31 23:59\nB,12345,停车,XQ-JH,0001-01-01 00:00\nC,12345,停车,XQ-JH,99999999999999999999\nD,12345,停车,XQ-JH,-1e300".encode),
    "a picture called a table": Hostile("areas", "x.csv", photo),
    "a table called a picture": Hostile("areas", "x.png", AREAS.encode),
    # maps and years
    "coordinates 100,000 deep": Hostile("boundaries", "x.geojson", lambda: area("[" * 100_000 + "]" * 100_000)),
    "a ring of two million corners": Hostile("boundaries", "x.geojson", lambda: area("[[" + ",".join(["[104.0,30.0]"] * 2_000_000) + "]]")),
    "coordinates that are no numbers": Hostile("boundaries", "x.geojson", lambda: area('[[[NaN,30],[Infinity,30],["x",null],[104,30]]]')),
    "coordinates beyond the earth": Hostile("boundaries", "x.geojson", lambda: area("[[[1e308,-1e308],[1e308,1e308],[-1e308,1e308],[1e308,-1e308]]]")),
    "20,000 rings": Hostile("boundaries", "x.geojson", lambda: rings(20_000)),
    "a number of 100,000 digits": Hostile("boundaries", "x.geojson", lambda: area("[[[" + "9" * 100_000 + ",30]]]")),
    "a year of 100,000 digits": Hostile("workdays", "x.json", lambda: b'{"year": ' + b"2" * 100_000 + b', "days": []}'),
    # papers
    "a paper that acts": Hostile("attach", "x.pdf", lambda: pdf(b"<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>")),
    "a paper that unpacks to a gigabyte": Hostile("attach", "x.pdf", lambda: pdf(b"<</Type/Catalog>>", flate(1024 * MIB))),
    "a paper that is a page, too": Hostile("attach", "x.pdf", lambda: b"<html><script>alert(1)</script>%PDF-1.4"),
    "a page called a paper": Hostile("attach", "x.pdf", lambda: b"%PDF-1.4\n<script>alert(1)</script>"),
    "a name that is a header": Hostile("attach", 'x"\r\nSet-Cookie: a=b\r\n\r\n.pdf', lambda: b"%PDF-1.4"),
    "a name that is a path": Hostile("attach", "../../../../etc/cron.d/x.pdf", lambda: b"%PDF-1.4"),
    "a drawing that acts": Hostile("attach", "x.svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    "a drawing that unfolds": Hostile("photo", "x.svg", lambda: b'<!DOCTYPE svg [<!ENTITY a "' + b"a" * 99_999 + b'">]><svg>' + b"&a;" * 99_999 + b"</svg>"),
    # pictures
    "a comment that unpacks to a gigabyte": Hostile("photo", "x.png", lambda: png(chunk(b"zTXt", b"c\0\0" + zlib.compress(bytes(1024 * MIB), 9)))),
    "colours that unpack to a gigabyte": Hostile("photo", "x.png", lambda: png(chunk(b"iCCP", b"c\0\0" + zlib.compress(bytes(1024 * MIB), 9)))),
    "200,000 small chunks": Hostile("photo", "x.png", lambda: png(chunk(b"tEXt", b"a\0b") * 200_000)),
    "20,000 frames": Hostile("photo", "x.png", lambda: png(chunk(b"acTL", struct.pack(">II", 20_000, 0)))),
    "a picture that is cut off": Hostile("photo", "x.png", lambda: png(width=4000, height=4000)),
    "400 scans": Hostile("photo", "x.jpg", lambda: scans(400)),
    "the largest jpeg there can be": Hostile("photo", "x.jpg", lambda: sized(65_535, 65_535)),
    "a jpeg that says it is large": Hostile("photo", "x.jpg", lambda: sized(10_000, 5_000)),
    "evidence that is a drawing": Hostile("report", "x.jpg", lambda: b"<svg onload='alert(1)'/>"),
    # calendars
    "every second for ever": Hostile("busy", "x.ics", lambda: rule("FREQ=SECONDLY")),
    "never, for ever": Hostile("busy", "x.ics", lambda: rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
    "a rule of a megabyte": Hostile("busy", "x.ics", lambda: rule("FREQ=DAILY;BYSECOND=" + ",".join(["1"] * 400_000))),
    "100,000 dates": Hostile("busy", "x.ics", lambda: calendar("DTSTART:20261201T010000Z\r\nRDATE:" + ",".join(["20261201T010000Z"] * 100_000))),
    "20,000 events": Hostile("busy", "x.ics", lambda: calendar(*["DTSTART:20261201T010000Z\r\nDURATION:PT1H"] * 20_000)),
    "an event of ten thousand years": Hostile("busy", "x.ics", lambda: calendar("DTSTART:00010101T000000Z\r\nDTEND:99991231T235959Z")),
    "a zone that is a file": Hostile("busy", "x.ics", lambda: calendar("DTSTART;TZID=/etc/passwd:20261201T010000\r\nDURATION:PT1H")),
    "components 50,000 deep": Hostile("busy", "x.ics", lambda: b"BEGIN:VCALENDAR\r\n" * 50_000),
    # what programs send
    "a case 100,000 deep": Hostile("api", "", lambda: case("[" * 100_000 + "]" * 100_000)),
    "a case with a long number": Hostile("api", "", lambda: case("9" * 100_000)),
    "a case with half a character": Hostile("api", "", lambda: case('"\\ud800"')),
    "a case of 1 MiB": Hostile("api", "", lambda: case('"' + "x" * MIB + '"')),
    "a case of another encoding": Hostile("api", "", lambda: case('"停车"').decode().encode("utf-16")),
    "a case that is no object": Hostile("api", "", lambda: b"NaN"),
    "a case with a NUL": Hostile("api", "", lambda: case('"a\\u0000b"')),
}  # fmt: skip

FILES: dict[str, Hostile] = {
    **{f"sheet: {name}": Hostile("areas", called, make) for name, (called, make, _told) in SHEETS.items()},
    **{f"photo: {name}": Hostile("photo", "x.jpg", lambda data=data: data) for name, data in PICTURES.items()},
    **{f"mail: {name}": Hostile("reply", "x.eml", lambda data=data: data) for name, data in MAILS.items()},
    **_NEW,
}  # fmt: skip
