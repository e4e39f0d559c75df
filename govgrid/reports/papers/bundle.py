"""Printed reports bound as one PDF, each with its bookmark."""

from collections.abc import Sequence
from datetime import datetime

import pikepdf

from govgrid.press.binding import describe, gathered, saved


def bound(title: str, parts: Sequence[tuple[str, bytes]], at: datetime) -> bytes:
    """Return one PDF of the named parts in their order; `at` (aware) is its creation date."""
    with gathered(data for _name, data in parts) as (target, starts):
        with target.open_outline() as outline:
            for (name, _data), start in zip(parts, starts, strict=True):
                outline.root.append(pikepdf.OutlineItem(name, start))
        describe(target, title, at)
        return saved(target)
