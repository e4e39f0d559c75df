"""Workbooks for tests: filled by a function, or with a part of theirs rewritten."""

import io
import zipfile
from collections.abc import Callable

from xlsxwriter import Workbook


def workbook(fill: Callable[[Workbook], object]) -> bytes:
    stream = io.BytesIO()
    with Workbook(stream) as book:
        fill(book)
    return stream.getvalue()


def altered(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(stream, "w") as made:
        for name in given.namelist():
            content = given.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            made.writestr(name, content)
    return stream.getvalue()
