"""A kind of data that comes in and goes out: its columns, its importer and its exporter."""

import gc
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from govgrid.access import Actor, Power
from govgrid.errors import Invalid
from govgrid.sheets.outcome import Column, Note, Outcome
from govgrid.sheets.writing import Values, write_csv, write_sheet, write_template

Paths = tuple[str, ...]  # area paths below which rows are wanted
Writer = Callable[[BinaryIO, Iterable[Values]], int]


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be imported and exported; `writers` by file ending, the first is usual.

    `power` is asked of whoever imports or exports it. `rows` yields what lies below some areas, a few at a time. `follow_up` runs after an import in
    its transaction and returns what to tell of it.
    """

    key: str
    word: str
    importer: Callable[..., Outcome]
    rows: Callable[[Session, Paths], Iterable[Values]]
    writers: Mapping[str, Writer]
    columns: Sequence[Column] = ()
    power: Power = Power.KEEP
    follow_up: Callable[[Session, Actor | None, bytes], list[Note]] | None = None

    def load(
        self,
        db: Session,
        actor: Actor | None,
        data: bytes,
        name: str,
        *,
        at: datetime,
        **options: Any,
    ) -> Outcome:
        """Import a file with the kind's own options; in a session that only reads, a dry run."""
        with _no_collection():
            return self.importer(db, actor, data, name, at=at, **options)

    @property
    def endings(self) -> tuple[str, ...]:
        """Return the file endings in which it leaves, `.xlsx` and the like."""
        return tuple(self.writers)

    def writer(self, name: str) -> Writer:
        """Return the writer for that file name. Raise `Invalid` where the ending fits none."""
        for ending, writer in self.writers.items():
            if name.lower().endswith(ending):
                return writer
        raise Invalid(
            "“%(word)s”只能导出为 %(endings)s 文件，现为“%(name)s”。",
            word=self.word,
            endings="、".join(self.endings),
            name=name[-60:],
        )

    def template(self) -> bytes:
        """Return its template. Raise `Invalid` where it does not come in sheets."""
        if not self.columns:
            raise Invalid("“%(word)s”不是表格，没有模板。", word=self.word)
        stream = io.BytesIO()
        write_template(stream, self.columns, self.word)
        return stream.getvalue()


def sheet_kind(
    key: str,
    word: str,
    columns: Sequence[Column],
    load: Callable[..., Outcome],
    rows: Callable[[Session, Paths], Iterable[Values]],
    power: Power = Power.KEEP,
) -> Kind:
    """Return a kind that comes and goes in .xlsx and CSV."""

    def book(stream: BinaryIO, found: Iterable[Values]) -> int:
        return write_sheet(stream, columns, found, word)

    def lines(stream: BinaryIO, found: Iterable[Values]) -> int:
        return write_csv(stream, columns, found)

    return Kind(key, word, load, rows, {".xlsx": book, ".csv": lines}, columns, power)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector of cycles from walking a million rows again and again: a quarter of CPU."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def write_beside(path: Path, fill: Callable[[BinaryIO], int]) -> int:
    """Fill a file whole or not at all: written beside, synced, renamed. Return the rows."""
    if not path.parent.is_dir():
        raise Invalid("文件夹不存在：%(name)s", name=str(path.parent))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    beside = Path(name)
    with os.fdopen(handle, "w+b") as file:
        try:
            count = fill(file)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    beside.replace(path)
    return count
