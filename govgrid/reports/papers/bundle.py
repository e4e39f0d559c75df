"""Printed reports bound as one PDF, each with its bookmark."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime

import pikepdf

from govgrid.press.binding import append, describe, opened, saved


def bound(title: str, parts: Sequence[tuple[str, bytes]], at: datetime) -> bytes:
    """Return one PDF of the named parts in their order; `at` (aware) is its creation date."""
    with ExitStack() as kept, pikepdf.new() as target:
        sources = [kept.enter_context(opened(data)) for _name, data in parts]
        starts = append(target, sources)
        with target.open_outline() as outline:
            for (name, _data), start in zip(parts, starts, strict=True):
                outline.root.append(pikepdf.OutlineItem(name, start))
        describe(target, title, at)
        return saved(target)
