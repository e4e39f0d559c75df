"""Binds PDFs to one: pages, bookmarks, title, the same bytes for the same parts."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from govgrid.clock import HERE

A4 = (595.276, 841.89)
"""Points."""
AT_A_TIME = 20
"""Parts whose bytes and objects are in memory together."""
SQUARES = re.compile(rb"\d+ \[ (?:1000 )+\] ")
"""Glyphs as wide as high, in a font's table of widths."""


def opened(pdf: bytes) -> pikepdf.Pdf:
    """Open a printed PDF; the caller closes it."""
    return pikepdf.open(BytesIO(pdf))


@contextmanager
def gathered(
    parts: Iterable[bytes], *, odd: bool = False
) -> Iterator[tuple[pikepdf.Pdf, list[int]]]:
    """Yield the parts as one PDF, and where they start, from 0; with `odd` each on an odd page.

    A few at a time go to a file, from which saving copies: in memory are neither all parts' bytes
    nor what stays behind in them, such as tags and attachments.
    """
    waiting = iter(parts)
    with ExitStack() as files:
        folder = Path(files.enter_context(TemporaryDirectory(prefix="govgrid-binding-")))
        target = files.enter_context(pikepdf.new())
        starts: list[int] = []
        while some := list(islice(waiting, AT_A_TIME)):
            path = folder / f"{len(starts)}.pdf"
            starts += (len(target.pages) + start for start in _volume(path, some, odd=odd))
            target.pages.extend(files.enter_context(pikepdf.open(path)).pages)
        yield target, starts


def put_before(target: pikepdf.Pdf, part: bytes) -> int:
    """Put the part's pages in front, filled up to an even number; return how many they are now."""
    with pikepdf.new() as front:
        _append(front, part, odd=True)
        for place, leaf in enumerate(front.pages):
            target.pages.insert(place, leaf)
        return len(front.pages)


def _volume(path: Path, parts: Iterable[bytes], *, odd: bool) -> list[int]:
    """Write the pages of a few parts to a file; return where they start, from 0."""
    with pikepdf.new() as volume:
        starts = [_append(volume, part, odd=odd) for part in parts]
        _shorten(volume)
        volume.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return starts


def _append(target: pikepdf.Pdf, part: bytes, *, odd: bool) -> int:
    start = len(target.pages)
    with opened(part) as pdf:
        target.pages.extend(pdf.pages)
    for leaf in target.pages[start:]:
        # They point into the structure tree that stayed behind in the single PDFs.
        for name in ("/StructParents", "/Tabs"):
            if name in leaf:
                del leaf[name]
    if odd and len(target.pages) % 2:
        target.add_blank_page(page_size=A4)
    return start


def _shorten(pdf: pikepdf.Pdf) -> None:
    """Leave a width that is the default unsaid: a Chinese font's are most of all objects."""
    for font in pdf.objects:
        if isinstance(font, pikepdf.Dictionary) and "/W" in font and "/DW" not in font:
            widths = font.W.unparse(resolved=True)
            font.W = pikepdf.Object.parse(SQUARES.sub(b"", widths))


def describe(target: pikepdf.Pdf, title: str, at: datetime) -> None:
    """Name the bound PDF; `at` (aware) is its creation date."""
    target.Root.Lang = pikepdf.String("zh-CN")
    target.Root.PageMode = pikepdf.Name.UseOutlines
    target.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    date_text = at.astimezone(HERE).strftime("D:%Y%m%d%H%M%S+08'00'")
    target.docinfo["/Title"] = title
    target.docinfo["/CreationDate"] = date_text
    target.docinfo["/ModDate"] = date_text


def saved(target: pikepdf.Pdf) -> bytes:
    """Return the bytes."""
    stream = BytesIO()
    target.save(stream, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return stream.getvalue()
