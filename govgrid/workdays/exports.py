"""Export of a year's notice in the open holiday-cn JSON form."""

import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.errors import NotFound
from govgrid.sheets import Kind, Paths, Values
from govgrid.words import N_
from govgrid.workdays.imports import load
from govgrid.workdays.models import WorkdayNotice
from govgrid.workdays.queries import imported


def rows(db: Session, _paths: Paths = (), year: int | None = None) -> Iterator[Values]:
    """Yield the days of the notice for that year, or the newest; first the notice itself."""
    year = year or db.scalar(select(func.max(WorkdayNotice.year)))
    notice = imported(db, year) if year else None
    if notice is None:
        raise NotFound("系统中没有导入过放假通知，无可导出。")
    document = notice.document()
    yield {"year": notice.year, "papers": notice.papers}
    yield from document["days"]


def write(stream: BinaryIO, found: Iterable[Values]) -> int:
    """Write the notice and its days as one document; return how many days."""
    notice, *days = found
    document = {**notice, "days": days}
    stream.write(json.dumps(document, ensure_ascii=False, indent=1).encode())
    return len(days)


KIND = Kind("workdays", N_("工作日安排"), load, rows, {".json": write})
