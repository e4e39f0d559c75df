"""Binds PDFs to one: pages, bookmarks, title, the same bytes for the same parts."""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO

import pikepdf

from govgrid.clock import HERE

A4 = (595.276, 841.89)
"""Points."""


def opened(pdf: bytes) -> pikepdf.Pdf:
    """Open a printed PDF; the caller closes it."""
    return pikepdf.open(BytesIO(pdf))


def append(target: pikepdf.Pdf, parts: Iterable[pikepdf.Pdf], *, odd: bool = False) -> list[int]:
    """Append every part, with `odd` each from an odd page; return where they start, from 0."""
    starts = []
    for part in parts:
        starts.append(len(target.pages))
        target.pages.extend(part.pages)
        if odd and len(target.pages) % 2:
            target.add_blank_page(page_size=A4)
    for leaf in target.pages:
        # They point into the structure tree that stayed behind in the single PDFs.
        for name in ("/StructParents", "/Tabs"):
            if name in leaf:
                del leaf[name]
    return starts


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
