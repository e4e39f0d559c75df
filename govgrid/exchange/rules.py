"""Rules of the exchange: which heading likely means which column, what a file may look like."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from govgrid.errors import Invalid
from govgrid.sheets import Column, Kind, plain

ALIKE = 0.6  # of a heading's letters in common with ours
SHEETS = (".xlsx", ".csv", ".txt")


def suggest(headings: Iterable[str], columns: Sequence[Column]) -> dict[str, str]:
    """Return for each heading, written plain, the key of the column that it likely means.

    No column is suggested twice; a heading that resembles none is empty.
    """
    named = list(dict.fromkeys(plain(heading) for heading in headings))
    ranked = sorted(
        (
            (_likeness(heading, column), heading, column.key)
            for heading in named
            for column in columns
        ),
        key=lambda found: -found[0],
    )
    chosen: dict[str, str] = {}
    for likeness, heading, key in ranked:
        if likeness >= ALIKE and heading not in chosen and key not in chosen.values():
            chosen[heading] = key
    return {heading: chosen.get(heading, "") for heading in named}


def _likeness(heading: str, column: Column) -> float:
    if not heading:
        return 0
    ours = [plain(name) for name in (column.heading, *column.also)]
    if heading in ours:
        return 2 if heading == ours[0] else 1.5
    return max(SequenceMatcher(None, heading, name).ratio() for name in ours)


def check_upload(kind: Kind, name: str, data: bytes) -> None:
    """Raise `Invalid` where name and first bytes cannot be a file of that kind."""
    ending = "." + name.lower().rpartition(".")[2]
    allowed = SHEETS if kind.columns else (".geojson", ".json")
    if not data.strip():
        raise Invalid("文件是空的。")
    if ending not in allowed:
        raise Invalid(
            "只能上传 %(endings)s 文件，现为“%(name)s”。",
            endings="、".join(allowed),
            name=name[-60:],
        )
    packed = data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
    if ending == ".xlsx" and not data.startswith(b"PK\x03\x04"):
        raise Invalid("这不是 .xlsx 文件（或设有密码）。请用表格软件打开，另存为 .xlsx 后重试。")
    if ending != ".xlsx" and (packed or data.startswith(b"%PDF")):
        raise Invalid("文件内容与扩展名“%(ending)s”不符，请核对后重试。", ending=ending)
    if not kind.columns and not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        raise Invalid("文件不是 JSON（UTF-8 编码），无法读取。")
