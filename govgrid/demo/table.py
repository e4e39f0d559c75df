"""From rows of values to the CSV bytes of an import sheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from govgrid.clock import HERE


def csv_bytes(headings: str, rows: Iterable[Sequence[object]]) -> bytes:
    """Return CSV in UTF-8 with the headings, given as words between spaces."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings.split())
    writer.writerows([_shown(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _shown(value: object) -> str:
    """Return a value as the import columns want it: empty, 是/否, local time, list with ；."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{value.astimezone(HERE):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case tuple():
            return ";".join(map(str, value))
        case _:
            return str(value)
